/** Runs programs with the audit attached, and lets the tables, read by plain SQL, say whether the log is right. */
import { isDeepStrictEqual } from 'node:util';
import { Op, QueryTypes, type Transaction } from 'sequelize';
import type { Patch } from '../../lib/patch/operation.js';
import { endAll, type Outcome, runStep, type World } from '../programs/run.js';
import { callsIn, type Step } from '../programs/step.js';
import { Savepoints } from './savepoints.js';
import { emptyWorld, type Session } from './session.js';
import { type Snapshot, snapshot } from './snapshot.js';
import type { Statistics } from './statistics.js';
import { type Entry, undo, verify } from './verify.js';

/** @throws Error when the log is wrong after some step, which the message names */
export async function judge(session: Session, program: readonly Step[], statistics: Statistics): Promise<void> {
  const world = await emptyWorld(session);
  const trial = new Trial(session, world, statistics);
  try {
    for (const [index, step] of program.entries()) {
      await trial.run(step).catch((error: unknown) => {
        throw new Error(`After step ${index + 1}, ${step.kind}: ${String(error)}`, { cause: error });
      });
    }
    await trial.end();
    statistics.programs += 1;
  } finally {
    await endAll(world, 'rollback');
  }
}

class Trial {
  readonly #session: Session;
  readonly #world: World;
  readonly #statistics: Statistics;
  readonly #paranoid: ReadonlySet<string>;
  /** What is committed and checked. */
  #log: Entry[] = [];
  readonly #checked: { readonly state: Snapshot; readonly entries: number }[] = [{ state: new Map(), entries: 0 }];
  /** The tables as they were checked last, and after each step since that was not rolled back. */
  #states: Snapshot[] = [new Map()];
  /** How many states there were when each savepoint was set. */
  readonly #savepoints: Savepoints;
  /** After an error PostgreSQL lets nothing happen until a rollback. */
  #isAborted = false;
  #isSingle = true;

  constructor(session: Session, world: World, statistics: Statistics) {
    this.#session = session;
    this.#world = world;
    this.#statistics = statistics;
    this.#savepoints = new Savepoints(session.sequelize.getDialect());
    this.#paranoid = new Set(session.schema.models.filter(({ paranoid }) => paranoid).map(({ name }) => name));
  }

  async run(step: Step): Promise<void> {
    // A program goes on after an error as an application would: with a rollback.
    if (this.#isAborted && step.kind !== 'commit' && step.kind !== 'rollback') await this.#run({ kind: 'rollback' });
    await this.#run(step);
  }

  /** Ends the program: commits what is open, and undoes the whole log. */
  async end(): Promise<void> {
    while (this.#world.transactions.length > 0) await this.#run({ kind: 'commit' });

    let records = this.#checked.at(-1)?.state as Snapshot;
    let end = this.#log.length;
    for (const { state, entries } of this.#checked.toReversed()) {
      records = undo(records, this.#log.slice(entries, end));
      end = entries;
      if (!isDeepStrictEqual(records, state))
        throw new Error('The inverted patches lead to another state than there was');
    }
    await this.#askVerify();
  }

  /** What is right by plain SQL has to be right by the library, too. */
  async #askVerify(): Promise<void> {
    const { differences, counts } = await this.#session.audit.verify();
    if (differences.length > 0) throw new Error(`verify raises a false alarm: ${JSON.stringify(differences)}`);
    const { size } = this.#states.at(-1) as Snapshot;
    if (counts.rows !== size || counts.entries !== this.#log.length)
      throw new Error(
        `verify compares too little: ${JSON.stringify(counts)} of ${size} rows, ${this.#log.length} entries`,
      );
  }

  async #run(step: Step): Promise<void> {
    const { transactions } = this.#world;
    const innermost = transactions.at(-1);
    const isRoot = transactions.length === 1;
    const place = this.#states.length;
    const outcome = await runStep(this.#world, step);

    refuseErrorOfOurs(step, outcome);
    this.#savepoints.note(transactions, place);
    this.#isSingle &&= isSingle(step, this.#session);
    const isRefused = 'error' in outcome;
    if (innermost && isRoot && (step.kind === 'rollback' || (step.kind === 'commit' && isRefused)))
      this.#rolledBackTo(1);
    else if (innermost && step.kind === 'rollback' && !isRefused)
      this.#rolledBackTo(this.#savepoints.rollBackTo(innermost));

    if (transactions.length > 0) await this.#inside(step, isRefused);
    else await this.#outside(step, isRefused, innermost !== undefined);
  }

  #rolledBackTo(place: number): void {
    this.#states.length = place;
    this.#isAborted = false;
  }

  async #inside(step: Step, isRefused: boolean): Promise<void> {
    const innermost = this.#world.transactions.at(-1) as Transaction;
    const now = this.#isAborted ? null : await this.#read(innermost, isRefused);
    this.#isAborted = now === null;
    if (now === null) return this.#count(step, isRefused, 0);
    const last = this.#states.at(-1) as Snapshot;
    if (callsIn(step).length === 0 && !isDeepStrictEqual(now, last))
      throw new Error('The tables are not as they were left');
    this.#states.push(now);
    this.#count(step, isRefused, changedModels(last, now));
    if (step.kind === 'peek') this.#verify(await this.#peek(innermost));
  }

  async #outside(step: Step, isRefused: boolean, isEnd: boolean): Promise<void> {
    // PostgreSQL answers the COMMIT of such a transaction with ROLLBACK.
    if (this.#isAborted) this.#rolledBackTo(1);
    const now = await snapshot(this.#world.sequelize, this.#world.models, null);
    const last = this.#states.at(-1) as Snapshot;
    if (callsIn(step).length === 0 && !isDeepStrictEqual(now, last))
      throw new Error('The tables are not as they were left');
    this.#states.push(now);
    this.#count(step, isRefused, changedModels(last, now));

    const entries = await this.#committed();
    this.#verify(entries);
    if (isEnd && new Set(entries.map(({ changesetId }) => changesetId)).size > 1) {
      throw new Error('The entries of one transaction have several changesets');
    }
    const known = new Set(this.#log.map(({ changesetId }) => changesetId));
    if (entries.some(({ changesetId }) => known.has(changesetId))) throw new Error('A changeset appears again');
    this.#log = [...this.#log, ...entries];
    this.#checked.push({ state: now, entries: this.#log.length });
    this.#states = [now];
    this.#savepoints.clear();
    this.#isSingle = true;
    this.#statistics.entries += entries.length;
    if (isEnd && step.kind === 'commit') this.#statistics.committed += 1;
    if (isEnd && step.kind === 'rollback') this.#statistics.rolledBack += 1;
  }

  #verify(entries: readonly Entry[]): void {
    verify({ states: this.#states, entries, isSingle: this.#isSingle, paranoid: this.#paranoid });
  }

  #count(step: Step, isRefused: boolean, changed: number): void {
    this.#statistics.steps += 1;
    this.#statistics.count(step, isRefused, changed);
  }

  /** @returns null when the transaction is aborted, which only a step that failed may have done */
  async #read(transaction: Transaction, mayFail: boolean): Promise<Snapshot | null> {
    return snapshot(this.#world.sequelize, this.#world.models, transaction).catch((error: unknown) => {
      if (mayFail && (error as { original?: { code?: string } }).original?.code === '25P02') return null;
      throw error;
    });
  }

  get #lastId(): number {
    return this.#log.at(-1)?.id ?? 0;
  }

