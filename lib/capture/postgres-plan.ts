/** Builds one statement of PostgreSQL out of a write of one row, the look at the row before it, and its entry. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { AuditLogModel } from '../log/model.js';
import { pointer } from '../patch/pointer.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import { columnList, oldColumnList } from '../record/image.js';
import { postgresJson } from '../record/postgres-json.js';
import { redacted } from '../record/redact.js';
import type { Call } from './call.js';
import type { Own } from './postgres-own.js';

export interface PlanParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly audited: AuditedModel;
  readonly call: Call;
  /** By column, as `regtype` names them. */
  readonly types: ReadonlyMap<string, string>;
  readonly lock: string;
}

/** What the last parameters are, in order. */
export const entryParameters = ['modelName', 'changesetId', 'actor', 'reason', 'meta', 'createdAt'] as const;

/** PostgreSQL takes so many arguments of a function at most. */
const argumentLimit = 100;

interface Piece extends Column {
  readonly json: string;
  readonly old: string;
  readonly next: string;
}

/**
 * The write, the look at the row before it, and its entry. Its last parameters are those of the entry.
 *
 * @returns null when the model has a column whose JSON SQL cannot make
 */
export function recordedWrite(parts: PlanParts, own: Own): string | null {
  const { sequelize, audited, call, types } = parts;
  const generator = queryGeneratorOf(sequelize);
  const pieces: Piece[] = [];
  for (const [index, column] of audited.columns.entries()) {
    const json = postgresJson(column.type, types.get(column.field), generator.quoteIdentifier(column.field));
    if (json === null) return null;
    pieces.push({ ...column, json, old: `o."audit$${index}"`, next: `w."audit$${index}"` });
  }
  const list = pieces.map(({ json }, index) => `${json} AS "audit$${index}"`).join(',');
  const isUpdate = call.kind === 'update';
  const written = writtenOf(own, list);
  const from = isUpdate ? '"audit$old" o,"audit$written" w' : '"audit$written" w';
  const entry = `SELECT ${recordIdOf(audited, pieces)} AS "recordId",${actionOf(parts, pieces)} AS "action",${patchOf(call, pieces)} AS "patch" FROM ${from}`;
  const logged = `"audit$logged" AS (${insertOf(parts, own.parameters.length, entry)})`;
  const steps = [...(isUpdate ? [oldOf(parts, own, list)] : []), written, logged].join(',');
  return `WITH ${steps} SELECT ${own.returning ?? ''} FROM "audit$written"${call.kind === 'delete' ? ' WHERE false' : ''}`;
}

/** An update and the look at the row before it, which comes back beside the row after it. */
export function observedUpdate(parts: Omit<PlanParts, 'AuditLog' | 'types'>, own: Own): string {
  const { sequelize, audited } = parts;
  const indexes = [...audited.columns.keys()];
  const old = oldOf(parts, own, oldColumnList(sequelize, audited));
  const written = writtenOf(own, columnList(sequelize, audited));
  const list = indexes.flatMap((index) => [`"audit$${index}"`, `"audit$o${index}"`]);
  const all = [...(own.returning === null ? [] : [own.returning]), ...list].join(',');
  return `WITH ${old},${written} SELECT ${all} FROM "audit$old","audit$written"`;
}

function oldOf(
  { sequelize, call, lock }: Omit<PlanParts, 'AuditLog' | 'types'>,
  { condition }: Own,
  list: string,
): string {
  const table = queryGeneratorOf(sequelize).quoteTable(call.table);
  return `"audit$old" AS (SELECT ${list} FROM ${table} WHERE ${condition} ${lock})`;
}

/** The look is forced to come first: else the row might be written before it is read. */
function writtenOf({ write, returning }: Own, list: string): string {
  const guard = write.startsWith('UPDATE') ? ' AND (SELECT count(*) FROM "audit$old") IS NOT NULL' : '';
  return `"audit$written" AS (${write}${guard} RETURNING ${returning === null ? '' : `${returning},`}${list})`;
}

