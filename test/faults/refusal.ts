/** What the caller of a write is told when the log refuses its entry. */
import { expect } from 'chai';
import { BaseError } from 'sequelize';
import { AuditError } from '../../lib/index.js';
import type { Fault } from './faults.js';

/** An AuditError in which the database's own error can be found in every way that Sequelize has for it. */
export function expectRefusal(error: unknown, { codes }: Pick<Fault, 'codes'>): void {
  expect(error).to.be.instanceOf(AuditError);
  const refusal = error as AuditError;
  const cause = refusal.cause as BaseError & { parent: unknown; original: Record<string, unknown>; sql: string };
  expect(refusal).to.include({ name: 'AuditError', code: 'ERR_AUDIT_ENTRY_NOT_WRITTEN' });
  expect(cause).to.be.instanceOf(BaseError).and.not.instanceOf(AuditError);
  expect(cause.sql).to.match(/(INSERT INTO|UPDATE) .AuditLogs/);
  expect(refusal).to.include({ parent: cause.parent, original: cause.original, sql: cause.sql });
  expect(refusal.message).to.include(cause.message);
  expect(codes.includes(cause.original.code) || codes.includes(cause.original.errno), String(error)).to.equal(true);
}
