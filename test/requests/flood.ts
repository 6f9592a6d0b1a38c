/** A thousand requests at once against a real server, each of which writes in every way that could lose its user. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import type { Audit } from '../../lib/index.js';
import { startPostgres } from '../setup/databases.js';
import { readLog, select } from '../setup/oracle.js';
import type { Handle, Started } from './frameworks.js';

interface Pool {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

/** It has no types. */
const { Pool } = createRequire(import.meta.url)('pg') as { readonly Pool: new (options: object) => Pool };

export type Note = ModelStatic<Model<Record<string, unknown>, Record<string, unknown>>>;

/** The places in which a request could lose its user. */
type Place = 'stream' | 'timer' | 'pool' | 'transaction' | 'finish';

export function defineNote(sequelize: Sequelize): Note {
  return sequelize.define('Note', { title: DataTypes.STRING, place: DataTypes.STRING }, { timestamps: false });
}

/** A promise that others fulfil. */
function promised<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T | PromiseLike<T>) => void } {
  let resolve: (value: T | PromiseLike<T>) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

/** A door that opens for all when the last has come. */
export class Meeting {
  readonly #open = promised<void>();
  #missing: number;

  constructor(size: number) {
    this.#missing = size;
  }

  get opened(): Promise<void> {
    return this.#open.promise;
  }

  arrive(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing === 0) this.#open.resolve(undefined);
    return this.opened;
  }
}

/** A handler that writes notes of one user; each has the user's name, by which entries are judged. */
export class Writer {
  readonly #Note: Note;
  readonly #sequelize: Sequelize;
  readonly #pool: Pool | null;
  readonly #finishing: Promise<unknown>[] = [];

  private constructor(Note: Note, pool: Pool | null) {
    this.#Note = Note;
    this.#sequelize = Note.sequelize as Sequelize;
    this.#pool = pool;
  }

  static async of(Note: Note): Promise<Writer> {
    const isPostgres = Note.sequelize?.getDialect() === 'postgres';
    const { port = 0 } = isPostgres ? await startPostgres() : {};
    const login = { host: '127.0.0.1', port, user: 'postgres', password: 'postgres', database: 'postgres' };
    return new Writer(Note, isPostgres ? new Pool({ ...login, max: 3 }) : null);
  }

  readonly handle: Handle = async (user, incoming, response, parsed) => {
    const write = (place: Place) => this.#Note.create({ title: user, place });
    const finished = promised<unknown>();
    this.#finishing.push(finished.promise);
    response.on('finish', () => finished.resolve(write('finish')));

    const text = parsed === undefined ? await readInListeners(incoming, () => write('stream')) : parsed.text;
    expect(text).to.equal(textOf(user));
    if (parsed !== undefined) await write('stream');
    await nextTurn();
    await new Promise((resolve) => {
      setTimeout(() => resolve(write('timer')), user.length % 3);
    });
    await (this.#pool ? this.#pool.query('SELECT 1') : this.#sequelize.query('SELECT 1'));
    await write('pool');
    if (user.endsWith('0')) {
      await this.#sequelize.transaction(async (transaction) => {
        const note = await this.#Note.create({ title: user, place: 'none yet' }, { transaction });
        await note.update({ place: 'transaction' }, { transaction });
      });
    }
  };

  /** When the last `finish` has been told of, and written. */
  async finished(): Promise<void> {
    await Promise.all(this.#finishing);
    await this.#pool?.end();
  }
}

/** Sends `count` requests that are all inside before the first goes on, and judges the log. */
export async function flood(
  { port }: Pick<Started, 'port'>,
  { audit, Note, writer, meeting, count }: FloodParts,
): Promise<void> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const users = Array.from({ length: count }, (_, number) => `user:${number}`);

  const answers = await Promise.all(
    users.map((user, number) => send({ port, agent, user, meeting, isParsed: number % 2 === 0 })),
  );
  await writer.finished();
  agent.destroy();

  expect(new Set(answers)).to.deep.equal(new Set(['200 done']));
  const titles = new Map(
    (await select(Note.sequelize as Sequelize, Note.tableName)).map(({ id, title }) => [String(id), title]),
  );
  const log = await readLog(audit.sequelize);
  // Four notes of each, and one of every tenth that is made and changed.
  expect(titles.size).to.equal(count * 4.1);
  expect(log).to.have.lengthOf(count * 4.2);
  expect(log.filter(({ actor }) => actor === null)).to.deep.equal([]);
  expect(log.filter(({ actor, recordId }) => actor !== titles.get(recordId))).to.deep.equal([]);
}

export interface FloodParts {
  readonly audit: Audit;
  readonly Note: Note;
  readonly writer: Writer;
  readonly meeting: Meeting;
  readonly count: number;
}

interface Sending {
  readonly port: number;
  readonly agent?: Agent;
  readonly user?: string;
  /** The second half of the body is sent when it has opened. */
  readonly meeting?: Meeting;
  /** Whether the body is one that the framework parses. */
  readonly isParsed: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request. @returns its status and text */
export async function send({ port, agent, user, meeting, isParsed, headers }: Sending): Promise<string> {
  const text = textOf(user ?? '');
  const body = isParsed ? JSON.stringify({ text }) : text;
  const outgoing = request({
    ...(agent && { agent }),
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/api/notes',
    headers: {
      'content-type': isParsed ? 'application/json' : 'application/octet-stream',
      'content-length': body.length,
      ...(user && { 'x-user': user }),
      ...headers,
    },
  });
  outgoing.write(body.slice(0, 5));
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  await Promise.race([meeting?.opened, answered]);
  outgoing.end(body.slice(5));
  const [response] = await answered;
  let answer = '';
  for await (const chunk of response) answer += chunk;
  return `${response.statusCode} ${answer}`;
}

function textOf(user: string): string {
  return `a text of ${user}`;
}

/** By listeners alone, which Node calls where no promise has kept the context. */
function readInListeners(incoming: IncomingMessage, onEnd: () => Promise<unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    incoming.on('data', (chunk) => {
      text += chunk;
    });
    incoming.on('end', () => onEnd().then(() => resolve(text), reject));
  });
}
