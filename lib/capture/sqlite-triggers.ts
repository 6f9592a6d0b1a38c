/**
 * Triggers of one connection to SQLite, which nobody else has, that write an entry for each row that a statement inserts,
 * updates or deletes. They take from a table of that connection who writes, and whether they are to do anything.
 */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf, tableKeyOf } from '../internals.js';
import { sqliteLiteral as text } from '../log/append.js';
import type { AuditLogModel } from '../log/model.js';
import { pointer } from '../patch/pointer.js';
import type { AuditedModel } from '../record/audited-model.js';
import { redacted } from '../record/redact.js';
import { sqliteDiffers, sqliteJson, unformed } from '../record/sqlite-json.js';
import { isWide } from './reach.js';

/** What the names of all that is made on the connection begin with. */
export const ours = 'audit$';

const contextTable = `temp."${ours}context"`;

/** Types that no primary key has whose text would be another in SQL. */
const keyTypes = /^(TINYINT|SMALLINT|MEDIUMINT|INTEGER|BIGINT|STRING|TEXT|CHAR|ENUM|UUID|DATE|DATEONLY)$/;

export type Event = 'insert' | 'update' | 'delete';

/** Of the writes that follow. */
export interface TriggerContext {
  /** null where each entry is a changeset of its own. */
  readonly changesetId: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: string | null;
}

export interface TriggerParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly audited: AuditedModel;
  readonly modelName: string;
  readonly table: unknown;
}

/** Makes the table of the context where there is none yet, and says nothing in it. */
export const madeContext = `CREATE TABLE IF NOT EXISTS ${contextTable} (on_, changesetId, actor, reason, meta);DELETE FROM ${contextTable};INSERT INTO ${contextTable} VALUES (0,NULL,NULL,NULL,NULL);`;

/** Has the writes that follow go unrecorded. */
export const stoppedContext = `UPDATE ${contextTable} SET on_=0;`;

/** Says of the writes that follow who makes them. */
export function toldContext(context: TriggerContext): string {
  const { changesetId, actor, reason, meta } = context;
  const values = { changesetId, actor, reason, meta };
  const set = Object.entries(values).map(([name, value]) => `${name}=${text(value)}`);
  return `UPDATE ${contextTable} SET on_=1,${set.join(',')};`;
}

export interface Trigger {
  readonly name: string;
  /** Makes it. */
  readonly sql: string;
  /** A question that has an answer while it is there. */
  readonly isThere: string;
}

/**
 * The trigger of one kind of write.
 *
 * @returns null when the model has a column whose JSON SQL cannot make
 */
export function madeTrigger(parts: TriggerParts, event: Event): Trigger | null {
  const { sequelize, audited, table } = parts;
  const generator = queryGeneratorOf(sequelize);
  const columns = audited.columns.map((column) => {
    const [old, next] = ['OLD', 'NEW'].map((row) => `${row}.${generator.quoteIdentifier(column.field)}`) as [
      string,
      string,
    ];
    return { ...column, old, next, oldJson: sqliteJson(column.type, old), nextJson: sqliteJson(column.type, next) };
  });
  const isOdd = columns.some(({ oldJson, nextJson }) => oldJson === null || nextJson === null);
  const hasOddKey = audited.keyColumns.some(({ type }) => !keyTypes.test(type.key));
  if (isOdd || hasOddKey || isWide(audited)) return null;
  const pieces = columns as readonly Piece[];
  const action = { insert: "'create'", update: updateActionOf(audited, pieces), delete: "'destroy'" }[event];
  if (action === null) return null;
  const plainName = `${ours}${event}$${tableKeyOf(table)}`;
  const name = `temp.${generator.quoteIdentifier(plainName)}`;
  const patch = { insert: creationOf(pieces), update: changeOf(pieces), delete: destructionOf(pieces) }[event];
  const isOn = `(SELECT on_ FROM ${contextTable})`;
  const on = `AFTER ${event.toUpperCase()} ON main.${generator.quoteTable(table)} WHEN ${isOn}`;
  const entry = insertOf(parts, recordIdOf(audited, pieces, event), action, patch);
  return {
    name,
    sql: `DROP TRIGGER IF EXISTS ${name};CREATE TRIGGER ${name} ${on} BEGIN ${entry}; END;`,
    isThere: `SELECT 1 FROM sqlite_temp_master WHERE type = 'trigger' AND name = ${text(plainName)};`,
  };
}

type Column = AuditedModel['columns'][number];

interface Piece extends Column {
  /** The value before and after the write. */
  readonly old: string;
  readonly next: string;
  readonly oldJson: string;
  readonly nextJson: string;
}

