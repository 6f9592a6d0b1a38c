/** `sequelize-audit baseline`: a first entry for rows that are older than the log. */
import type { Command } from 'commander';
import type { Audit } from '../../index.js';
import {
  actorOption,
  type ContextOptions,
  contextOf,
  countOf,
  reasonOption,
  repeatable,
} from '../arguments/options.js';
import { Interrupted } from '../exit.js';
import { examples } from '../help.js';
import { Progress, rowsOf } from '../progress.js';
import type { Shell } from '../shell.js';
import { escaped } from '../text/escape.js';
import { tableLines } from '../text/table.js';

interface Options extends ContextOptions {
  readonly model?: readonly string[];
  readonly batchSize?: string;
  readonly differing?: boolean;
}

export function baselineVerb(program: Command, shell: Shell): void {
  program
    .command('baseline')
    .description('give rows that are older than the log a first entry; it can be stopped and run again')
    .addOption(repeatable('-m, --model <name>', 'this model only; may be repeated'))
    .option('--batch-size <rows>', 'rows of one transaction (default: 1000)')
    .option('--differing', 'also where verify finds another difference: what was changed past the log is accepted')
    .addOption(actorOption())
    .addOption(reasonOption())
    .addHelpText(
      'after',
      examples(
        ['baseline --actor ops --reason "audit switched on"', 'every row that has no beginning'],
        ['baseline --model User --differing --reason "ticket 12"', 'users begin anew where they differ'],
      ),
    )
    .action((options: Options) => shell.withAudit((audit) => baseline(shell, audit, options)));
}

async function baseline(shell: Shell, audit: Audit, options: Options): Promise<void> {
  const batchSize = countOf(options.batchSize, '--batch-size');
  const progress = new Progress(shell, 'Looking', 'rows');
  const total = progress.isShown ? await rowsOf(audit, options.model) : 0;
  const done = new Map<string, { readonly rows: number; readonly written: number }>();
  const sum = (name: 'rows' | 'written') => [...done.values()].reduce((count, each) => count + each[name], 0);
  try {
    await shell.carefully(() =>
      audit.run(contextOf(options), () =>
        audit.baseline(options.model, {
          ...(batchSize === undefined ? {} : { batchSize }),
          differing: options.differing ?? false,
          onProgress: ({ modelName, rows, written }) => {
            done.set(modelName, { rows, written });
            progress.at(sum('rows'), Math.max(total, sum('rows')));
            shell.checkpoint();
          },
        }),
      ),
    );
  } catch (error) {
    progress.end();
    if (error instanceof Interrupted)
      await shell.note(`stopped: ${sum('written')} entries were written and stay; run it again to go on`);
    throw error;
  }
  progress.end();
  const counts = [...done].map(([modelName, count]) => ({ modelName, ...count }));
  if (shell.isJson) {
    for (const count of counts) await shell.printJson(count);
    return;
  }
  const rows = counts.map(({ modelName, rows, written }) => [escaped(modelName), String(rows), String(written)]);
  const columns = [
    { name: 'MODEL' },
    { name: 'ROWS', align: 'right', isWhole: true },
    { name: 'WRITTEN', align: 'right', isWhole: true },
  ] as const;
  await shell.print(tableLines(columns, [...rows, ['', String(sum('rows')), String(sum('written'))]], shell.stdout));
}
