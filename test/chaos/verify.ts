/** Compares tables and log, both read by plain SQL in one snapshot, and folded without our code. */
import { isDeepStrictEqual } from 'node:util';
import { Sequelize, Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { foldLog, type LoggedEntry, readLog, readTables } from '../setup/oracle.js';
import type { Settings } from './messages.js';
import { defineModels } from './models.js';

/** What tables and log hold, and the records about which they do not agree. */
export interface Finding {
  readonly rows: number;
  readonly entries: number;
  readonly changesets: number;
  readonly withoutEntry: readonly string[];
  readonly withoutRow: readonly string[];
  /** With what the log says, or why it says nothing. */
  readonly differing: readonly string[];
  /** What `audit.verify` says of records that are right. */
  readonly alarms: readonly string[];
}

/** Looks with an instance of its own that no audit is attached to. Others may write meanwhile. */
export async function verify(options: Settings['options']): Promise<Finding> {
  const sequelize = new Sequelize({ ...options, logging: false });
  const models = Object.values(defineModels(sequelize));
  try {
    // PostgreSQL and InnoDB keep to the snapshot of the first read; SQLite does in any transaction.
    const isolationLevel = Transaction.ISOLATION_LEVELS.REPEATABLE_READ;
    const { tables, log } = await sequelize.transaction({ isolationLevel }, async (transaction) => ({
      tables: await readTables(models, transaction),
      log: await readLog(sequelize, 'AuditLogs', transaction),
    }));
    const finding = compare(tables, log);
    return { ...finding, alarms: isRight(finding) ? await alarmsOf(sequelize) : [] };
  } finally {
    await sequelize.close();
  }
}

/** Where everything is right, the library must say so, in a snapshot of its own and whatever is written meanwhile. */
async function alarmsOf(sequelize: Sequelize): Promise<string[]> {
  const audit = attachAudit(sequelize);
  const { differences } = await audit.verify();
  audit.detach();
  return differences.map((difference) => `verify says ${JSON.stringify(difference)}`);
}

function isRight({ withoutEntry, withoutRow, differing }: Omit<Finding, 'alarms'>): boolean {
  return withoutEntry.length + withoutRow.length + differing.length === 0;
}

export function compare(
  tables: Readonly<Record<string, unknown>>,
  log: readonly LoggedEntry[],
): Omit<Finding, 'alarms'> {
  const withoutEntry = [];
  const withoutRow = [];
  const differing = [];
  const entries = new Map<string, LoggedEntry[]>();
  for (const entry of log) {
    const name = `${entry.modelName} ${entry.recordId}`;
    const known = entries.get(name);
    if (known) known.push(entry);
    else entries.set(name, [entry]);
  }
  for (const name of new Set([...Object.keys(tables), ...entries.keys()])) {
    const row = tables[name];
    const replayed = fold(name, entries.get(name) ?? []);
    if ('failure' in replayed) differing.push(`${name}: ${replayed.failure}`);
    else if (!replayed.state && row) withoutEntry.push(name);
    else if (replayed.state && !row) withoutRow.push(name);
    else if (!isDeepStrictEqual(replayed.state, row))
      differing.push(`${name}: the log says ${JSON.stringify(replayed.state)}, the table ${JSON.stringify(row)}`);
  }
  return {
    rows: Object.keys(tables).length,
    entries: log.length,
    changesets: new Set(log.map(({ changesetId }) => changesetId)).size,
    withoutEntry,
    withoutRow,
    differing,
  };
}

function fold(
  name: string,
  entries: readonly LoggedEntry[],
): { readonly state: unknown } | { readonly failure: string } {
  try {
    return { state: foldLog(entries)[name] };
  } catch (error) {
    // The message of the library holds the whole document.
    return { failure: `its patches do not follow one another (${String(error).split('\n')[0]})` };
  }
}