function insertOf({ sequelize, AuditLog, modelName }: TriggerParts, recordId: string, action: string, patch: string) {
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const values: Readonly<Record<string, string>> = {
    modelName: text(modelName),
    recordId: 'e.recordId',
    action: 'e.action',
    patch: 'e.patch',
    changesetId: `COALESCE(c.changesetId,${uuid})`,
    actor: 'c.actor',
    reason: 'c.reason',
    meta: 'c.meta',
    createdAt: "strftime('%Y-%m-%d %H:%M:%f +00:00','now')",
  };
  const fields = Object.keys(values).map((name) =>
    generator.quoteIdentifier(attributes[name as keyof typeof attributes]?.field ?? name),
  );
  const into = `${generator.quoteTable(AuditLog.getTableName())} (${fields.join(',')})`;
  // Without a limit SQLite would work out each patch twice: to look whether it is empty, and to insert it.
  const entry = `SELECT ${recordId} AS recordId,${action} AS action,${patch} AS patch LIMIT -1 OFFSET 0`;
  return `INSERT INTO ${into} SELECT ${Object.values(values).join(',')} FROM (${entry}) e,"${ours}context" c WHERE e.patch<>'[]'`;
}

const milliseconds = "printf('%012x',CAST((julianday('now')-2440587.5)*86400000 AS INTEGER))";

/** As `newChangesetId` makes it. */
const uuid = `lower(substr(${milliseconds},1,8)||'-'||substr(${milliseconds},9)||'-7'||substr(hex(randomblob(2)),2)||'-'||substr('89ab',1+(random()&3),1)||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))`;

function recordIdOf({ keyColumns }: AuditedModel, pieces: readonly Piece[], event: Event): string {
  const keys = keyColumns.map(({ attribute }) => pieces.find((piece) => piece.attribute === attribute) as Piece);
  const parts = keys.map(({ old, next, oldJson, nextJson }) => {
    const [value, json] = event === 'delete' ? [old, oldJson] : [next, nextJson];
    return { value, json: `CASE WHEN ${value} IS NULL THEN ${unformed} ELSE ${json} END` };
  });
  if (parts.length > 1) return `'['||${parts.map(({ json }) => `(${json})`).join(`||','||`)}||']'`;
  const [only] = parts;
  // What is no number has quotes around it.
  return `CAST(json_extract(${only?.json},'$') AS TEXT)`;
}

/** @returns null where SQL cannot tell */
function updateActionOf({ deletion }: AuditedModel, pieces: readonly Piece[]): string | null {
  if (!deletion) return "'update'";
  const piece = pieces.find(({ attribute }) => attribute === deletion.column.attribute);
  const rest = JSON.stringify(deletion.rest);
  if (!piece || !/^[\w":.-]*$/.test(rest)) return null;
  const isGone = (value: string) => `(${value})<>${text(rest)}`;
  return `CASE WHEN (${isGone(piece.oldJson)})=(${isGone(piece.nextJson)}) THEN 'update' WHEN ${isGone(piece.nextJson)} THEN 'destroy' ELSE 'restore' END`;
}

function creationOf(pieces: readonly Piece[]): string {
  return `'[{"op":"add","path":"","value":'||${documentOf(pieces, 'nextJson')}||'}]'`;
}

function destructionOf(pieces: readonly Piece[]): string {
  return `'[{"op":"test","path":"","value":'||${documentOf(pieces, 'oldJson')}||'},{"op":"remove","path":""}]'`;
}

function documentOf(pieces: readonly Piece[], side: 'oldJson' | 'nextJson'): string {
  const members = pieces.map(({ attribute, isRedacted, [side]: value }, index) => {
    const name = text(`${index > 0 ? ',' : ''}${JSON.stringify(attribute)}:`);
    return `${name}||${isRedacted ? text(JSON.stringify(redacted)) : `(${value})`}`;
  });
  return `'{'||${members.join('||')}||'}'`;
}

function changeOf(pieces: readonly Piece[]): string {
  // What is redacted stands at the end, as in every entry.
  const order = [...pieces].sort((left, right) => Number(left.isRedacted) - Number(right.isRedacted));
  const operations = order.map((piece) => {
    const { attribute, isRedacted, old, next, type } = piece;
    const path = JSON.stringify(pointer(attribute));
    const hidden = text(JSON.stringify(redacted));
    const [before, after] = isRedacted ? [hidden, hidden] : [`(${piece.oldJson})`, `(${piece.nextJson})`];
    // The difference inside a JSON column is worked out in JavaScript.
    const pair = /^JSON/.test(type.key)
      ? unformed
      : `${text(`,{"op":"test","path":${path},"value":`)}||${before}||${text(`},{"op":"replace","path":${path},"value":`)}||${after}||'}'`;
    return `CASE WHEN ${sqliteDiffers(type, old, next)} THEN ${pair} ELSE '' END`;
  });
  return `'['||substr(${operations.join('||')},2)||']'`;
}
