/** `sequelize-audit blame`: for each value of a record the entry that set it. */
import type { Command } from 'commander';
import { targetOf } from '../arguments/record.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { actionText, actorText } from '../text/entry-lines.js';
import { escaped } from '../text/escape.js';
import { timeText } from '../text/paper.js';
import { tableLines } from '../text/table.js';
import { valueText } from '../text/value.js';

export function blameVerb(program: Command, shell: Shell): void {
  program
    .command('blame')
    .description('say of each value of a record who set it, and when')
    .argument('<record>', 'such as User/1')
    .addHelpText(
      'after',
      examples(['blame User/1', 'who set its values'], ['blame User/1 --json', 'the same, with each entry as a whole']),
    )
    .action((record: string) =>
      shell.withAudit(async (audit) => {
        const { model, key } = targetOf(audit, record);
        const blames = await audit.blame(model, key);
        if (blames === null) return shell.note(`${escaped(record)} does not exist, or is destroyed`);
        if (shell.isJson) {
          for (const blame of blames) await shell.printJson(blame);
          return;
        }
        const { colors } = shell.stdout;
        const rows = blames.map(({ path, value, entry }) => [
          colors.bold(escaped(path.slice(1))),
          valueText(value),
          String(entry.revision),
          colors.yellow(entry.id),
          timeText(entry.at, shell.stdout),
          actorText(entry.actor),
          actionText(entry.action, colors),
        ]);
        const columns = [
          { name: 'VALUE OF', keep: 20 },
          { name: 'VALUE', keep: 10 },
          { name: 'REV', align: 'right', isWhole: true },
          { name: 'ENTRY', align: 'right', isWhole: true },
          { name: 'DATE', isWhole: true },
          { name: 'ACTOR' },
          { name: 'ACTION', isWhole: true },
        ] as const;
        await shell.print(tableLines(columns, rows, shell.stdout));
      }),
    );
}
