/** Builds one statement of PostgreSQL out of a write, the look at the rows before it, and their entries. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { AuditLogModel } from '../log/model.js';
import { pointer } from '../patch/pointer.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import { columnList, listOf } from '../record/image.js';
import { postgresJson, postgresMember } from '../record/postgres-json.js';
import { redacted } from '../record/redact.js';
import type { Call } from './call.js';
import type { Own } from './own.js';

export interface PlanParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly audited: AuditedModel;
  readonly call: Call;
  /** By column, as `regtype` names them. */
  readonly types: ReadonlyMap<string, string>;
  readonly lock: string;
  /** Whether an update can change columns that it does not set, as a trigger does. */
  readonly isMoved: boolean;
}

/** What an error of the database ends with where an update has changed columns that it does not set. */
export const moved = 'audit$moved';

/** What the last parameters are, in order. */
export const entryParameters = ['modelName', 'changesetId', 'actor', 'reason', 'meta', 'createdAt'] as const;

/** PostgreSQL takes so many arguments of a function at most. */
const argumentLimit = 100;

/** Bytes of a name that PostgreSQL keeps (4.1.1). */
const nameLength = 63;

interface Piece extends Column {
  /** The value before and after the write as JSON, as SQL. */
  readonly old: string;
  readonly next: string;
  /** Both as columns of a record. */
  readonly members: readonly [old: string, next: string];
  /** Whether they differ. */
  readonly isChanged: string;
}

/**
 * The write, the look at the rows before it, and their entries. Its last parameters are those of the entries.
 *
 * @returns null when the model has a column whose JSON SQL cannot make, or an update of many rows a key of several columns
 */
export function recordedWrite(parts: PlanParts, own: Own): string | null {
  const { sequelize, audited, call, types, isMoved } = parts;
  const generator = queryGeneratorOf(sequelize);
  const isUpdate = call.kind === 'update';
  const [key, ...others] = audited.keyColumns;
  if (isUpdate && call.instance === null && others.length > 0) return null;
  const pieces: Piece[] = [];
  for (const column of audited.columns) {
    const [o, w] = [`o."${column.alias}"`, `w."${column.alias}"`];
    const jsonOf = (value: string) => postgresJson(column.type, types.get(column.field), value);
    const memberOf = (value: string) => postgresMember(column.type, types.get(column.field), value);
    const [old, next, ...members] = [jsonOf(o), jsonOf(w), memberOf(o), memberOf(w)];
    // A longer name would be cut off.
    const isLong = !isUpdate && Buffer.byteLength(column.attribute) > nameLength;
    if (old === null || next === null || isLong) return null;
    // What is the same to the byte needs no JSON to be compared; of some types the same value can have several forms.
    const differs = `ROW(${o})::record*<>ROW(${w})::record`;
    const hasForms = /^(numeric|jsonb?)$/.test(types.get(column.field) ?? '');
    pieces.push({
      ...column,
      old,
      next,
      members: members as [string, string],
      isChanged: hasForms ? `${differs} AND ${old}<>${next}` : differs,
    });
  }
  const list = pieces.map(({ field, alias }) => `${generator.quoteIdentifier(field)} AS "${alias}"`).join(',');
  const set = isUpdate && call.instance === null && key ? setOf(sequelize, key) : null;
  const from = isUpdate ? (set?.from ?? '"audit$old" o,"audit$written" w') : '"audit$written" w';
  const order = set ? ` ORDER BY e.${set.key}` : '';
  // Each expression costs PostgreSQL more to make ready than to work out for one row.
  const changing = isUpdate && !isMoved ? pieces.filter(({ field }) => call.set.has(field)) : pieces;
  const patch = [patchOf(call, changing), ...restOf(pieces, changing)].filter(Boolean).join('||');
  // Without an offset PostgreSQL would make each patch twice: to look whether it is empty, and to insert it.
  const entry = `SELECT ${set ? `o.${set.key},` : ''}${recordIdOf(audited, pieces)} AS "recordId",${actionOf(parts, changing)} AS "action",${patch} AS "patch" FROM ${from} OFFSET 0`;
  const logged = `"audit$logged" AS (${insertOf(parts, own.parameters.length, entry)}${order})`;
  const steps = [...(isUpdate ? [oldOf(parts, own, list, set)] : []), writtenOf(own, list, set), logged].join(',');
  // Sequelize has the rows of a delete of many counted, and wants none of that of one.
  const isUncounted = call.kind === 'delete' && call.instance !== null;
  return `WITH ${steps} SELECT ${own.returning ?? ''} FROM "audit$written"${isUncounted ? ' WHERE false' : ''}`;
}

