/** The command line as a whole: its verbs, what all of them take, and how failures are told. */
import { Command, CommanderError } from 'commander';
import { exitCodes, Interrupted, isUsage, OutputClosed } from './exit.js';
import { type GlobalOptions, Shell } from './shell.js';
import { logVerb } from './verbs/log.js';

/** In the order of the help. */
const verbs = [logVerb];

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
export async function run(argv: readonly string[]): Promise<void> {
  const shell = new Shell(process);
  // What the application says while it is loaded is not what was asked for.
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
  try {
    await programOf(shell).parseAsync(argv);
  } catch (error) {
    await fail(shell, error);
  }
  process.exit(shell.exitCode);
}

async function fail(shell: Shell, error: unknown): Promise<void> {
  if (error instanceof OutputClosed) return;
  if (error instanceof CommanderError) {
    shell.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return;
  }
  shell.exitCode =
    error instanceof Interrupted ? exitCodes.interrupted : isUsage(error) ? exitCodes.usage : exitCodes.failed;
  if (shell.exitCode === exitCodes.interrupted) return;
  await shell.stderr
    .print(`sequelize-audit: ${error instanceof Error ? error.message : String(error)}`)
    .catch(() => undefined);
}
