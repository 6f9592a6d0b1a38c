/** `sequelize-audit doctor`: what an installation lacks. */
import type { Command } from 'commander';
import { doctor, type Finding } from '../../doctor/index.js';
import { exitCodes } from '../exit.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { escaped } from '../text/escape.js';

export function doctorVerb(program: Command, shell: Shell): void {
  program
    .command('doctor')
    .description('say what an installation lacks, in the database and in the options; errors make it end with 1')
    .addHelpText(
      'after',
      examples(
        ['doctor', 'what is wrong, and what to do about it'],
        ['doctor --json', 'one finding a line: code, severity, model, attribute, problem, advice'],
      ),
    )
    .action(() =>
      shell.withAudit(async (audit) => {
        const findings = await doctor(audit);
        const errors = findings.filter(({ severity }) => severity === 'error').length;
        if (errors > 0) shell.exitCode = exitCodes.found;
        if (shell.isJson) {
          for (const finding of findings) await shell.printJson(finding);
          return;
        }
        const { colors } = shell.stdout;
        const lines = findings.flatMap(({ severity, problem, advice }: Finding) => [
          `${severity === 'error' ? colors.red('error  ') : colors.yellow('warning')}  ${escaped(problem)}`,
          `         ${colors.dim(escaped(advice))}`,
        ]);
        const counts = `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`;
        const color = errors > 0 ? colors.red : findings.length > 0 ? colors.yellow : colors.green;
        await shell.print([...lines, ...(lines.length > 0 ? [''] : []), color(counts)]);
      }),
    );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
