/** `capture: 'complete'` as one thing: the gate, the recorder behind it, and the transactions it takes part in. */

import type { Sequelize } from 'sequelize';
import type { Contexts } from '../context.js';
import { internalsOf, type TransactionInternals } from '../internals.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import type { AuditedModels } from '../record/audited-models.js';
import { Calls } from './calls.js';
import { Changesets } from './changesets.js';
import { ForeignKeys } from './foreign-keys.js';
import { Gate, type GateParts } from './gate.js';
import { ManyRows } from './many.js';
import { MariadbOneStatement, type MariadbOneStatementParts } from './mariadb-one-statement.js';
import { OneStatement, type OneStatementParts } from './one-statement.js';
import type { OneWay } from './one-way.js';
import { Prepared } from './prepared.js';
import { RawSql, type RawSqlParts } from './raw-sql.js';
import { Recorder } from './recorder.js';
import { Replacements } from './replacements.js';
import { OldRows } from './sqlite-old-rows.js';
import { SqliteOneStatement } from './sqlite-one-statement.js';
import { SqliteWriter } from './sqlite-writer.js';
import { Tables } from './tables.js';
import { TransactionWatch } from './transaction-watch.js';
import { Transactions } from './transactions.js';
import { Triggers } from './triggers.js';
import { UniqueKeys } from './unique-keys.js';

export interface CompleteParts extends Pick<GateParts, 'sequelize' | 'AuditLog' | 'onPassed'> {
  readonly onUnaudited: RawSqlParts['onUnaudited'];
  readonly models: AuditedModels;
  readonly contexts: Contexts;
  readonly preparedStatements: boolean;
}

export class CompleteCapture {
  readonly #queryInterface: Replacements;
  readonly #sequelize: Replacements;
  readonly #rawSql: RawSql;
  readonly #changesets: Changesets;
  readonly #transactions: Transactions;
  readonly #sqlite: SqliteWriter | null;
  readonly #recorder: Recorder;
  readonly #gate: Gate;
  readonly #AuditLog: AuditLogModel;

  constructor({ sequelize, AuditLog, models, contexts, onPassed, onUnaudited, preparedStatements }: CompleteParts) {
    const tables = new Tables(sequelize, models);
    const foreignKeys = new ForeignKeys(sequelize, tables);
    const uniqueKeys = new UniqueKeys(sequelize);
    const triggers = new Triggers();
    const manyRows = new ManyRows({ sequelize, tables });
    const parts = { sequelize, AuditLog, tables, foreignKeys, triggers, manyRows };
    const sqlite =
      sequelize.getDialect() === 'sqlite' ? new SqliteWriter(sequelize, AuditLog, new SqliteOneStatement(parts)) : null;
    const changesets = new Changesets(sequelize, AuditLog, sqlite);
    const own = <T>(send: () => T) => this.#rawSql.own(send);
    const transactions = new Transactions({ sequelize, changesets, sqlite, own });
    this.#queryInterface = new Replacements(internalsOf(sequelize).queryInterface);
    this.#sqlite = sqlite;
    this.#changesets = changesets;
    this.#transactions = transactions;
    const prepared = new Prepared(preparedStatements);
    const moved = new Set<string>();
    const oneStatement = oneWayOf({ ...parts, prepared, moved, preparedStatements });
    this.#recorder = new Recorder({
      sequelize,
      AuditLog,
      tables,
      foreignKeys,
      contexts,
      uniqueKeys,
      triggers,
      changesets,
      transactions,
      sqlite,
      manyRows,
      oneStatement,
      prepared,
      moved,
      oldRows: sqlite && new OldRows(sequelize),
    });
    const onSchemaChange = () => {
      foreignKeys.forget();
      uniqueKeys.forget();
      triggers.forget();
      oneStatement?.forget();
      prepared.forget();
    };
    this.#rawSql = new RawSql({
      sequelize,
      tables,
      onUnaudited,
      onSchemaChange,
      isGateInPlace: () => this.isInPlace,
      watch: new TransactionWatch(sequelize, transactions),
    });
    this.#sequelize = new Replacements(sequelize as unknown as Record<string, unknown>);
    const calls = new Calls({ sequelize, models, tables, foreignKeys, contexts });
    this.#gate = new Gate({ sequelize, AuditLog, calls, recorder: this.#recorder, rawSql: this.#rawSql, onPassed });
    this.#AuditLog = AuditLog;
  }

  install(): void {
    this.#transactions.install(this.#queryInterface);
    this.#gate.install(this.#queryInterface);
    this.#rawSql.install(this.#sequelize);
    this.#sequelize.replace('truncate', (original: Truncate) => truncateAllBut(this.#AuditLog, original));
  }

  uninstall(): void {
    this.#queryInterface.restore();
    this.#sequelize.restore();
    this.#sqlite?.close();
  }

  /** Whether nobody has put a method of their own over one of the gate's. */
  get isInPlace(): boolean {
    return this.#queryInterface.areInPlace;
  }

  /** Runs `fn`, whose raw writes are meant. */
  unaudited<T>(reason: string, fn: () => T): T {
    return this.#rawSql.deliberate(reason, fn);
  }

  /** Writes under way, and open transactions that hold entries which are not written yet. */
  get openCount(): number {
    return this.#changesets.openCount + this.#recorder.underWay;
  }

  /** Adds entries of a write that is done to the transaction it was done in. */
  add(transaction: TransactionInternals, entries: readonly Entry[]): Promise<void> {
    return this.#transactions.add(transaction, entries);
  }

  /** Adds entries to a transaction that are made while nothing else is written in it. */
  addMade(transaction: TransactionInternals, make: () => Promise<readonly Entry[]>): Promise<void> {
    return this.#transactions.addMade(transaction, make);
  }

  /** Writes what a transaction has collected so far, so that it can be read inside it. */
  flush(transaction: TransactionInternals): Promise<void> {
    return this.#transactions.flush(transaction);
  }
}

function oneWayOf(parts: OneStatementParts & MariadbOneStatementParts): OneWay | null {
  switch (parts.sequelize.getDialect()) {
    case 'postgres':
      return new OneStatement(parts);
    case 'mariadb':
      return new MariadbOneStatement(parts);
    default:
      return null;
  }
}

type Truncate = (this: object, options?: object) => Promise<unknown>;

/** `sequelize.truncate()` empties the tables of the application; the log is none of them. */
function truncateAllBut(AuditLog: AuditLogModel, original: Truncate): Truncate {
  return function (options) {
    const { modelManager } = internalsOf(this as Sequelize);
    const models = modelManager.models.filter((model) => model !== AuditLog);
    const others: unknown = Object.create(modelManager, { models: { value: models } });
    return original.call(Object.create(this, { modelManager: { value: others } }) as object, options);
  };
}
