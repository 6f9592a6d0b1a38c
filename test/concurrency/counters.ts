/** Records whose every write counts one up, so that the column `version` holds the order of their versions. */
import jsonPatch from 'fast-json-patch';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { type LoggedEntry, readLog, readTables } from '../setup/oracle.js';

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface WriteOptions {
  readonly transaction?: Transaction;
}

export function defineCounter(sequelize: Sequelize, name = 'Counter'): ModelStatic<Any> {
  return sequelize.define<Any>(
    name,
    { version: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 0 }, note: DataTypes.STRING },
    { timestamps: false },
  );
}

/** The ways to write one record; each counts it up by one, whatever the instance believes. */
const writes = [
  (Counter: ModelStatic<Any>, id: number, note: string, options: WriteOptions) =>
    Counter.update({ version: up(Counter), note }, { ...options, where: { id } }),
  (Counter: ModelStatic<Any>, id: number, _: string, options: WriteOptions) =>
    Counter.increment('version', { ...options, where: { id } }),
  (Counter: ModelStatic<Any>, id: number, note: string, options: WriteOptions) =>
    Counter.build({ id, version: -1 }, { isNewRecord: false }).update({ version: up(Counter), note }, options),
  async (Counter: ModelStatic<Any>, id: number, note: string, options: WriteOptions) => {
    const stale = (await Counter.findByPk(id, options)) as Any;
    await stale.set({ version: up(Counter), note: `${note} by an instance` }).save(options);
  },
] as const;

/** Writes a record in the way whose turn it is. */
export function write(Counter: ModelStatic<Any>, id: number, turn: number, options: WriteOptions): Promise<unknown> {
  const way = writes[turn % writes.length] as (typeof writes)[number];
  return way(Counter, id, `turn ${turn}`, options);
}

/** Tries until the database lets it through, as an application does that is asked to try again. */
export async function insisting<T>(task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** Whether the database gave up a statement because of another transaction. */
export function isConflict(error: unknown): boolean {
  const { code, errno } = (error as { original?: { code?: string; errno?: number } }).original ?? {};
  // serialization_failure, deadlock_detected; ER_LOCK_DEADLOCK, ER_CHECKREAD.
  return ['40001', '40P01'].includes(code ?? '') || [1213, 1020].includes(errno ?? 0);
}

/** What of a log is not a chain: links whose old value is not the new value before, and versions out of order. */
export function brokenLinks(log: readonly LoggedEntry[]): string[] {
  const states = new Map<string, unknown>();
  const broken: string[] = [];
  for (const { id, modelName, recordId, patch } of log) {
    const record = `${modelName} ${recordId}`;
    const before = states.get(record) ?? null;
    try {
      const { newDocument } = jsonPatch.applyPatch(structuredClone(before), structuredClone(patch) as never, true);
      const [from, to] = [before, newDocument].map((state) => (state as { version?: number } | null)?.version);
      if (to !== undefined && to !== (from ?? -1) + 1) broken.push(`entry ${id} of ${record}: ${from} → ${to}`);
      states.set(record, newDocument);
    } catch (error) {
      broken.push(`entry ${id} of ${record}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return broken;
}

/** What a test of order asks for: the links that are broken, the number of entries, and both states of the records. */
export async function readOrder(
  sequelize: Sequelize,
  Counter: ModelStatic<Any>,
): Promise<{ readonly broken: string[]; readonly entries: number; readonly log: readonly LoggedEntry[] }> {
  const log = await readLog(sequelize);
  const rows = await readTables([Counter]);
  const versions = Object.entries(rows).flatMap(([record, row]) => {
    const entries = log.filter(({ modelName, recordId }) => `${modelName} ${recordId}` === record).length;
    return entries === Number(row.version) + 1 ? [] : [`${record}: version ${row.version}, ${entries} entries`];
  });
  return { broken: [...brokenLinks(log), ...versions], entries: log.length, log };
}

function up(Counter: ModelStatic<Any>): never {
  const sequelize = Counter.sequelize as Sequelize;
  const column = sequelize.getDialect() === 'postgres' ? '"version"' : '`version`';
  return (sequelize.constructor as typeof Sequelize).literal(`${column} + 1`) as never;
}
