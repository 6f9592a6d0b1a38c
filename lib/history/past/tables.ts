/** Makes the tables of the past and puts rows into them, many with each statement. */
import type { Association, Model, ModelStatic } from 'sequelize';
import { timestampsOf } from '../../internals.js';
import type { Json } from '../../patch/operation.js';
import type { AuditedModel, Column } from '../../record/audited-model.js';
import type { DataType } from '../../record/codec.js';
import { isRedacted } from '../../record/redact.js';
import { inForm } from '../../record/same-value.js';
import type { State } from '../fold.js';
import { literalOf, type Stored } from './storage.js';
import { isPastType, type PastType } from './type.js';

/** The database of the past while it is filled. */
export interface Filling {
  readonly quote: (name: string) => string;
  readonly quoteTable: (model: ModelStatic<Model>) => string;
  readonly run: (sql: string, values?: readonly unknown[]) => Promise<unknown>;
  /** What stands in columns for what the log does not hold. */
  readonly mark: Buffer;
  /** Of the application. */
  readonly dialect: string;
}

/** SQLite took 999 values in a statement before its version 3.32. */
const valuesOfStatement = 900;

/** @param sharing models of the past that have the same table, with all their associations */
export async function createTable(filling: Filling, sharing: readonly [ModelStatic<Model>, ...ModelStatic<Model>[]]) {
  const { quote, quoteTable, run, dialect } = filling;
  const columns = new Map(sharing.flatMap(columnsOf).map(({ field, type }) => [field, type]));
  const list = [...columns].map(([field, type]) => quote(field) + collationOf(type, dialect));
  const table = quoteTable(sharing[0]);
  await run(`CREATE TABLE ${table} (${list.join(', ')})`);

  const keys = sharing.map((model) => model.primaryKeyAttributes.map((attribute) => fieldOf(model, attribute)));
  const foreignKeys = sharing.flatMap(foreignKeysOf).map((field) => [field]);
  const indexes = new Set([...keys, ...foreignKeys].map((fields) => fields.map(quote).join(', ')));
  for (const [index, fields] of [...indexes].entries())
    await run(
      `CREATE INDEX ${quote(`${sharing[0].name} ${sharing[0].getTableName()} ${index}`)} ON ${table} (${fields})`,
    );
}

/**
 * Writes rows of one model.
 *
 * @param model of the past
 * @param onWritten is told how many more there are
 */
export async function insertRows(
  { quote, quoteTable, run, mark }: Filling,
  audited: AuditedModel,
  model: ModelStatic<Model>,
  states: Iterable<State>,
  onWritten: (rows: number) => Promise<void>,
): Promise<void> {
  const columns = columnsOf(model).map((column) => ({ ...column, cellOf: cellsOf(audited, column, mark) }));
  const head = `INSERT INTO ${quoteTable(model)} (${columns.map(({ field }) => quote(field)).join(', ')}) VALUES `;
  const count = Math.max(1, Math.floor(valuesOfStatement / columns.length));
  let rows: string[] = [];
  let bound: Stored[] = [];
  const write = async () => {
    await run(head + rows.join(', '), bound);
    await onWritten(rows.length);
    rows = [];
    bound = [];
  };
  for (const state of states) {
    const values = columns.map(({ cellOf, isReal }) => {
      const value = cellOf(state);
      // Numbers as SQL: the driver binds those beyond 32 bits as fractions.
      if (value === null || typeof value === 'number') return literalOf(value, isReal);
      bound.push(value);
      return '?';
    });
    rows.push(`(${values.join(', ')})`);
    if (rows.length === count) await write();
  }
  if (rows.length > 0) await write();
}

interface PastColumn {
  readonly attribute: string;
  readonly field: string;
  readonly type: DataType | PastType;
  readonly isReal: boolean;
}

function columnsOf(model: ModelStatic<Model>): PastColumn[] {
  return Object.entries(model.getAttributes())
    .map(([attribute, { field = attribute, type }]) => {
      const dataType = type as unknown as DataType;
      return { attribute, field, type: dataType, isReal: isPastType(dataType) && dataType.isReal };
    })
    .filter(({ type }) => type.key !== 'VIRTUAL');
}

/** What a row holds of a column. */
function cellsOf(
  audited: AuditedModel,
  { attribute, type }: PastColumn,
  mark: Buffer,
): (state: State) => Stored | null {
  const column = audited.column(attribute);
  const { deletedAt } = timestampsOf(audited.model);
  if (column?.isRedacted && attribute === deletedAt) {
    const alive = stored(column, audited.model.getAttributes()[attribute]?.defaultValue, type);
    return ({ isDestroyed }) => (isDestroyed ? mark : alive);
  }
  if (!column || column.isRedacted || !isPastType(type)) return () => mark;
  return ({ document }) => {
    const json = document?.[attribute];
    return json === undefined || isRedacted(json) ? mark : type.store(inForm(column.codec, json));
  };
}

function stored({ codec }: Column, value: unknown, type: DataType | PastType): Stored | null {
  const json: Json = codec.fromInstance(value);
  return isPastType(type) ? type.store(json) : null;
}

/** Where the database of the application compares without regard to case, SQLite does so for the letters of ASCII. */
function collationOf({ originKey, _binary }: DataType & { originKey?: string }, dialect: string): string {
  const isLoose =
    ['mysql', 'mariadb'].includes(dialect) && !_binary && ['STRING', 'CHAR', 'TEXT', 'ENUM'].includes(originKey ?? '');
  return originKey === 'CITEXT' || isLoose ? ' COLLATE NOCASE' : '';
}

function foreignKeysOf(model: ModelStatic<Model>): string[] {
  const owned = (association: Association & { readonly through?: { readonly model: ModelStatic<Model> } }) => {
    const { associationType, source, target, through, foreignKey } = association;
    const { otherKey } = association as { readonly otherKey?: string };
    if (through) return through.model === model ? [foreignKey, otherKey as string] : [];
    return (associationType === 'BelongsTo' ? source : target) === model ? [foreignKey] : [];
  };
  const models = Object.values((model.sequelize as { models: object }).models) as ModelStatic<Model>[];
  const names = models.flatMap(({ associations }) => Object.values(associations).flatMap(owned));
  return [...new Set(names)].map((name) => fieldOf(model, name));
}

function fieldOf(model: ModelStatic<Model>, attribute: string): string {
  return model.getAttributes()[attribute]?.field ?? attribute;
}
