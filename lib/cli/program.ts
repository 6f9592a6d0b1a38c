/** The command line as a whole: its verbs, what all of them take, and how failures are told. */
import { Command, CommanderError } from 'commander';
import { ApplicationError, exitCodes, Interrupted, isUsage, OutputClosed } from './exit.js';
import { type GlobalOptions, Shell } from './shell.js';
import { escapedLines } from './text/escape.js';
import { atVerb } from './verbs/at.js';
import { baselineVerb } from './verbs/baseline.js';
import { blameVerb } from './verbs/blame.js';
import { diffVerb } from './verbs/diff.js';
import { doctorVerb } from './verbs/doctor.js';
import { logVerb } from './verbs/log.js';
import { migrationVerb } from './verbs/migration.js';
import { revertVerb } from './verbs/revert.js';
import { showVerb } from './verbs/show.js';
import { statsVerb } from './verbs/stats.js';
import { undoVerb } from './verbs/undo.js';
import { verifyVerb } from './verbs/verify.js';

/** In the order of the help. */
const verbs = [
  logVerb,
  showVerb,
  diffVerb,
  blameVerb,
  atVerb,
  revertVerb,
  undoVerb,
  verifyVerb,
  baselineVerb,
  statsVerb,
  migrationVerb,
  doctorVerb,
];

export function programOf(shell: Shell): Command {
  const program = new Command('sequelize-audit')
    .description('Reads and keeps the record history of an application.')
    .option('--app <file>', 'the module that exports the audit (default: "sequelize-audit" in package.json)')
    .option('--json', 'one JSON object a line')
    .option('--color', 'colours also where no terminal is')
    .option('--no-color', 'no colours')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text),
    })
    .exitOverride()
    .hook('preAction', (_, command) => shell.configure(command.optsWithGlobals<GlobalOptions>()));
  for (const verb of verbs) verb(program, shell);
  return program;
}

/** Runs one command line, and ends the process. */
export async function run(process: NodeJS.Process): Promise<never> {
  const shell = new Shell(process);
  // What the application prints is not what was asked for.
  shell.stdout.takeOver(process.stderr);
  // Only when nothing can happen any more, and yet the verb is not done: something waits for what nobody will do.
  process.once('beforeExit', () => {
    process.stderr.write('sequelize-audit: the application never came to an end of what was asked of it\n');
    process.exit(shell.exitCode === exitCodes.ok ? exitCodes.failed : shell.exitCode);
  });
  try {
    await programOf(shell).parseAsync(process.argv);
  } catch (error) {
    await fail(shell, error).catch(() => undefined);
  }
  // The application may hold open more than its database.
  process.exit(shell.exitCode);
}

async function fail(shell: Shell, error: unknown): Promise<void> {
  if (error instanceof OutputClosed || error instanceof Interrupted) return;
  if (error instanceof CommanderError) {
    shell.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return;
  }
  shell.exitCode = isUsage(error) ? exitCodes.usage : exitCodes.failed;
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const stack = error instanceof ApplicationError && cause instanceof Error ? (cause.stack ?? '') : '';
  const lines = [...escapedLines(`sequelize-audit: ${message}`), ...(stack === '' ? [] : escapedLines(stack))];
  await shell.stderr.print(lines.join('\n'));
}
