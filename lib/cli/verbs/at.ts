/** `sequelize-audit at`: a record as it was. */
import type { Command } from 'commander';
import { pointForms, pointOf } from '../arguments/point.js';
import { targetOf } from '../arguments/record.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { escaped } from '../text/escape.js';
import { valueLines } from '../text/value-lines.js';

export function atVerb(program: Command, shell: Shell): void {
  program
    .command('at')
    .description('show a record as it was')
    .argument('<record>', 'such as User/1')
    .argument('<point>', pointForms)
    .addHelpText(
      'after',
      examples(
        ['at User/1 2', 'as of its second revision'],
        ['at User/1 2026-01-31', 'as it was when that day began, in UTC'],
        ['at User/1 2h --json', 'as it was two hours ago, as one JSON object; null when it did not exist'],
      ),
    )
    .action((record: string, text: string) =>
      shell.withAudit(async (audit) => {
        const { history } = targetOf(audit, record);
        const past = await history.documentAt(await pointOf(audit, history, text));
        if (shell.isJson) return shell.printJson(past?.document ?? null);
        if (!past) return shell.note(`${escaped(record)} did not exist then`);
        const { stdout } = shell;
        const lines = Object.entries(past.document).flatMap(([attribute, value]) => {
          const isGone = past.unknown.includes(attribute);
          const head = `${escaped(attribute)}: `;
          const [first = '', ...rest] = valueLines(head, value, stdout);
          const bold = stdout.colors.bold(head.trimEnd()) + first.slice(head.trimEnd().length);
          return [bold, ...rest, ...(isGone ? [stdout.colors.dim('    (not in the model any more)')] : [])];
        });
        await shell.print(lines);
      }),
    );
}
