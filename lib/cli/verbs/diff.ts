/** `sequelize-audit diff`: what changed in one record from one point to another. */
import type { Command } from 'commander';
import { changesOf } from '../../index.js';
import { pointForms, pointOf } from '../arguments/point.js';
import { targetOf } from '../arguments/record.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { changeLines } from '../text/change-lines.js';

export function diffVerb(program: Command, shell: Shell): void {
  program
    .command('diff')
    .description('compare a record at two points')
    .argument('<record>', 'such as User/1')
    .argument('<from>', pointForms)
    .argument('<to>', 'the same')
    .addHelpText(
      'after',
      examples(
        ['diff User/1 1 3', 'what changed from its first revision to its third'],
        ['diff User/1 1d 1s', 'what changed in the last day'],
        ["diff 'Membership/[1,2]' 1 2 --json", 'a record with a composite key; one RFC 6902 operation a line'],
      ),
    )
    .action((record: string, from: string, to: string) =>
      shell.withAudit(async (audit) => {
        const { history } = targetOf(audit, record);
        const patch = await history.diff(await pointOf(audit, history, from), await pointOf(audit, history, to));
        if (shell.isJson) for (const operation of patch) await shell.printJson(operation);
        else await shell.print(changesOf(patch).flatMap((change) => changeLines(change, shell.stdout, 0)));
      }),
    );
}
