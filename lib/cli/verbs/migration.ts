/** `sequelize-audit migration`: writes the file that makes the tables of the log. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { type MigrationOptions, migration } from '../../migration/index.js';
import { UsageError } from '../exit.js';
import { examples } from '../help.js';
import type { Shell } from '../shell.js';
import { escaped } from '../text/escape.js';

interface Options {
  readonly tool: 'sequelize-cli' | 'umzug';
  readonly typescript?: true;
  readonly modules?: 'commonjs' | 'esm';
  readonly partition?: 'monthly';
  readonly folder: string;
  readonly name: string;
  readonly print?: true;
}

export function migrationVerb(program: Command, shell: Shell): void {
  program
    .command('migration')
    .description('write a migration that makes the tables of the log, for the database and the options of the audit')
    .addOption(
      new Option('-t, --tool <name>', 'what runs it').choices(['sequelize-cli', 'umzug']).default('sequelize-cli'),
    )
    .option('--typescript', 'in TypeScript')
    .addOption(
      new Option('--modules <form>', 'of JavaScript (default: as package.json says)').choices(['commonjs', 'esm']),
    )
    .addOption(new Option('--partition <how>', 'PostgreSQL: a partition for each month').choices(['monthly']))
    .option('-f, --folder <path>', 'where it is written', 'migrations')
    .option('--name <text>', 'what the file is called after its time', 'create-audit-log')
    .option('-p, --print', 'write it to the output instead')
    .addHelpText(
      'after',
      examples(
        ['migration', 'for sequelize-cli, in the folder migrations'],
        ['migration --tool umzug --typescript --folder src/migrations', 'for umzug, in TypeScript'],
        ['migration --partition monthly --print', 'see what a log in partitions would be'],
      ),
    )
    .action((options: Options) =>
      shell.withAudit(async (audit) => {
        const { tool, partition } = options;
        const form = formOf(options, packageType(shell.cwd));
        const { language, modules } = form;
        const text = usage(() => migration(audit, { tool, language, modules, partition }));
        if (options.print) return shell.isJson ? shell.printJson({ text }) : shell.stdout.write(text);
        const file = written(shell.cwd, options, form.extension, text);
        if (shell.isJson) return shell.printJson({ file, text });
        await shell.stdout.print(escaped(file));
      }),
    );
}

interface Form {
  readonly language: NonNullable<MigrationOptions['language']>;
  readonly modules: 'commonjs' | 'esm';
  readonly extension: string;
}

function formOf({ tool, typescript, modules }: Options, inPackage: 'commonjs' | 'esm'): Form {
  const wanted = modules ?? inPackage;
  if (typescript) return { language: 'typescript', modules: wanted, extension: 'ts' };
  const extension = wanted === inPackage ? 'js' : wanted === 'esm' ? 'mjs' : 'cjs';
  if (extension === 'mjs' && tool === 'sequelize-cli')
    throw new UsageError(
      '--modules: expected commonjs, as sequelize-cli reads no .mjs, and package.json does not say "type": "module"',
    );
  return { language: 'javascript', modules: wanted, extension };
}

/** What the nearest package.json says of files that end in .js. */
function packageType(cwd: string): 'commonjs' | 'esm' {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file))
      return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type === 'module' ? 'esm' : 'commonjs';
    if (folder === path.dirname(folder)) return 'commonjs';
  }
}

/** @returns the file, seen from `cwd` */
function written(cwd: string, { folder, name }: Options, extension: string, text: string): string {
  if (!/^[\w.-]+$/.test(name))
    throw new UsageError(`--name: expected letters, digits, dots and hyphens, got ${JSON.stringify(name)}`);
  const directory = path.resolve(cwd, folder);
  const [earlier] = existsSync(directory)
    ? readdirSync(directory).filter((file) => /^\d+-(.*)\.[cm]?[jt]s$/.exec(file)?.[1] === name)
    : [];
  if (earlier !== undefined)
    throw new UsageError(
      `${path.join(folder, earlier)} is there already: expected another --name, as a migration that has run stays what it was`,
    );
  mkdirSync(directory, { recursive: true });
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const file = path.join(directory, `${time}-${name}.${extension}`);
  writeFileSync(file, text, { flag: 'wx' });
  return path.relative(cwd, file);
}

/** Options that cannot be followed are an error of usage. */
function usage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_AUDIT_OPTION_INVALID') throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
}
