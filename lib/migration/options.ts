/** Turns the options of `migration` into checked and complete ones. */
import { AuditError } from '../index.js';

export interface MigrationOptions {
  /** Which program runs the file. @default 'sequelize-cli' */
  readonly tool?: 'sequelize-cli' | 'umzug' | undefined;
  /** @default 'javascript' */
  readonly language?: 'javascript' | 'typescript' | undefined;
  /** @default 'commonjs' */
  readonly modules?: 'commonjs' | 'esm' | undefined;
  /** On PostgreSQL: the log in a partition for each month, by the time of its entries in UTC. @default one table */
  readonly partition?: 'monthly' | undefined;
}

/** The options after `resolveOptions`. */
export interface ResolvedMigrationOptions {
  readonly tool: 'sequelize-cli' | 'umzug';
  readonly language: 'javascript' | 'typescript';
  readonly modules: 'commonjs' | 'esm';
  readonly partition: 'monthly' | null;
}

const choices = {
  tool: ['sequelize-cli', 'umzug'],
  language: ['javascript', 'typescript'],
  modules: ['commonjs', 'esm'],
  partition: ['monthly'],
} as const;

/** @throws AuditError ERR_AUDIT_OPTION_INVALID naming the option, what was expected and what came */
export function resolveOptions(given: MigrationOptions, dialect: string): ResolvedMigrationOptions {
  const options = (given ?? {}) as Readonly<Record<string, unknown>>;
  const known = Object.entries<readonly string[]>(choices);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(choices, name));
  if (unknown !== undefined)
    throw invalid(`Unknown option ${JSON.stringify(unknown)}: expected ${Object.keys(choices).join(', ')}`);
  for (const [name, values] of known) {
    const value = options[name];
    if (value === undefined || values.includes(value as string)) continue;
    const expected = values.map((each) => `"${each}"`).join(' or ');
    throw invalid(
      `Option ${name}: expected ${expected}, got ${typeof value === 'string' ? `"${value}"` : String(value)}`,
    );
  }
  const { tool = 'sequelize-cli', language = 'javascript', modules = 'commonjs', partition = null } = given ?? {};
  if (partition !== null && dialect !== 'postgres')
    throw invalid(`Option partition: expected a log on PostgreSQL, which has declarative partitions, got ${dialect}`);
  return { tool, language, modules, partition };
}

export function invalid(message: string): AuditError {
  return new AuditError('ERR_AUDIT_OPTION_INVALID', `migration: ${message}`);
}
