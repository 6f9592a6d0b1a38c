/** Models of text, JSON and text keys, with the plugin and without, and a table that no odd text may ever reach. */
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, type LoggedEntry, readLog, select } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface Side {
  readonly sequelize: Sequelize;
  /** With an id of its own. */
  readonly Note: ModelStatic<Any>;
  /** Named by text. */
  readonly Keyed: ModelStatic<Any>;
}

export interface World extends Side {
  readonly audit: Audit;
  /** The same models over tables of their own, on an instance without the plugin. */
  readonly bare: Side;
}

export async function world(database: Database): Promise<World> {
  const [audited, plain] = [await connect(database), await connect(database)];
  const audit = attachAudit(audited, { onUnaudited: 'ignore' });
  const bare = define(plain, 'Bare');
  const given = { ...define(audited, ''), audit, bare };
  await plain.sync();
  await audited.sync();
  await audited.query('CREATE TABLE Canaries (id INTEGER)');
  await audited.query('INSERT INTO Canaries VALUES (1)');
  for (const { Note, Keyed } of [given, bare]) {
    await Note.create({ name: 'first', data: { a: 1 } });
    await Keyed.create({ key: 'first', name: 'first' });
  }
  return given;
}

function define(sequelize: Sequelize, prefix: string): Side {
  const options = { timestamps: false };
  return {
    sequelize,
    Note: sequelize.define<Any>(
      'Note',
      { name: DataTypes.STRING, data: DataTypes.JSON, size: DataTypes.INTEGER },
      { ...options, tableName: `${prefix}Notes` },
    ),
    Keyed: sequelize.define<Any>(
      'Keyed',
      { key: { type: DataTypes.STRING, primaryKey: true }, name: DataTypes.STRING },
      { ...options, tableName: `${prefix}Keyeds` },
    ),
  };
}

/** Everything that the tables and the log hold, by plain SQL. */
export async function stored(given: World): Promise<readonly [Record<string, unknown>, readonly LoggedEntry[]]> {
  return [await rowsOf(given), await readLog(given.sequelize)];
}

/** The rows in the form of the log. JSON is read as text, for drivers parse it or do not. */
async function rowsOf({ sequelize, Note, Keyed }: World): Promise<Record<string, unknown>> {
  const isPostgres = sequelize.getDialect() === 'postgres';
  const quoted = (name: string) => (isPostgres ? `"${name}"` : `\`${name}\``);
  const json = isPostgres ? 'data::text' : sequelize.getDialect() === 'sqlite' ? 'data' : 'CAST(data AS CHAR)';
  const read = (sql: string) => sequelize.query<Record<string, unknown>>(sql, { type: QueryTypes.SELECT });
  const notes = await read(`SELECT id, name, size, ${json} AS text FROM ${quoted(Note.tableName)}`);
  const keyed = await read(`SELECT ${quoted('key')}, name FROM ${quoted(Keyed.tableName)}`);
  return Object.fromEntries([
    ...notes.map(({ id, name, size, text }) => [
      `Note ${id}`,
      { id, name: bytes(name), size: number(size), data: typeof text === 'string' ? JSON.parse(text) : text },
    ]),
    // SQLite takes bytes for a text, in a key as well.
    ...keyed.map(({ key, name }) => {
      const id = bytes(key);
      return [`Keyed ${typeof id === 'string' ? id : JSON.stringify(id)}`, { key: id, name: bytes(name) }];
    }),
  ]) as Record<string, unknown>;
}

/** The log leads to the tables, nothing else was touched, and no object has become another. */
export async function expectExact(given: World): Promise<void> {
  const { sequelize } = given;
  const states = Object.entries(foldLog(await readLog(sequelize))).map(([name, state]) => [
    name,
    'size' in state ? { ...state, size: number(state.size) } : state,
  ]);
  expect(Object.fromEntries(states)).to.deep.equal(await rowsOf(given));
  expect(await select(sequelize, sequelize.getDialect() === 'postgres' ? 'canaries' : 'Canaries')).to.deep.equal([
    { id: 1 },
  ]);
  expectNoPollution();
}

const own = new Map(
  [Object.prototype, Array.prototype, Function.prototype].map((each) => [
    each,
    JSON.stringify(Reflect.ownKeys(each).map(String)),
  ]),
);

export function expectNoPollution(): void {
  for (const [prototype, keys] of own) expect(JSON.stringify(Reflect.ownKeys(prototype).map(String))).to.equal(keys);
  expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
}

/** A number that JSON has no number for, or no exact one, is text in the log. */
function number(value: unknown): unknown {
  return value === null || Number.isNaN(Number(value)) ? value : Number(value);
}

/** A Buffer in a column of text is told apart in the log. */
function bytes(value: unknown): unknown {
  return Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value;
}