type ObservedParts = Omit<PlanParts, 'AuditLog' | 'types'>;

/** What the row before an update is called, as JSON text, where it has changed more than the update sets. */
export const movedAlias = 'audit$moved';

/** Whether an update can give back only what it sets: else the row before has more columns than a function takes. */
export function canGiveLess({ columns }: AuditedModel): boolean {
  return columns.length <= argumentLimit / 2;
}

/**
 * An update and the look at the row before it: what it sets and the key come back as they were beside what they are now,
 * and all columns where others can change with it. Where one has all the same, the whole row comes back as it was.
 */
export function observedUpdate(parts: ObservedParts, own: Own): string {
  const { sequelize, audited, call, isMoved } = parts;
  const generator = queryGeneratorOf(sequelize);
  const isKey = (column: Column) => audited.keyColumns.includes(column);
  const shown = audited.columns.filter((column) => isMoved || call.set.has(column.field) || isKey(column));
  // An update that sets a key is looked at in another way.
  const kept = isMoved ? [] : audited.columns.filter((column) => !call.set.has(column.field));
  const rawOf = (columns: readonly Column[]) =>
    columns.map(({ field, alias }) => `${generator.quoteIdentifier(field)} AS "${alias}$"`);
  const row = isMoved ? [] : rawOf(audited.columns);
  const old = oldOf(parts, own, [listOf(sequelize, shown, 'oldAlias'), ...row].join(','), null);
  const written = writtenOf(own, [listOf(sequelize, shown, 'alias'), ...rawOf(kept)].join(','), null);
  const names = kept.map(({ alias }) => `${alias}$`);
  const pairs = audited.columns.map(({ field, alias }) => `${text(field)},o."${alias}$"`);
  const whole = `CASE WHEN ${recordOf('o', names)}*<>${recordOf('w', names)} THEN json_build_object(${pairs.join(',')})::text END AS "${movedAlias}"`;
  const list = shown.flatMap(({ alias, oldAlias }) => [`w."${alias}"`, `o."${oldAlias}"`]);
  const all = [...(own.returning === null ? [] : [own.returning]), ...list, ...(isMoved ? [] : [whole])];
  return `WITH ${old},${written} SELECT ${all.join(',')} FROM "audit$old" o,"audit$written" w`;
}

/** A question for the row that such an update gave back as JSON text, which is its one parameter. */
export function movedRow({ sequelize, audited, call }: Pick<PlanParts, 'sequelize' | 'audited' | 'call'>): string {
  const table = queryGeneratorOf(sequelize).quoteTable(call.table);
  return `SELECT ${columnList(sequelize, audited)} FROM json_populate_record(NULL::${table},$1::json) AS "audit$old";`;
}

/** How an update of many rows is done: in the order of a key, and only to rows that have been read. */
interface SetParts {
  /** Its name in both lists. */
  readonly key: string;
  readonly order: string;
  readonly held: string;
  readonly from: string;
}

function setOf(sequelize: Sequelize, { field, alias }: Column): SetParts {
  const [column, key] = [queryGeneratorOf(sequelize).quoteIdentifier(field), `"${alias}"`];
  return {
    key,
    order: `ORDER BY ${column} `,
    // Others can have come to fulfil the condition since. As an array it is looked up in the index, however many they are.
    held: `${column}=ANY(ARRAY(SELECT ${key} FROM "audit$old"))`,
    // A full join is never done row by row, however few rows PostgreSQL expects; a trigger can have kept some as they were.
    from: `"audit$old" o FULL JOIN "audit$written" w ON o.${key}=w.${key} WHERE (o.${key} IS NULL)=(w.${key} IS NULL)`,
  };
}

