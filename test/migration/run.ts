/** Runs a migration as an application would: by the program sequelize-cli, or by umzug. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Options, Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { root } from '../docs/pages.js';

/** An empty project with this one's packages. */
export function project(folder: string, modules: 'commonjs' | 'esm'): string {
  const directory = mkdtempSync(path.join(folder, 'project-'));
  mkdirSync(path.join(directory, 'migrations'));
  symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  writeFileSync(
    path.join(directory, 'package.json'),
    JSON.stringify({ private: true, type: modules === 'esm' ? 'module' : 'commonjs' }),
  );
  return directory;
}

export interface Migrator {
  up(): Promise<void>;
  down(): Promise<void>;
}

/** @param directory a project with the file in its folder `migrations` */
export function sequelizeCli(directory: string, sequelize: Sequelize): Migrator {
  const { config, options } = sequelize as unknown as { config: Record<string, unknown>; options: Options };
  const { host, port, username, password, database } = config;
  const connection = { dialect: options.dialect, storage: options.storage, host, port, username, password, database };
  writeFileSync(path.join(directory, 'config.json'), JSON.stringify({ ...connection, define: options.define }));
  const run = async (verb: string) => {
    const program = path.join(root, 'node_modules', 'sequelize-cli', 'lib', 'sequelize');
    // A loader of TypeScript is what a project of it has already.
    const isTyped = readdirSync(path.join(directory, 'migrations')).some((name) => name.endsWith('.ts'));
    const args = [...(isTyped ? ['--import', 'tsx'] : []), program, verb, '--config', 'config.json', '--env', 'test'];
    const { NODE_OPTIONS: _, ...env } = process.env;
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, args, { cwd: directory, env }, (error, stdout, stderr) =>
        error ? reject(new Error(`${verb}: ${stdout}${stderr}`, { cause: error })) : resolve(),
      );
    });
  };
  return { up: () => run('db:migrate'), down: () => run('db:migrate:undo') };
}

/** @param context what the application gives its migrations: the instance, or its query interface */
export function umzug(directory: string, sequelize: Sequelize, context: unknown): Migrator {
  const runner = new Umzug({
    migrations: {
      glob: ['migrations/*', { cwd: directory }],
      // As umzug says to do for ES modules.
      resolve: ({ name, path: file = '', context: given }) => {
        const load = () => import(pathToFileURL(file).href) as Promise<Record<'up' | 'down', (run: object) => unknown>>;
        return {
          name,
          up: async () => (await load()).up({ context: given, name, path: file }),
          down: async () => (await load()).down({ context: given, name, path: file }),
        };
      },
    },
    context: context as object,
    storage: new SequelizeStorage({ sequelize }),
    logger: undefined,
  });
  return { up: async () => void (await runner.up()), down: async () => void (await runner.down()) };
}
