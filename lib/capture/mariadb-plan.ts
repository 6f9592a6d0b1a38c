/**
 * Builds one block of MariaDB out of a write of one row, the looks at the row, its entry, and a transaction around them.
 * The looks give JSON, which is kept in variables of the block; what SQL cannot tell ends it.
 */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import { mysqlText as text } from '../log/append.js';
import type { Action, AuditLogModel } from '../log/model.js';
import { pointer } from '../patch/pointer.js';
import type { AuditedModel, Column } from '../record/audited-model.js';
import { mariadbJson } from '../record/mariadb-json.js';
import { redacted } from '../record/redact.js';
import { blockOf } from './blocks.js';
import type { Call } from './call.js';
import { extraAlias } from './images.js';
import type { MariadbForm } from './mariadb-write.js';

/** What a block says that has been undone as its entry could not be made, or as it has not written one row. */
export const unwritten = 'audit$unwritten';

/** What it says where an update has changed columns that it does not set, as a trigger does. */
export const moved = 'audit$moved';

/** ER_QUERY_INTERRUPTED and ER_STATEMENT_TIMEOUT: after these nobody knows how far a block has got. */
export const interruptions: readonly number[] = [1317, 1969];

/** What it gives back of an entry that is to be written later. */
export const made = { recordId: extraAlias(0), patch: extraAlias(1) } as const;

/** What the last parameters are, in order. */
export const entryParameters = ['createdAt', 'modelName', 'actor', 'reason', 'meta', 'changesetId'] as const;

/** Types of integers, which a double holds. */
const onlyNumbers = /^(TINYINT|SMALLINT|MEDIUMINT|INTEGER)$/;

/** Types of keys whose text is the same in SQL, and those whose JSON is, too: of some characters MariaDB writes another. */
const keyTypes = /^(TINYINT|SMALLINT|MEDIUMINT|INTEGER|BIGINT|DECIMAL|DATEONLY|STRING|TEXT|CHAR|ENUM|UUID)$/;
const partTypes = /^(TINYINT|SMALLINT|MEDIUMINT|INTEGER|BIGINT|DECIMAL|DATEONLY)$/;

export interface MariadbPlanParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly audited: AuditedModel;
  readonly call: Call;
  /** By column, as `information_schema` names them. */
  readonly types: ReadonlyMap<string, string>;
  readonly timezone: string;
  /** Whether an update can change columns that it does not set. */
  readonly isMoved: boolean;
}

interface Piece extends Column {
  readonly column: string;
  /** Its JSON as SQL, in a look. */
  readonly json: string;
  /** The variables that hold it before and after the write. */
  readonly old: string;
  readonly next: string;
}

/** The statements of a block, and what they need besides. */
interface Steps {
  /** For JSON. */
  readonly variables: readonly string[];
  /** For what is only compared, to the byte. */
  readonly bytes: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
  /** What ends the block before its entry is made. */
  readonly checks: readonly string[];
  readonly patch: string;
}

const document = quoted('document');
const recordId = quoted('recordId');
const patch = quoted('patch');
/** NULL until the row is written: then what an error after it is called. */
const failure = quoted('failure');
const signal = `SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ${failure}`;
const savepoint = quoted('one');
const start = quoted('start');
const time = quoted('time');

/**
 * The block. Its parameters are the key, where there is a look before the write, those of the write, the key, where there is
 * one after it, and those of the entry, where that is written at once.
 *
 * @param isOwn whether the block is a transaction of its own; in another it gives the entry back, and undoes nothing else
 * @returns null when the model has a column whose JSON SQL cannot make, or the entry is for JavaScript to make
 */
export function recordedBlock(parts: MariadbPlanParts, form: MariadbForm, isOwn: boolean): string | null {
  const { sequelize, audited, call, types, timezone } = parts;
  const generator = queryGeneratorOf(sequelize);
  const pieces = audited.columns.map((each, index) => {
    const column = generator.quoteIdentifier(each.field);
    const json = mariadbJson(each.type, types.get(each.field), { timezone }, column);
    return { ...each, column, json, old: quoted(`o${index}`), next: quoted(`w${index}`) };
  });
  const known = audited.keyColumns.length > 1 ? partTypes : keyTypes;
  const hasOddKey = audited.keyColumns.some(({ type }) => !known.test(type.key));
  if (hasOddKey || pieces.some(({ json }) => json === null)) return null;
  const stepsOf = call.kind === 'update' ? updateOf : wholeOf;
  const steps = stepsOf(parts, form, pieces as Piece[]);
  return steps && blockWith(parts, form, steps, isOwn);
}

