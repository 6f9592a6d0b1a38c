/** A small application in a folder of its own, and the command line as a process beside it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Model, ModelStatic, Options, Sequelize } from 'sequelize';
import type { Audit } from '../../lib/index.js';
import { root } from '../docs/pages.js';
import type { Database } from '../setup/databases.js';
import { connect } from '../setup/suite.js';

/** The package as it is built: a process starts in half the time. */
const built = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-built-'));
const main = path.join(built, 'dist', 'cli', 'main.js');
process.once('exit', () => rmSync(built, { recursive: true, force: true }));

/** What applications import. */
export const library = path.join(built, 'dist', 'index.js');

function build(): void {
  if (existsSync(main)) return;
  symlinkSync(path.join(root, 'node_modules'), path.join(built, 'node_modules'), 'junction');
  writeFileSync(path.join(built, 'package.json'), '{ "type": "module" }');
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(
    process.execPath,
    [tsc, '--outDir', path.join(built, 'dist'), '--declaration', 'false', '--declarationMap', 'false'],
    { cwd: root },
  );
}

/** Models as every application of these tests has them. @param options code, as `after` is */
export function applicationOf(database: Options, options = '{}', after = ''): string {
  return `
import { DataTypes, Sequelize } from 'sequelize';
import { attachAudit } from ${JSON.stringify(pathToFileURL(library).href)};
export const sequelize = new Sequelize(${JSON.stringify(database)});
export const audit = attachAudit(sequelize, ${options});
export const User = sequelize.define('User', {
  name: DataTypes.STRING, role: DataTypes.STRING, bio: DataTypes.TEXT, settings: DataTypes.JSON, password: DataTypes.STRING,
}, { timestamps: false });
export const Membership = sequelize.define('Membership', {
  team: { type: DataTypes.INTEGER, primaryKey: true },
  user: { type: DataTypes.INTEGER, primaryKey: true },
  level: DataTypes.STRING,
}, { timestamps: false });
// MySQL has no keys of bytes without an end.
export const File = /^m/.test(sequelize.getDialect()) ? null
  : sequelize.define('File', { hash: { type: DataTypes.BLOB, primaryKey: true } }, { timestamps: false });
${after}`;
}

/** What the application exports. */
export interface Loaded {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Row>;
  readonly Membership: ModelStatic<Row>;
  readonly File: ModelStatic<Row>;
}

type Row = Model<Record<string, unknown>, Record<string, unknown>>;

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** null when a signal ended it. */
  readonly code: number | null;
}

export interface RunOptions {
  /** Relative to the folder. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** More for node itself. */
  readonly node?: readonly string[];
}

export class Application {
  readonly folder: string;
  readonly #processes = new Set<ChildProcess>();

  constructor() {
    build();
    this.folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-cli-'));
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'), 'junction');
    this.write('package.json', JSON.stringify({ type: 'module', 'sequelize-audit': './audit.js' }));
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** The database of an application that says no other. */
  get sqlite(): Options {
    return { dialect: 'sqlite', storage: this.file('app.sqlite') };
  }

  /** The application in the process of the test, on empty tables. @param before what its tables need */
  async load(name = 'audit.js', before = async (_: Sequelize): Promise<unknown> => undefined): Promise<Loaded> {
    const loaded = (await import(`${pathToFileURL(this.file(name)).href}?${Math.random()}`)) as Loaded;
    (loaded.sequelize as unknown as { options: Options }).options.logging = false;
    await before(loaded.sequelize);
    await loaded.sequelize.sync({ force: true });
    return loaded;
  }

  start(args: readonly string[], { cwd = '.', env = {}, node = [] }: RunOptions = {}): ChildProcess {
    const child = spawn(process.execPath, [...node, main, ...args], {
      cwd: path.join(this.folder, cwd),
      env: { ...environment(), ...env },
    });
    this.#processes.add(child);
    return child;
  }

  run(args: readonly string[], options?: RunOptions): Promise<Ran> {
    return ended(this.start(args, options));
  }

  /** @returns the lines of `--json`, parsed */
  async json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T[]> {
    const { stdout, stderr, code } = await this.run([...args, '--json']);
    if (code === 2 || code === 3) throw new Error(stderr);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }

  /** The command line at a terminal of so many columns: all that it writes comes as stdout. */
  startAtTerminal(columns: number, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const quoted = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const command = `stty cols ${columns} rows 50 -echo; exec ${quoted.join(' ')}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: this.folder,
      env: { ...environment(), TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    });
    this.#processes.add(child);
    return child;
  }

  async runAtTerminal(columns: number, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran> {
    const ran = await ended(this.startAtTerminal(columns, args, env));
    return { ...ran, stdout: ran.stdout.replaceAll('\r\n', '\n') };
  }

  remove(): void {
    for (const child of this.#processes) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether there is a `script` of util-linux, which gives a process a terminal. */
export function hasTerminals(): boolean {
  return spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
}

export function ended(child: ChildProcess): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject).on('close', (code) => resolve({ stdout, stderr, code }));
  });
}

/** Waits until a process has written something. */
export function seen(stream: NodeJS.ReadableStream | null, text: string | RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    stream?.on('data', (part: Buffer | string) => {
      all += part;
      if (typeof text === 'string' ? all.includes(text) : text.test(all)) resolve(all);
    });
    stream?.once('end', () => reject(new Error(`expected ${text}, got the end of ${JSON.stringify(all)}`)));
  });
}

/** That of a program that was started by hand, not by the tests. */
function environment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _, NO_COLOR: __, FORCE_COLOR: ___, ...env } = process.env;
  return env;
}

/** How another process reaches a database, which is emptied. */
export async function settingsOf(database: Database): Promise<Options> {
  const sequelize = await connect(database);
  const { host, port, username, password, database: name } = sequelize.config;
  return { dialect: database.dialect, host, port: Number(port), username, password, database: name } as Options;
}