  /** The entries since the last check, by the model, as an application reads them in its transaction. */
  async #peek(transaction: Transaction): Promise<Entry[]> {
    const where = { id: { [Op.gt]: this.#lastId } };
    const rows = await this.#session.audit.AuditLog.findAll({ where, order: ['id'], transaction });
    return rows.map((row) => entryOf(row.get() as unknown as Record<string, unknown>));
  }

  async #committed(): Promise<Entry[]> {
    const { sequelize } = this.#world;
    const quote = (name: string) => (sequelize.getDialect() === 'postgres' ? `"${name}"` : `\`${name}\``);
    const rows = await sequelize.query<Record<string, unknown>>(
      `SELECT * FROM ${quote(this.#session.audit.AuditLog.tableName)} WHERE id > ${this.#lastId} ORDER BY id`,
      { type: QueryTypes.SELECT },
    );
    return rows.map(entryOf);
  }
}

/** The application's calls may fail for what the database says, not for what we do. */
function refuseErrorOfOurs(step: Step, outcome: Outcome): void {
  if (!('error' in outcome)) return;
  const { code, parent, stack = '' } = outcome.error as { code?: string; parent?: unknown; stack?: string };
  const thrownIn = stack.split('\n').find((line) => line.startsWith('    at ')) ?? '';
  // The stack of what the database refuses begins where we have caught it.
  const isThrownByUs = !parent && /\blib\W(capture|record|log|patch|history)\W/.test(thrownIn);
  const isOurs = code?.startsWith('ERR_AUDIT_') || isThrownByUs;
  if (callsIn(step).length > 0 && !isOurs) return;
  throw new Error(`The call failed: ${stack}`, { cause: outcome.error });
}

/** How many models have rows that differ. */
function changedModels(before: Snapshot, after: Snapshot): number {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)));
  return new Set(changed.map((name) => name.split(' ')[0])).size;
}

function entryOf(row: Record<string, unknown>): Entry {
  return {
    id: Number(row.id),
    modelName: String(row.modelName),
    recordId: String(row.recordId),
    action: String(row.action),
    patch: (typeof row.patch === 'string' ? JSON.parse(row.patch) : row.patch) as Patch,
    changesetId: String(row.changesetId),
  };
}

/** Whether the step sends one statement that writes, which can change no record twice. */
function isSingle(step: Step, { schema }: Session): boolean {
  const [call, ...others] = callsIn(step);
  if (!call) return true;
  if (others.length > 0 || call.kind === 'associate' || call.kind === 'nested' || call.options.individualHooks)
    return false;
  const isDestroy = call.kind === 'destroy' || (call.kind === 'query' && call.method === 'delete');
  return !(isDestroy && schema.associations.some(({ hooks }) => hooks));
}