function insertOf({ sequelize, AuditLog }: PlanParts, given: number, entry: string): string {
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const field = (name: keyof typeof attributes) => generator.quoteIdentifier(attributes[name]?.field ?? String(name));
  const parameter = (name: (typeof entryParameters)[number]) => `$${given + 1 + entryParameters.indexOf(name)}`;
  const values: Readonly<Record<string, string>> = {
    modelName: `${parameter('modelName')}::text`,
    recordId: 'e."recordId"',
    action: 'e."action"',
    patch: 'e."patch"',
    changesetId: `${parameter('changesetId')}::uuid`,
    actor: `${parameter('actor')}::text`,
    reason: `${parameter('reason')}::text`,
    meta: `${parameter('meta')}::jsonb`,
    // The time that the row was waited for counts, by whichever clock.
    createdAt: `${parameter('createdAt')}::timestamptz+date_trunc('milliseconds',clock_timestamp()-statement_timestamp())`,
  };
  const table = generator.quoteTable(AuditLog.getTableName());
  const fields = Object.keys(values).map((name) => field(name as never));
  return `INSERT INTO ${table} (${fields.join(',')}) SELECT ${Object.values(values).join(',')} FROM (${entry}) e WHERE e."patch"<>'[]'`;
}

function recordIdOf(audited: AuditedModel, pieces: readonly Piece[]): string {
  const keys = audited.keyColumns.map(({ attribute }) => pieces.find((piece) => piece.attribute === attribute)?.next);
  return keys.length > 1 ? `'['||${keys.map((key) => `(${key})::text`).join(`||','||`)}||']'` : `(${keys[0]})#>>'{}'`;
}

function actionOf({ audited, call }: PlanParts, pieces: readonly Piece[]): string {
  if (call.kind === 'insert') return "'create'";
  if (call.kind === 'delete') return "'destroy'";
  const { deletion } = audited;
  if (!deletion) return "'update'";
  const piece = pieces.find(({ attribute }) => attribute === deletion.column.attribute) as Piece;
  const isGone = (value: string) => `${value}<>${json(deletion.rest)}`;
  return `CASE WHEN (${isGone(piece.old)})=(${isGone(piece.next)}) THEN 'update' WHEN ${isGone(piece.next)} THEN 'destroy' ELSE 'restore' END`;
}

function patchOf({ kind }: Call, pieces: readonly Piece[]): string {
  const document = documentOf(pieces);
  if (kind === 'insert') return list(operation('add', '', document));
  if (kind === 'delete') return list(operation('test', '', document), operation('remove', ''));
  const changes = pieces.map((piece) => {
    const { attribute, isRedacted, old, next } = piece;
    const path = pointer(attribute);
    const [before, after] = isRedacted ? [json(redacted), json(redacted)] : [old, next];
    return `CASE WHEN ${old}<>${next} THEN ${list(operation('test', path, before), operation('replace', path, after))} ELSE '[]'::jsonb END`;
  });
  // What is redacted stands at the end, as in every entry.
  const order = [...pieces.keys()].sort((a, b) => Number(pieces[a]?.isRedacted) - Number(pieces[b]?.isRedacted));
  return order.map((index) => changes[index]).join('||');
}

function documentOf(pieces: readonly Piece[]): string {
  const chunks: string[] = [];
  for (let start = 0; start < pieces.length; start += argumentLimit / 2) {
    const pairs = pieces
      .slice(start, start + argumentLimit / 2)
      .map(({ attribute, isRedacted, next }) => `${text(attribute)},${isRedacted ? json(redacted) : next}`);
    chunks.push(`jsonb_build_object(${pairs.join(',')})`);
  }
  return chunks.join('||');
}

function operation(op: string, path: string, value?: string): string {
  return `jsonb_build_object('op','${op}','path',${text(path)}${value === undefined ? '' : `,'value',${value}`})`;
}

function list(...operations: readonly string[]): string {
  return `jsonb_build_array(${operations.join(',')})`;
}

function json(value: unknown): string {
  return `${text(JSON.stringify(value))}::jsonb`;
}

/** A string of SQL, whatever standard_conforming_strings says. */
function text(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : `${quoted}::text`;
}
