/**
 * Finds the rows that an INSERT of MySQL made or changed. It gives nothing back but the first number that it
 * generated and how many rows it touched: the numbers follow from the first one, and the count says whether they do.
 */
import type { Sequelize } from 'sequelize';
import { expressionOf, queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Image } from '../record/image.js';
import type { Call, Sent, Values } from './call.js';
import type { Touched } from './cascade.js';
import { imagesOf, lockOf, readRows, whereKeyIn, whereSqlIn } from './images.js';
import { unknown } from './inserted-alone.js';
import { type ObservationParts, Raced } from './observation.js';

/**
 * @param conditions that find rows by the unique keys of what was inserted
 * @param touched the rows that were there before
 */
export async function insertedByMysql(
  parts: ObservationParts,
  sent: Sent,
  conditions: readonly string[],
  touched: Touched,
): Promise<Image[]> {
  const { call, options } = parts;
  if (sent.affected === 0 && !options.updateOnDuplicate) return [];
  const generated = touched.audited.keyColumns.find(({ isGenerated }) => isGenerated);
  const keys = call.rows.map((row) => keyOf(parts, touched.audited, row));
  const isKnown = generated !== undefined || conditions.length > 0 || !keys.includes(null);
  if (!isKnown) {
    throw unknown(
      call.modelName,
      'made a row whose primary key only the database knows; set the key in the application',
    );
  }
  // An upsert that inserts no row gives the number of the last one that it has met, and others stand behind that.
  const place = touched.audited.keyColumns.findIndex(({ isGenerated }) => isGenerated);
  const isOfMet = [...touched.before.values()].some(({ key }) => String(key[place]) === String(sent.insertId));
  const found = async (step: number) => {
    const given = call.rows.map((row) => generated && row[generated.field]);
    const mayBeLeftOut = Boolean(options.ignoreDuplicates);
    const ranges = generated && !isOfMet ? generatedRanges(given, sent.insertId, step, mayBeLeftOut) : [];
    return read(parts, touched, [
      ...conditions,
      ...whereAny(keys, (known) => whereSqlIn(parts.sequelize, fieldsOf(touched.audited), known)),
      ...whereAny(touched.keys, (known) => whereKeyIn(parts.sequelize, touched.audited, known)),
      ...ranges.map((range) => whereInRange(parts.sequelize, generated?.field ?? '', range, step)),
    ]);
  };
  const images = await found(1);
  if (isExplained(parts, images, touched, sent)) return images;
  // The numbers of a cluster go in larger steps.
  const [settings] = (await parts.run('SELECT @@auto_increment_increment AS step')) as [{ step: unknown }];
  const others = Number(settings.step) > 1 ? await found(Number(settings.step)) : images;
  if (isExplained(parts, others, touched, sent)) return others;
  if (options.updateOnDuplicate) throw new Raced(call.modelName);
  throw unknown(call.modelName, `touched ${sent.affected} rows, of which its keys find ${others.length}`);
}

interface Range {
  readonly from: bigint;
  to: bigint;
}

/**
 * The numbers that rows without one of their own were given. InnoDB goes on from the highest, also from one that came
 * with its row; where rows may have been left out, the numbers that would follow without them are in it, too.
 */
function generatedRanges(
  given: readonly unknown[],
  first: Sent['insertId'],
  step: number,
  mayBeLeftOut: boolean,
): Range[] {
  const ranges: Range[] = [];
  const width = BigInt(step);
  let next = BigInt(first ?? 0);
  // No row was given a number.
  if (next === 0n) return [];
  let isNew = true;
  for (const value of given) {
    const isGenerated = value === null || value === undefined || Number(value) === 0;
    if (isGenerated) {
      const open = mayBeLeftOut ? ranges : ranges.slice(isNew ? ranges.length : -1);
      for (const range of open) range.to += width;
      if (isNew) ranges.push({ from: next, to: next });
      isNew = false;
      next += width;
    } else if (ranges.length > 0 && /^\d+$/.test(String(value)) && BigInt(String(value)) >= next) {
      // Those before the first generated number are in that number already.
      next += ((BigInt(String(value)) - next) / width + 1n) * width;
      isNew = true;
    }
  }
  return ranges;
}

function whereInRange(sequelize: Sequelize, field: string, { from, to }: Range, step: number): string {
  const column = queryGeneratorOf(sequelize).quoteIdentifier(field);
  if (from === to) return `${column} = ${from}`;
  const every = step > 1 ? ` AND MOD(${column} - ${from}, ${step}) = 0` : '';
  return `${column} BETWEEN ${from} AND ${to}${every}`;
}

/** MySQL counts a row once that it inserts, twice that it changes, and once, or not at all, that it finds unchanged. */
function isExplained(
  { call, options, foreignKeys, tables }: ObservationParts,
  images: readonly Image[],
  touched: Touched,
  sent: Sent,
): boolean {
  if (sent.affected === undefined) return true;
  // INSERT IGNORE also counts a row that a foreign key kept out.
  if (options.ignoreDuplicates && foreignKeys.hasFrom(tables.keyOf(call.table))) return true;
  const isNew = ({ recordId }: Image) => !touched.before.has(recordId);
  const created = images.filter(isNew).length;
  if (!options.updateOnDuplicate) return created === sent.affected;
  const old = images.length - created;
  // A row that was given another key looks like one that is new and one that is gone.
  const moved = Math.min(created, touched.before.size - old);
  const repeated = Math.max(0, call.rows.length - images.length);
  return sent.affected >= created && sent.affected <= created + moved + 2 * old + 2 * repeated;
}

async function read(
  { sequelize, run }: ObservationParts,
  touched: Touched,
  conditions: readonly string[],
): Promise<Image[]> {
  if (conditions.length === 0) return [];
  const { audited, table } = touched;
  const where = `WHERE ${[...new Set(conditions)].join(' OR ')}`;
  return imagesOf(
    await readRows(sequelize, run, { audited, table, where, end: lockOf(sequelize, 'FOR NO KEY UPDATE') }),
  );
}

function whereAny<T>(keys: readonly (T | null)[], where: (known: readonly T[]) => string): string[] {
  const known = keys.filter((key): key is T & NonNullable<unknown> => key !== null);
  return known.length > 0 ? [where(known)] : [];
}

function fieldsOf(audited: AuditedModel): string[] {
  return audited.keyColumns.map(({ field }) => field);
}

/** The primary key that a row came with, as SQL; null where the database made it. */
function keyOf({ sequelize }: ObservationParts, audited: AuditedModel, row: Values): string[] | null {
  if (audited.keyColumns.some(({ field }) => row[field] == null)) return null;
  return audited.keyColumns.map(({ field }) => expressionOf(sequelize, audited.model, field, row[field], 'INSERT'));
}

/** A driver writes another character in the place of half a surrogate pair than a look for the row would ask for. */
export function refuseHalves({ rows, modelName }: Call, { keyFields }: AuditedModel): void {
  const isHalf = (value: unknown) => typeof value === 'string' && /\p{Cs}/u.test(value);
  if (rows.some((row) => [...keyFields].some((field) => isHalf(row[field]))))
    throw unknown(modelName, 'has half a surrogate pair in a key, which no database can hold');
}
