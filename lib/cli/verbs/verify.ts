/** `sequelize-audit verify`: whether log and tables agree. */
import type { Command } from 'commander';
import type { Difference, Verification } from '../../index.js';
import { countOf, repeatable } from '../arguments/options.js';
import { exitCodes } from '../exit.js';
import { examples } from '../help.js';
import { Progress, rowsOf } from '../progress.js';
import type { Shell } from '../shell.js';
import { recordText } from '../text/entry-lines.js';
import { escaped } from '../text/escape.js';
import type { Paper } from '../text/paper.js';
import { tableLines } from '../text/table.js';
import { valueText } from '../text/value.js';

interface Options {
  readonly model?: readonly string[];
  readonly limit?: string;
}

export function verifyVerb(program: Command, shell: Shell): void {
  program
    .command('verify')
    .description(
      'replay the log, compare it with the tables, and list the records that differ; they make it end with 1',
    )
    .addOption(repeatable('-m, --model <name>', 'this model only; may be repeated'))
    .option('-n, --limit <count>', 'differences that are listed; all are counted (default: 1000)')
    .addHelpText(
      'after',
      examples(
        ['verify', 'everything'],
        ['verify --model User --model Invoice', 'two models'],
        ['verify --json', 'one difference a line, and at last the counts'],
      ),
    )
    .action((options: Options) =>
      shell.withAudit(async (audit) => {
        const limit = countOf(options.limit, '--limit');
        const progress = new Progress(shell, 'Comparing', 'rows and entries');
        const toCompare = progress.isShown ? await rowsOf(audit, options.model) : 0;
        const verification = await shell
          .carefully(() =>
            audit.verify({
              ...(options.model ? { models: options.model } : {}),
              ...(limit === undefined ? {} : { limit }),
              onProgress: ({ rows, entries, total }) => {
                shell.checkpoint();
                progress.at(rows + entries, Math.max(toCompare, rows) + total);
              },
            }),
          )
          .finally(() => progress.end());
        if (sum(verification) > 0) shell.exitCode = exitCodes.found;
        await print(shell, verification);
      }),
    );
}

async function print(shell: Shell, verification: Verification): Promise<void> {
  const { differences, counts, models, others } = verification;
  if (shell.isJson) {
    for (const difference of differences) await shell.printJson(difference);
    return shell.printJson({ counts, models, others });
  }
  const { stdout } = shell;
  const rows = differences.map((difference) => rowOf(difference, stdout));
  const columns = [
    { name: 'WHAT', isWhole: true },
    { name: 'RECORD' },
    { name: 'ENTRY', align: 'right', isWhole: true },
    { name: 'EXPECTED → FOUND' },
  ] as const;
  if (rows.length > 0) await shell.print([...tableLines(columns, rows, stdout), '']);
  const found = sum(verification);
  if (found > differences.length) await stdout.print(`and ${found - differences.length} more`);
  const text = `${counted(found, 'record')} ${found === 1 ? 'differs' : 'differ'}`;
  const compared = `${counted(counts.rows, 'row')} and ${counted(counts.entries, 'entry', 'entries')}`;
  await stdout.print(
    `${found > 0 ? stdout.colors.red(text) : stdout.colors.green(text)}; compared ${compared} of ${counted(Object.keys(models).length, 'model')}`,
  );
  for (const [name, { records, entries: count }] of Object.entries(others))
    await stdout.print(
      `not compared: ${escaped(name)}, ${counted(count, 'entry', 'entries')} of ${counted(records, 'record')}`,
    );
}

function rowOf({ kind, modelName, recordId, entry, mismatches }: Difference, { colors }: Paper): string[] {
  const values = mismatches.map(
    ({ path, expected, found }) =>
      `${escaped(path.slice(1))}: ${colors.green(valueText(expected as never))} → ${colors.red(valueText(found as never))}`,
  );
  return [colors.red(kind), recordText({ modelName, recordId }), entry ?? '-', values.join(', ')];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function sum({ counts }: Verification): number {
  return Object.values(counts.differences).reduce((total, count) => total + count, 0);
}
