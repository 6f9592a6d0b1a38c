/** Opens the database of the past: SQLite in memory, by the Sequelize of the application. */
import { randomBytes } from 'node:crypto';
import type { Options, Sequelize, Transaction } from 'sequelize';
import { AuditError, messageOf } from '../../errors.js';
import { internalsOf, queryGeneratorOf, runOn } from '../../internals.js';
import { pastQueryClass } from './query.js';
import type { Filling } from './tables.js';

export interface PastDatabase {
  readonly past: Sequelize;
  readonly filling: Filling;
  /** Refuses all writes from now on. */
  readonly seal: () => Promise<void>;
  /** The error for a write. */
  readonly refusal: (what: string) => AuditError;
}

/**
 * @param name of the point, for messages
 * @throws AuditError ERR_AUDIT_PAST_UNAVAILABLE when the package sqlite3 is not installed
 */
export async function openPast(sequelize: Sequelize, name: string): Promise<PastDatabase> {
  const past = connectTo(sequelize);
  const { connectionManager, dialect } = internalsOf(past);
  const connection = await connectionManager.getConnection({});
  const mark = randomBytes(16);
  const run = (sql: string, values?: readonly unknown[]) => runOn(past, connection, sql, values);
  const generator = queryGeneratorOf(past);
  const refusal = (what: string) =>
    new AuditError('ERR_AUDIT_PAST_READ_ONLY', `The past as of ${name} is only read: ${what} is refused`);
  return {
    past,
    refusal,
    filling: {
      run,
      mark,
      dialect: sequelize.getDialect(),
      quote: (field) => generator.quoteIdentifier(field),
      quoteTable: (model) => generator.quoteTable(model.getTableName()),
    },
    seal: async () => {
      // PostgreSQL tells cases apart, the others do not.
      if (sequelize.getDialect() === 'postgres') await run('PRAGMA case_sensitive_like = ON');
      await run('PRAGMA query_only = ON');
      Object.defineProperty(dialect, 'Query', { value: pastQueryClass(past, connection, mark, refusal) });
    },
  };
}

function connectTo(sequelize: Sequelize): Sequelize {
  const { dialectModule, dialectModulePath, operatorsAliases, query } = internalsOf(sequelize).options as Options;
  const isLite = sequelize.getDialect() === 'sqlite';
  const Sequelize = classWithoutCls(sequelize);
  try {
    return new Sequelize({
      dialect: 'sqlite',
      storage: ':memory:',
      logging: false,
      ...(isLite ? { dialectModule, dialectModulePath } : {}),
      ...(operatorsAliases ? { operatorsAliases } : {}),
      ...(query ? { query } : {}),
    } as never);
  } catch (error) {
    throw new AuditError(
      'ERR_AUDIT_PAST_UNAVAILABLE',
      `asOf opens the past in SQLite: expected the package sqlite3 to be installed (npm install sqlite3), got ${messageOf(error)}`,
      error,
    );
  }
}

/** The class of an instance, without the transactions that `Sequelize.useCLS` puts around the running code. */
function classWithoutCls(sequelize: Sequelize): typeof Sequelize {
  const { Sequelize: Base } = sequelize as unknown as { Sequelize: typeof Sequelize };
  class WithoutCls extends Base {
    static readonly _cls = undefined;

    // The base class looks at its own `_cls` where no transaction is given.
    override query(sql: never, options?: { readonly transaction?: Transaction | null | undefined }): never {
      return super.query(sql, { ...options, transaction: options?.transaction ?? null } as never) as never;
    }
  }
  return WithoutCls;
}
