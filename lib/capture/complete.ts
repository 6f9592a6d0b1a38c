/** `capture: 'complete'` as one thing: the gate, the recorder behind it, and the transactions it takes part in. */
import type { Sequelize } from 'sequelize';
import { internalsOf, type TransactionInternals } from '../internals.js';
import type { Entry } from '../log/entry.js';
import type { AuditLogModel } from '../log/model.js';
import { Gate, type GateParts } from './gate.js';
import { Recorder } from './recorder.js';
import { Replacements } from './replacements.js';
import { SqliteWriter } from './sqlite-writer.js';
import { Transactions } from './transactions.js';

export class CompleteCapture {
  readonly #queryInterface: Replacements;
  readonly #transactions: Transactions;
  readonly #sqlite: SqliteWriter | null;
  readonly #recorder: Recorder;
  readonly #gate: Gate;

  constructor(sequelize: Sequelize, AuditLog: AuditLogModel, parts: Omit<GateParts, 'recorder'>) {
    this.#queryInterface = new Replacements(internalsOf(sequelize).queryInterface);
    this.#sqlite = sequelize.getDialect() === 'sqlite' ? new SqliteWriter(sequelize, AuditLog) : null;
    this.#transactions = new Transactions(sequelize, AuditLog, this.#sqlite);
    this.#recorder = new Recorder(sequelize, AuditLog, this.#transactions, this.#sqlite);
    this.#gate = new Gate({ ...parts, recorder: this.#recorder });
  }

  install(): void {
    this.#transactions.install(this.#queryInterface);
    this.#gate.install(this.#queryInterface);
  }

  uninstall(): void {
    this.#queryInterface.restore();
    this.#sqlite?.close();
  }

  /** Writes under way, and open transactions that hold entries which are not written yet. */
  get openCount(): number {
    return this.#transactions.openCount + this.#recorder.underWay;
  }

  /** Adds entries of a write that is done to the transaction it was done in. */
  add(transaction: TransactionInternals, entries: readonly Entry[]): Promise<void> {
    return this.#transactions.add(transaction, entries);
  }

  /** Writes what a transaction has collected so far, so that it can be read inside it. */
  flush(transaction: TransactionInternals): Promise<void> {
    return this.#transactions.flush(transaction);
  }
}
