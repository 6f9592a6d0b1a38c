/** A variant in a process of its own: the end of it that measures, and the end that is measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { QueryTypes, type Sequelize } from 'sequelize';
import { recordSent } from '../test/setup/sent.js';
import { loads, type Subject } from './loads.js';
import { defineUser } from './models.js';
import { type Database, open } from './places.js';
import { type Variant, variants } from './variants.js';

/** What a process is told when it starts. */
export interface Start {
  /** Its place among the variants. */
  readonly variant: number;
  readonly database: Database;
  readonly share: number;
}

/** One round. */
export interface Round {
  /** null where it went well. */
  readonly failure: string | null;
  /** Milliseconds. */
  readonly time: number;
  readonly statements: number;
  /** Milliseconds of each single write, where the load tells. */
  readonly writes: readonly number[];
  /** Entries that it left; null where they were not counted. */
  readonly entries: number | null;
}

/** Creates, updates and destroys before the first round. */
const warmWrites = 300;

/** Updates in a transaction before it. */
const warmUpdates = 2000;

/** Milliseconds that many clients are at work before it. */
const warmClientsFor = 1000;

/** Rounds of which the entries are counted, as that takes longer the more there are. */
const countedRounds = 3;

export class Runner {
  readonly variant: Variant;
  readonly #child: ChildProcess;
  #keepsLog = false;

  private constructor(variant: Variant, child: ChildProcess) {
    this.variant = variant;
    this.#child = child;
  }

  static async start(variant: number): Promise<Runner> {
    const child = fork(new URL(import.meta.url), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // It listens only once it has loaded what it measures.
    await asked(child, null);
    return new Runner(variants[variant] as Variant, child);
  }

  /** Goes to a database, from the one before. */
  async open(start: Start): Promise<void> {
    const { keepsLog } = (await asked(this.#child, start)) as { keepsLog: boolean };
    this.#keepsLog = keepsLog;
  }

  get keepsLog(): boolean {
    return this.#keepsLog;
  }

  /** @param load its place among the loads */
  run(load: number, round: number): Promise<Round> {
    return asked(this.#child, { load, round }) as Promise<Round>;
  }

  stop(): void {
    this.#child.kill();
  }
}

/** @param question null waits for what it says by itself */
function asked(child: ChildProcess, question: object | null): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error('The process of a variant has ended'));
    child.once('exit', died);
    child.once('message', (answer) => {
      child.off('exit', died);
      resolve(answer);
    });
    if (question) child.send(question);
  });
}

interface Measured extends Subject {
  readonly log: string | null;
  /** The statements that have been sent. */
  readonly sent: readonly string[];
}

async function subjectOf({ variant, database, share }: Start): Promise<Measured> {
  const sequelize = await open(database);
  const sent = recordSent(sequelize);
  const attached = (variants[variant] as Variant).attach(sequelize);
  const User = defineUser(sequelize);
  const Other = defineUser(sequelize, 'Other');
  attached.onModel?.(User as never);
  await sequelize.sync();
  await attached.onTables?.();
  // The first writes read catalogs and plan statements, and the first hundreds are what Node has yet to compile.
  for (let turn = 0; turn < Math.max(5, warmWrites * share); turn += 1) {
    const user = await User.create({ name: 'warm' });
    await user.update({ name: 'warmer' });
    await user.destroy();
  }
  await sequelize.transaction(async (transaction) => {
    const user = await User.create({ name: 'warm' }, { transaction });
    for (let turn = 0; turn < warmUpdates * share; turn += 1) await user.update({ name: `${turn}` }, { transaction });
  });
  const subject = { sequelize, User, Other, log: attached.log, sent };
  if (share === 1) await warmClients(subject);
  return subject;
}

/** What many do at once opens connections, each of which plans its statements. */
async function warmClients(subject: Subject): Promise<void> {
  const load = loads(1).find(({ hasWrites }) => hasWrites);
  const start = performance.now();
  for (let round = 0; performance.now() - start < warmClientsFor; round += 1)
    await load?.run(subject, (await load.prepare?.(subject, round)) as never, round);
}

async function measure(subject: Measured, share: number, place: number, round: number): Promise<Round> {
  const load = loads(share)[place] as ReturnType<typeof loads>[number];
  try {
    const prepared = await load.prepare?.(subject, round);
    const isCounted = subject.log !== null && round < countedRounds;
    const ready = isCounted ? await countOf(subject.sequelize, subject.log) : 0;
    const { length } = subject.sent;
    const begun = performance.now();
    const result = await load.run(subject, prepared as never, round);
    const time = performance.now() - begun;
    const statements = subject.sent.length - length;
    const entries = isCounted ? (await countOf(subject.sequelize, subject.log)) - ready : null;
    return { failure: null, time, statements, writes: load.hasWrites ? (result as number[]) : [], entries };
  } catch (error) {
    const failure = (error as Error).message.split('\n')[0] as string;
    return { failure, time: 0, statements: 0, writes: [], entries: null };
  }
}

async function countOf(sequelize: Sequelize, log: string | null): Promise<number> {
  const table = sequelize.getDialect() === 'postgres' ? `"${log}"` : `\`${log}\``;
  const [row] = await sequelize.query<{ n: number | string }>(`SELECT count(*) AS n FROM ${table}`, {
    type: QueryTypes.SELECT,
  });
  return Number(row?.n);
}

if (process.send) {
  // sequelize-version and others print what they do.
  console.info = () => undefined;
  // Sequelize makes text of a stack trace in each statement of SQLite, which tsx would have translated.
  process.setSourceMapsEnabled(false);
  let subject: Measured | undefined;
  let share = 1;
  process.on('message', async (question: Start | { load: number; round: number }) => {
    if ('database' in question) {
      await subject?.sequelize.close();
      subject = await subjectOf(question);
      share = question.share;
      process.send?.({ keepsLog: subject.log !== null });
    } else process.send?.(await measure(subject as Measured, share, question.load, question.round));
  });
  process.send('ready');
}