function blockWith(parts: MariadbPlanParts, form: MariadbForm, steps: Steps, isOwn: boolean): string {
  const given = (...pairs: readonly (readonly [string, string])[]) =>
    `SELECT ${pairs.map(([variable, alias]) => `${variable} AS \`${alias}\``).join(',')}`;
  const undo = isOwn ? '' : `ROLLBACK TO SAVEPOINT ${savepoint}; `;
  const handler = `IF ${failure} IS NOT NULL THEN ${undo}${signal}; END IF; RESIGNAL;`;
  return blockOf([
    `DECLARE ${[...steps.variables, recordId, patch].join(',')} LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    ...(steps.bytes.length > 0 ? [`DECLARE ${steps.bytes.join(',')} LONGBLOB`] : []),
    `DECLARE ${failure} VARCHAR(30)`,
    ...(isOwn ? [`DECLARE ${start} DATETIME(6) DEFAULT SYSDATE(6)`, `DECLARE ${time} DATETIME(3)`] : []),
    // Told to stop, it is not done again.
    `DECLARE EXIT HANDLER FOR ${interruptions.join(',')} RESIGNAL`,
    `DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ${handler} END`,
    isOwn ? 'START TRANSACTION' : `SAVEPOINT ${savepoint}`,
    // The number of an INSERT before this one would still be there where it is given none.
    ...(form.draws ? ['DO LAST_INSERT_ID(0)'] : []),
    ...(steps.before === null ? [] : [steps.before]),
    form.sql.replace(/;$/, ''),
    ended('ROW_COUNT()<>1', unwritten),
    `SET ${failure}='${unwritten}'`,
    ...(steps.after === null ? [] : [steps.after]),
    ...steps.checks,
    `SET ${patch}=${steps.patch}`,
    ended(`${patch} IS NULL`, unwritten),
    ...(isOwn
      ? [
          // The time that the row was waited for counts, by whichever clock.
          `SET ${time}=TIMESTAMPADD(MICROSECOND,TIMESTAMPDIFF(MICROSECOND,${start},SYSDATE(6)),?)`,
          insertOf(parts),
          ...(form.draws ? [given([recordId, made.recordId])] : []),
          'COMMIT',
        ]
      : [given([recordId, made.recordId], [patch, made.patch])]),
  ]);
}

/** What a block of this kind records. */
export function actionOf({ kind }: Call): Action {
  return kind === 'insert' ? 'create' : kind === 'update' ? 'update' : 'destroy';
}

/** The entry of what has changed; none where nothing has. */
function insertOf({ sequelize, AuditLog, call }: MariadbPlanParts): string {
  const generator = queryGeneratorOf(sequelize);
  const attributes = AuditLog.getAttributes();
  const values = {
    recordId,
    action: `'${actionOf(call)}'`,
    patch,
    modelName: '?',
    actor: '?',
    reason: '?',
    meta: '?',
    changesetId: '?',
    createdAt: time,
  };
  const fields = Object.keys(values).map((name) =>
    generator.quoteIdentifier(attributes[name as keyof typeof attributes]?.field ?? name),
  );
  const table = generator.quoteTable(AuditLog.getTableName());
  return `IF ${patch}<>'[]' THEN INSERT INTO ${table} (${fields.join(',')}) VALUES (${Object.values(values).join(',')}); END IF`;
}

/** A create or a destroy: the row as a whole. */
function wholeOf(parts: MariadbPlanParts, form: MariadbForm, pieces: readonly Piece[]): Steps {
  const look = lookOf(parts, form, [
    [documentOf(pieces), document],
    [idOf(parts.audited, pieces), recordId],
  ]);
  const isInsert = parts.call.kind === 'insert';
  const [head, end] = isInsert
    ? ['[{"op":"add","path":"","value":', '}]']
    : ['[{"op":"test","path":"","value":', '},{"op":"remove","path":""}]'];
  return {
    variables: [document],
    bytes: [],
    before: isInsert ? null : look,
    after: isInsert ? look : null,
    checks: [],
    patch: `CONCAT('${head}',${document},'${end}')`,
  };
}

