/** `sequelize-audit revert`: brings one record back to what it was. */
import type { Command } from 'commander';
import { pointForms, pointOf } from '../arguments/point.js';
import { targetOf } from '../arguments/record.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { type WriteOptions, withWriteOptions, write, writtenOf } from '../write.js';

export function revertVerb(program: Command, shell: Shell): void {
  const command = program
    .command('revert')
    .description('bring a record back to what it was at a point, later changes included')
    .argument('<record>', 'such as User/1')
    .argument('<point>', pointForms);
  withWriteOptions(command)
    .addHelpText(
      'after',
      examples(
        ['revert User/1 2 --dry-run', 'what bringing it back to its second revision would write'],
        ['revert User/1 2026-01-31T10:00 --actor ops --reason "ticket 12"', 'bring it back, as ops'],
      ),
    )
    .action((record: string, text: string, options: WriteOptions) =>
      shell.withAudit(async (audit) => {
        const { history } = targetOf(audit, record);
        const point = await pointOf(audit, history, text);
        await write(
          shell,
          audit,
          {
            title: `Revert ${record} to ${text}`,
            isStrict: true,
            plan: async () => {
              const change = await history.revertTo(point, { dryRun: true });
              return { changesetId: null, changes: change ? [change] : [], conflicts: [] };
            },
            write: async (transaction) => {
              const [last] = await history.revisions({ order: 'DESC', limit: 1, transaction });
              await history.revertTo(point, { transaction });
              return writtenOf(await history.revisions({ ...(last ? { after: last.id } : {}), transaction }));
            },
          },
          options,
        );
      }),
    );
}
