/**
 * What the database holds, read with plain SQL and folded without our code: the judge of every law.
 */
import jsonPatch from 'fast-json-patch';
import { type Model, type ModelStatic, QueryTypes, type Sequelize, type Transaction } from 'sequelize';

type Row = Record<string, unknown>;

/** One row of the log as the database holds it. */
export interface LoggedEntry {
  readonly id: number;
  readonly modelName: string;
  readonly recordId: string;
  readonly action: string;
  readonly patch: { op: string; path: string; value?: unknown }[];
  readonly changesetId: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: unknown;
}

/** The log, in its order. */
export async function readLog(
  sequelize: Sequelize,
  table = 'AuditLogs',
  transaction: Transaction | null = null,
): Promise<LoggedEntry[]> {
  const rows = await select(sequelize, table, transaction);
  return rows.map((row) => ({
    id: Number(row.id),
    modelName: String(row.modelName ?? row.model_name),
    recordId: String(row.recordId ?? row.record_id),
    action: String(row.action),
    patch: json(row.patch) as LoggedEntry['patch'],
    changesetId: String(row.changesetId ?? row.changeset_id),
    actor: row.actor as string | null,
    reason: row.reason as string | null,
    meta: json(row.meta),
  }));
}

/** The last state of every record that the log knows, by model and id; a record that is gone is absent. */
export function foldLog(entries: readonly LoggedEntry[]): Record<string, Row> {
  const states: Record<string, Row> = {};
  for (const { modelName, recordId, patch } of entries) {
    const name = `${modelName} ${recordId}`;
    const after = jsonPatch.applyPatch(
      structuredClone(states[name] ?? null),
      structuredClone(patch) as never,
      true,
    ).newDocument;
    if (after === null) delete states[name];
    else states[name] = after as Row;
  }
  return states;
}

/** The rows of some models' tables in the form of the log, for models of integers, text, JSON and dates. */
export async function readTables(
  models: readonly ModelStatic<Model>[],
  transaction: Transaction | null = null,
): Promise<Record<string, Row>> {
  const states: Record<string, Row> = {};
  for (const model of models) {
    const sequelize = model.sequelize as Sequelize;
    for (const row of await select(sequelize, model.tableName, transaction)) {
      const values = Object.entries(model.getAttributes()).map(([name, { field, type }]) => {
        const value = row[field ?? name];
        const { key } = type as unknown as { key: string };
        return [
          name,
          key.startsWith('JSON') ? json(value) : key === 'DATE' ? iso(value) : key === 'BOOLEAN' ? bool(value) : value,
        ];
      });
      const document = Object.fromEntries(values) as Row;
      const key = model.primaryKeyAttributes.map((name) => document[name]);
      states[`${model.name} ${key.length > 1 ? JSON.stringify(key) : String(key[0])}`] = document;
    }
  }
  return states;
}

/** All rows of a table, by whatever the driver makes of them, ordered by their first column. */
export async function select(
  sequelize: Sequelize,
  table: string,
  transaction: Transaction | null = null,
): Promise<Row[]> {
  const quoted = sequelize.getDialect() === 'postgres' ? `"${table}"` : `\`${table}\``;
  return sequelize.query<Row>(`SELECT * FROM ${quoted} ORDER BY 1`, {
    type: QueryTypes.SELECT,
    transaction,
    logging: false,
  });
}

function json(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : (value ?? null);
}

function iso(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  const text = String(value);
  return new Date(/[+Z]/.test(text) ? text : `${text}Z`).toISOString();
}

function bool(value: unknown): unknown {
  return value === null ? null : value === 1 || value === true;
}