/** What an update sets, and whether the rest is as it was. */
function updateOf(parts: MariadbPlanParts, form: MariadbForm, pieces: readonly Piece[]): Steps | null {
  const { audited, call, isMoved } = parts;
  const { deletion } = audited;
  // Whether that is a destroy or a restore is for JavaScript to tell.
  if (deletion && (isMoved || call.set.has(deletion.column.field))) return null;
  const changing = pieces.filter(({ field }) => isMoved || call.set.has(field));
  const others = pieces.filter((piece) => !changing.includes(piece));
  const id = [idOf(audited, pieces), recordId] as const;
  const look = (side: 'old' | 'next') =>
    lookOf(parts, form, [
      ...changing.map((piece) => [piece.json, piece[side]] as const),
      ...others.map((piece) => [piece.column, piece[side]] as const),
      ...(side === 'old' ? [id] : []),
    ]);
  const isAsItWas = others.map(({ old, next }) => `${old}<=>${next}`).join(' AND ');
  return {
    variables: changing.flatMap(({ old, next }) => [old, next]),
    bytes: others.flatMap(({ old, next }) => [old, next]),
    before: look('old'),
    after: look('next'),
    checks: others.length > 0 ? [ended(`NOT (${isAsItWas})`, moved)] : [],
    // One that sets nothing that is audited leaves no entry.
    patch: changing.length > 0 ? `CONCAT('[',SUBSTR(CONCAT(${changesOf(changing).join(',')}),2),']')` : `'[]'`,
  };
}

/** What is redacted stands at the end, as in every entry. */
function changesOf(pieces: readonly Piece[]): string[] {
  const order = [...pieces].sort((left, right) => Number(left.isRedacted) - Number(right.isRedacted));
  return order.map(({ attribute, isRedacted, old, next, type }) => {
    const path = JSON.stringify(pointer(attribute));
    const hidden = text(JSON.stringify(redacted));
    const [before, after] = isRedacted ? [hidden, hidden] : [old, next];
    const operations = [
      text(`,{"op":"test","path":${path},"value":`),
      before,
      text(`},{"op":"replace","path":${path},"value":`),
      after,
      `'}'`,
    ];
    // The difference inside a JSON column is worked out in JavaScript.
    const change = /^JSON/.test(type.key) ? 'NULL' : `CONCAT(${operations.join(',')})`;
    return `IF(${old}=${next},'',${change})`;
  });
}

function documentOf(pieces: readonly Piece[]): string {
  const members = pieces.map(({ attribute, isRedacted, json }, index) => {
    const member = text(`${index > 0 ? ',' : ''}${JSON.stringify(attribute)}:`);
    return `${member},${isRedacted ? text(JSON.stringify(redacted)) : json}`;
  });
  return `CONCAT('{',${members.join(',')},'}')`;
}

function idOf({ keyColumns }: AuditedModel, pieces: readonly Piece[]): string {
  const keys = keyColumns.map(({ attribute }) => pieces.find((piece) => piece.attribute === attribute) as Piece);
  if (keys.length > 1) return `CONCAT('[',${keys.map(({ json }) => json).join(`,',',`)},']')`;
  const [only] = keys as [Piece];
  return onlyNumbers.test(only.type.key) ? `${only.column}+0` : only.column;
}

/** A look at the row that gives expressions to variables. */
function lookOf(
  { sequelize, call }: MariadbPlanParts,
  { where }: MariadbForm,
  given: readonly (readonly [string, string])[],
) {
  const table = queryGeneratorOf(sequelize).quoteTable(call.table);
  const [expressions, variables] = [0, 1].map((side) => given.map((pair) => pair[side]).join(',')) as [string, string];
  return `SELECT ${expressions} INTO ${variables} FROM ${table} WHERE ${where} FOR UPDATE`;
}

/** What ends the block, and undoes it, with one of its own messages. */
function ended(condition: string, message: string): string {
  return `IF ${condition} THEN SET ${failure}='${message}'; ${signal}; END IF`;
}

/** A variable of the block, which no column is likely to be called like: it would take the column's place. */
function quoted(name: string): string {
  return `\`audit$${name}\``;
}
