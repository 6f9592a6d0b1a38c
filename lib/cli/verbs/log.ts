/** `sequelize-audit log`: the entries that fulfil some conditions. */
import type { Command } from 'commander';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';

interface LogOptions {
  readonly model?: readonly string[];
}

export function logVerb(program: Command, shell: Shell): void {
  program
    .command('log')
    .description('list entries, newest first')
    .argument('[record]', 'such as User/1')
    .option('--model <name...>', 'of these models')
    .addHelpText('after', examples(['log --model User', 'the last changes of users']))
    .action((_record: string | undefined, options: LogOptions) =>
      shell.withAudit(async (audit) => {
        const model = options.model;
        for (const entry of await audit.entries({ model })) {
          if (shell.isJson) await shell.printJson(entry);
          else await shell.stdout.print(`${entry.id} ${entry.action} ${entry.modelName}/${entry.recordId}`);
        }
      }),
    );
}
