/** `sequelize-audit undo`: takes one change back, or a changeset, and keeps what was changed later. */
import { type Command, Option } from 'commander';
import { isChangeset } from '../arguments/point.js';
import { exitCodes } from '../exit.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { conflictLines } from '../text/entry-lines.js';
import { type WriteOptions, withWriteOptions, write } from '../write.js';

interface Options extends WriteOptions {
  readonly onConflict: 'reject' | 'skip' | 'force';
}

export function undoVerb(program: Command, shell: Shell): void {
  const command = program
    .command('undo')
    .description('take one change back, or a whole changeset, and keep what was changed later')
    .argument('<what>', 'the id of an entry, or of a changeset')
    .addOption(
      new Option('--on-conflict <how>', 'where later changes stand in the way: undo nothing, the rest, or all')
        .choices(['reject', 'skip', 'force'])
        .default('reject'),
    );
  withWriteOptions(command)
    .addHelpText(
      'after',
      examples(
        ['undo 42 --dry-run', 'what undoing entry 42 would write'],
        ['undo 42 --actor ops --reason "wrong file"', 'undo it, as ops'],
        ['undo 0b3c0f0e-4f0e-4d5e-9d6b-0c8f6c1f7a55', 'undo all that one transaction wrote'],
      ),
    )
    .action((what: string, options: Options) =>
      shell.withAudit(async (audit) => {
        const { onConflict } = options;
        const task = {
          title: `Undo ${isChangeset(what) ? 'changeset' : 'entry'} ${what}`,
          isStrict: onConflict === 'reject',
          plan: () => audit.undo(what, { onConflict, dryRun: true }),
          write: (transaction: NonNullable<Parameters<typeof audit.undo>[1]>['transaction']) =>
            audit.undo(what, { onConflict, transaction: transaction ?? null }),
        };
        try {
          await write(shell, audit, task, options);
        } catch (error) {
          const { code, conflicts } = error as { code?: unknown; conflicts?: Parameters<typeof conflictLines>[0][] };
          if (code !== 'ERR_AUDIT_UNDO_CONFLICT' || !conflicts) throw error;
          shell.exitCode = exitCodes.found;
          if (shell.isJson) return shell.printJson({ changesetId: null, changes: [], conflicts });
          await shell.print(conflicts.flatMap((conflict) => conflictLines(conflict, shell.stdout)));
          await shell.note('nothing was written: conflicts; see --on-conflict');
        }
      }),
    );
}
