/**
 * Finds out whether an upsert of MySQL met rows that were there, without looking for them before. A look that finds
 * nothing locks the gap where the row would be (InnoDB, locking reads), and two transactions that have both looked
 * cannot insert there any more: each waits for the other. The count of touched rows does not tell a row that was
 * inserted from one that was found unchanged, so the statement itself leaves a note in a variable of the session.
 */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditedModel } from '../record/audited-model.js';

const variable = '@sequelize_audit_met';

/**
 * An assignment that leaves `field` as it is, and in the variable the key that the row would have been inserted with.
 *
 * @param field a column that the upsert assigns
 */
export function notingMet(sequelize: Sequelize, audited: AuditedModel, field: string): string {
  const [key, column] = [audited.keyColumns[0]?.field ?? field, field].map((name) =>
    queryGeneratorOf(sequelize).quoteIdentifier(name),
  );
  // What depends on the row is worked out for each row that is met, and for no other.
  return `${column} = IF(LENGTH(${variable} := VALUES(${key})), ${column}, ${column})`;
}

/** Forgets what a statement that failed may have left in the variable. */
export async function forgetMet(run: Run): Promise<void> {
  await run(`SET ${variable} = NULL`);
}

/** The key that the upsert before had for the last row that was met; null when it met none. */
export async function keyOfMet(run: Run): Promise<string | null> {
  const [note] = (await run(`SELECT CAST(${variable} AS CHAR) AS noted`)) as [{ readonly noted: string | null }];
  return note.noted;
}

/** Has the next INSERT use a number that was drawn before, so that an upsert that is sent twice draws but one. */
export async function drawAgain(run: Run, number: string): Promise<void> {
  await run(`SET INSERT_ID = ${number}`);
}
