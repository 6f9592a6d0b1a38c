/** Reads a row as it is now, for a write that is to follow in the same transaction. */
import type { Model, Transaction } from 'sequelize';
import { literal, sequelizeOf } from '../internals.js';
import type { Document } from '../patch/operation.js';
import { columnList, imageOf } from '../record/image.js';
import type { Target } from './target.js';

export interface Present {
  /** With all its attributes, whatever scopes say. */
  readonly row: Model;
  /** As the log would hold it. */
  readonly document: Document;
}

/**
 * @param isLocked whether the row stays as it is until the transaction ends
 * @returns null when there is no row
 */
export async function presentOf(
  { model, audited, key }: Target,
  transaction: Transaction,
  isLocked: boolean,
): Promise<Present | null> {
  const sequelize = sequelizeOf(model);
  // Both with the lock: in an older transaction of MySQL a plain read sees an older row.
  const lock = isLocked ? { lock: transaction.LOCK.UPDATE } : {};
  const query = { where: key, paranoid: false, hooks: false, useMaster: true, transaction, ...lock };
  // What an instance holds can be less than what is stored: microseconds, and the digits of a BIGINT.
  const attributes = [literal(sequelize, columnList(sequelize, audited))];
  const plain = model.unscoped();
  const stored = (await plain.findOne({
    ...query,
    ...lock,
    attributes,
    raw: true,
  } as never)) as unknown as Stored | null;
  const row = stored && (await plain.findOne(query as never));
  if (!row) return null;
  // The driver may have rounded the key, by which the row is written.
  for (const [attribute, value] of Object.entries(key)) row.set(attribute as never, value as never, { raw: true });
  return { row, document: imageOf(audited, stored).snapshot.document };
}

type Stored = Readonly<Record<string, unknown>>;
