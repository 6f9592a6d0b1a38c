/** Writes a migration that makes the tables of an audit as `sync` would, and needs nothing of this package when it runs. */
import type { Audit } from '../index.js';
import { framed } from './frame.js';
import { type MigrationOptions, resolveOptions } from './options.js';
import { callsOf } from './tables.js';

/**
 * The text of a migration file for the database and the options of `audit`: that of the log, and with the option
 * `snapshots` that of states. It does not change any more when they do.
 *
 * @throws AuditError ERR_AUDIT_OPTION_INVALID naming the option, what was expected and what came
 */
export function migration(audit: Audit, options: MigrationOptions = {}): string {
  const dialect = audit.sequelize.getDialect();
  const resolved = resolveOptions(options, dialect);
  // MySQL and MariaDB commit with every definition.
  const isTransactional = dialect === 'postgres' || dialect === 'sqlite';
  const calls = audit.installation.tables.map((table) => {
    // States of records are few, and are looked for by their entry.
    const partition = table.model === audit.AuditLog ? resolved.partition : null;
    return callsOf(table, { dialect, partition, isTransactional });
  });
  // Both tables stand in one schema.
  const up = [...new Set(calls.flatMap(({ schema }) => schema)), ...calls.flatMap((each) => each.up)];
  const whole = { up, down: calls.toReversed().flatMap(({ down }) => down) };
  return framed(whole, { ...resolved, dialect, isTransactional });
}
