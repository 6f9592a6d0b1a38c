/** What revert and undo have in common: show what would be written, ask, write as a whole, say what was written. */
import type { Command } from 'commander';
import type { Transaction } from 'sequelize';
import type { Audit, AuditEntry, Conflict, PlannedChange } from '../index.js';
import { actorOption, type ContextOptions, contextOf, reasonOption } from './arguments/options.js';
import { exitCodes } from './exit.js';
import type { Output } from './output.js';
import { ask, askedAt } from './question.js';
import type { Shell } from './shell.js';
import { conflictLines, plannedLines } from './text/entry-lines.js';

export interface WriteOptions extends ContextOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What would be written, or has been. */
export interface Written {
  /** null when nothing was written. */
  readonly changesetId: string | null;
  readonly changes: readonly PlannedChange[];
  /** Where later changes stand in the way. */
  readonly conflicts: readonly Conflict[];
}

export interface Task {
  /** Such as "undo entry 7". */
  readonly title: string;
  /** Whether a conflict stops it. */
  readonly isStrict: boolean;
  readonly plan: () => Promise<Written>;
  readonly write: (transaction: Transaction) => Promise<Written>;
}

/** Adds the options that a verb which writes has. */
export function withWriteOptions(command: Command): Command {
  return command
    .option('-n, --dry-run', 'write nothing, and show what would be written')
    .option('-y, --yes', 'do not ask')
    .addOption(actorOption())
    .addOption(reasonOption());
}

/** Plans, asks where somebody is there to answer, and writes. */
export async function write(shell: Shell, audit: Audit, task: Task, options: WriteOptions): Promise<void> {
  const asked = options.yes || options.dryRun ? null : askedAt(shell);
  if (options.dryRun || asked) {
    const plan = await task.plan();
    const isStopped = task.isStrict && plan.conflicts.length > 0;
    if (isStopped) shell.exitCode = exitCodes.found;
    if (options.dryRun && shell.isJson) return shell.printJson(plan);
    await show(asked ?? shell.stdout, plan);
    if (isStopped) return shell.note('conflicts: nothing would be written; see --on-conflict');
    if (plan.changes.length === 0) return shell.note('nothing to write: the records are so already');
    if (options.dryRun) return shell.note('nothing was written: a dry run');
    if (asked && !(await ask(shell, asked, `${task.title}?`))) {
      shell.exitCode = exitCodes.found;
      return shell.note('nothing was written');
    }
  }
  const written = await audit.run(contextOf(options), () => whole(shell, audit, task.write));
  if (shell.isJson) return shell.printJson(written);
  if (!asked) await show(shell.stdout, written);
  if (written.changesetId === null) return shell.note('nothing to write: the records are so already');
  await shell.stdout.print(`done in changeset ${written.changesetId}`);
}

/** Runs writes in a transaction that Ctrl-C rolls back until the very end. */
function whole<T>(shell: Shell, { sequelize }: Audit, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  // A reader that becomes a writer of SQLite could find another one there.
  const own = sequelize.getDialect() === 'sqlite' ? { type: 'IMMEDIATE' as Transaction.TYPES } : {};
  return shell.carefully(() =>
    sequelize.transaction(own, async (transaction) => {
      const done = await work(transaction);
      shell.checkpoint();
      return done;
    }),
  );
}

async function show(output: Output, { changes, conflicts }: Written): Promise<void> {
  const lines = [
    ...changes.flatMap((change) => plannedLines(change, output)),
    ...conflicts.flatMap((conflict) => conflictLines(conflict, output)),
  ];
  if (lines.length > 0) await output.print(lines.join('\n'));
}

/** Entries that were written, as what `dryRun` would have said. */
export function writtenOf(entries: readonly AuditEntry[]): Written {
  const changes = entries.map(({ modelName, recordId, action, patch }) => ({ modelName, recordId, action, patch }));
  return { changesetId: entries[0]?.changesetId ?? null, changes, conflicts: [] };
}