function oldOf(
  { sequelize, call, lock }: ObservedParts,
  { condition }: Own,
  list: string,
  set: SetParts | null,
): string {
  const table = queryGeneratorOf(sequelize).quoteTable(call.table);
  return `"audit$old" AS (SELECT ${list} FROM ${table} WHERE ${condition} ${set?.order ?? ''}${lock})`;
}

/** The look is forced to come first: else the row might be written before it is read. */
function writtenOf({ write, returning }: Own, list: string, set: SetParts | null): string {
  const held = set?.held ?? '(SELECT count(*) FROM "audit$old") IS NOT NULL';
  const guard = write.startsWith('UPDATE') ? ` AND ${held}` : '';
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
  const piece = pieces.find(({ attribute }) => attribute === deletion.column.attribute);
  if (!piece) return "'update'";
  const isGone = (value: string) => `${value}<>${json(deletion.rest)}`;
  return `CASE WHEN (${isGone(piece.old)})=(${isGone(piece.next)}) THEN 'update' WHEN ${isGone(piece.next)} THEN 'destroy' ELSE 'restore' END`;
}

/** Some columns of one side as a record, to be compared to the byte. */
function recordOf(side: 'o' | 'w', names: readonly string[]): string {
  return `ROW(${names.map((name) => `${side}."${name}"`).join(',')})::record`;
}

/** Fails where a column has changed that the update does not set; else adds nothing to the patch. */
function restOf(pieces: readonly Piece[], changing: readonly Piece[]): string[] {
  const rest = pieces.filter((piece) => !changing.includes(piece));
  const [first] = rest;
  if (!first) return [];
  const names = rest.map(({ alias }) => alias);
  const failing = `to_jsonb((o."${first.alias}"::text||'${moved}')::integer)`;
  return [`CASE WHEN ${recordOf('o', names)}*<>${recordOf('w', names)} THEN ${failing} ELSE '[]'::jsonb END`];
}

function patchOf({ kind }: Call, pieces: readonly Piece[]): string {
  const whole = documentOf(pieces);
  if (kind === 'insert') return listOfOperations({ op: 'add', path: '', value: whole });
  if (kind === 'delete') return listOfOperations({ op: 'test', path: '', value: whole }, { op: 'remove', path: '' });
  const changes = pieces.map(({ attribute, isRedacted, members, isChanged }) => {
    const path = pointer(attribute);
    const [before, after] = isRedacted ? [json(redacted), json(redacted)] : members;
    const change = listOfOperations({ op: 'test', path, value: before }, { op: 'replace', path, value: after });
    return `CASE WHEN ${isChanged} THEN ${change} ELSE '[]'::jsonb END`;
  });
  // What is redacted stands at the end, as in every entry.
  const order = [...pieces.keys()].sort((a, b) => Number(pieces[a]?.isRedacted) - Number(pieces[b]?.isRedacted));
  return order.map((index) => changes[index]).join('||');
}

interface Operation {
  readonly op: string;
  readonly path: string;
  /** A column of a record, or the record of a document. */
  readonly value?: string;
}

/** One function makes all of it: each of its own costs PostgreSQL more, to make ready and to work out. */
function listOfOperations(...operations: readonly Operation[]): string {
  const records = operations.map(({ op, path, value }) =>
    recordWith([[text(op), 'op'], [text(path), 'path'], ...(value === undefined ? [] : [[value, 'value'] as const])]),
  );
  return `to_jsonb(ARRAY[${records.join(',')}])`;
}

function documentOf(pieces: readonly Piece[]): string {
  return recordWith(
    pieces.map(({ attribute, isRedacted, members }) => [isRedacted ? json(redacted) : members[1], attribute]),
  );
}

/** Columns of these names as a record, which becomes an object. */
function recordWith(members: readonly (readonly [value: string, name: string])[]): string {
  const columns = members.map(([value, name]) => `${value} AS ${identifier(name)}`);
  return `(SELECT "audit$row" FROM (SELECT ${columns.join(',')}) "audit$row")`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function json(value: unknown): string {
  return `${text(JSON.stringify(value))}::jsonb`;
}

/** A string of SQL, whatever standard_conforming_strings says. */
function text(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : `${quoted}::text`;
}
