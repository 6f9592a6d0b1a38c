/** Finds a row that was inserted alone where the statement gives nothing back. */
import { AuditError } from '../errors.js';
import { isExpression, queryGeneratorOf } from '../internals.js';
import type { AuditedModel } from '../record/audited-model.js';
import type { Image } from '../record/image.js';
import type { Sent } from './call.js';
import { imagesOf, lockOf, readRows } from './images.js';
import type { ObservationParts } from './observation.js';

/** By the rowid that SQLite's driver tells. */
export async function insertedByRowid(parts: ObservationParts, sent: Sent): Promise<Image[]> {
  if (sent.affected === 0) return [];
  const { audited } = parts.call as { readonly audited: AuditedModel };
  // Every ordinary table of SQLite has a rowid; one made WITHOUT ROWID, or with a column of that name, is found by
  // its key, and so is a rowid that the driver could not hand over exactly.
  const hasRowid =
    Number.isSafeInteger(sent.insertId) && !audited.columns.some(({ field }) => field.toLowerCase() === 'rowid');
  const images = hasRowid ? await read(parts, `rowid = ${sent.insertId}`).catch(() => []) : [];
  return images.length === 1 ? images : insertedByKey(parts, sent);
}

/** By the primary key that its instance holds now, or that the row was given. */
export async function insertedByKey(parts: ObservationParts, sent: Sent): Promise<Image[]> {
  if (sent.affected === 0) return [];
  const { sequelize, call } = parts;
  const { audited } = call as { readonly audited: AuditedModel };
  const where = Object.fromEntries(
    audited.keyColumns.map(({ attribute, field }) => [
      field,
      call.instance?.getDataValue(attribute as never) ?? call.rows[0]?.[field],
    ]),
  );
  const isKnown = Object.values(where).every(
    (value) => value !== undefined && value !== null && !isExpression(sequelize, value),
  );
  if (!isKnown) {
    throw unknown(
      call.modelName,
      'made a row whose primary key only the database knows; set the key in the application',
    );
  }
  const found = await read(parts, queryGeneratorOf(sequelize).getWhereConditions(where, null, audited.model));
  if (found.length !== 1) {
    throw unknown(call.modelName, `made a row that its primary key does not find again (${found.length} rows)`);
  }
  return found;
}

/** The error of a write whose rows cannot be told. */
export function unknown(modelName: string, what: string): AuditError {
  return new AuditError('ERR_AUDIT_RECORD_UNKNOWN', `A write of ${modelName} ${what}: it was refused`);
}

async function read({ sequelize, run, call }: ObservationParts, condition: string): Promise<Image[]> {
  const { audited, table } = call;
  const end = lockOf(sequelize, 'FOR NO KEY UPDATE');
  return imagesOf(await readRows(sequelize, run, { audited, table, where: `WHERE ${condition}`, end }));
}
