/** Finds and loads the module of the application, and the audit that it exports. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Audit } from '../index.js';
import { ApplicationError, UsageError } from './exit.js';
import { missingPackage } from './missing-package.js';

/** The key of package.json that names the file. */
const key = 'sequelize-audit';

/**
 * @param app a file, seen from `cwd`; undefined: the one that the nearest package.json with the key `sequelize-audit` names
 * @throws UsageError when there is no such file, or it exports no audit
 */
export async function loadAudit(app: string | undefined, cwd: string): Promise<Audit> {
  const file = app === undefined ? named(cwd) : path.resolve(cwd, app);
  if (!existsSync(file)) throw new UsageError(`expected the file of the application, and there is no ${file}`);
  const audit = await exported(file).catch((error: unknown) => {
    if (error instanceof UsageError || error instanceof ApplicationError) throw error;
    throw new ApplicationError(`${file} could not be loaded: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  });
  if (audit === null)
    throw new UsageError(
      `${file} exports no audit: expected what attachAudit returns as \`audit\` or as the default export, or a function or promise that gives it`,
    );
  return audit;
}

function named(cwd: string): string {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    const app = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)[key] : undefined;
    if (typeof app === 'string') return path.resolve(folder, app);
    if (app !== undefined) throw new UsageError(`${file}: expected a file as "${key}", got ${JSON.stringify(app)}`);
    if (folder === path.dirname(folder)) break;
  }
  throw new UsageError(
    `expected --app <file>, or the key "${key}" in package.json with the file that exports the audit`,
  );
}

async function imported(file: string): Promise<Record<string, unknown>> {
  // Loaders that hook into `import` do not get along with the CommonJS of Node 20.
  if (file.endsWith('.cjs')) return { default: createRequire(file)(file) as unknown };
  if (!/\.[cm]?tsx?$/.test(file)) return import(pathToFileURL(file).href);
  const { createJiti } = await import('jiti').catch((error: unknown) => {
    if (missingPackage(error) !== 'jiti') throw error;
    throw new ApplicationError(
      'an application in TypeScript needs the package jiti, which is not installed: npm install jiti',
    );
  });
  return createJiti(pathToFileURL(file).href, { interopDefault: false, tsconfigPaths: true }).import(file);
}

/** @returns null when there is none */
async function exported(file: string): Promise<Audit | null> {
  const module = await imported(file);
  const common = module.default as Record<string, unknown> | undefined;
  // A module of CommonJS may be the audit itself.
  for (const found of [module.audit, common?.audit, common, common?.default, module]) {
    const value: unknown = await (typeof found === 'function' && !isAudit(found) ? found() : found);
    if (isAudit(value)) return value;
  }
  return null;
}

/** By what it can do: the application may have another copy of this package. */
function isAudit(value: unknown): value is Audit {
  if (typeof value !== 'object' || value === null) return false;
  const audit = value as Record<string, unknown>;
  const methods = ['run', 'history', 'entries', 'undo', 'blame', 'verify', 'baseline'];
  return (
    methods.every((name) => typeof audit[name] === 'function') &&
    typeof audit.AuditLog === 'function' &&
    typeof audit.sequelize === 'object'
  );
}
