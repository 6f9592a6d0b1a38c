/** A small application in a folder of its own, and the command line as a process beside it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Options, Sequelize } from 'sequelize';
import { root } from '../docs/pages.js';

const main = path.join(root, 'lib', 'cli', 'main.ts');
const tsx = pathToFileURL(path.join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;

/** The package, for applications to import. */
export const library = pathToFileURL(path.join(root, 'lib', 'index.ts')).href;

/** Models as every application of these tests has them. `options` and `before` are code. */
export function applicationOf(database: Options, options = '{}', after = ''): string {
  return `
import { DataTypes, Sequelize } from 'sequelize';
import { attachAudit } from '${library}';
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
export const File = sequelize.define('File', { hash: { type: DataTypes.BLOB, primaryKey: true } }, { timestamps: false });
${after}`;
}

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

  /** The database of `sqlite`, for the test to read and write past the log. */
  connect(name = 'app.sqlite'): Sequelize {
    return new Sequelize({ dialect: 'sqlite', storage: this.file(name), logging: false });
  }

  /** The application with its database, in the process of the test. */
  async load<T>(name = 'audit.js'): Promise<T> {
    return (await import(`${pathToFileURL(this.file(name)).href}?${Math.random()}`)) as T;
  }

  start(args: readonly string[], { cwd = '.', env = {}, node = [] }: RunOptions = {}): ChildProcess {
    const child = spawn(process.execPath, [...node, '--import', tsx, main, ...args], {
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
    const quoted = [process.execPath, '--import', tsx, main, ...args].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
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
