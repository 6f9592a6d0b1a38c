/** Watches `sequelize.query` for SQL of the application that writes an audited table: nobody else can see it. */
import type { Sequelize } from 'sequelize';
import { isForeign, transactionOf } from '../internals.js';
import type { UnauditedWrite } from '../options.js';
import { Scoped } from '../scoped.js';
import { rawWrites } from './raw-writes.js';
import type { Replacements } from './replacements.js';
import { fingerprintOf, type SqlDialect } from './sql-tokens.js';
import type { Tables } from './tables.js';
import type { TransactionWatch } from './transaction-watch.js';

type Query = (this: object, sql: unknown, options?: object) => Promise<unknown>;

/** How much of a statement a message quotes. */
const quoted = 300;

export interface RawSqlParts {
  readonly sequelize: Sequelize;
  readonly tables: Tables;
  /** Told of a statement before it runs; what this throws refuses it. */
  readonly onUnaudited: (write: UnauditedWrite) => void;
  /** Told after a statement that may have changed the schema. */
  readonly onSchemaChange: () => void;
  /** Whether nobody has put a method of their own over one of the gate's. */
  readonly isGateInPlace: () => boolean;
  /** Follows what a statement does to the transaction it is sent in. */
  readonly watch: TransactionWatch;
}

export class RawSql {
  readonly #parts: RawSqlParts;
  readonly #dialect: SqlDialect;
  readonly #deliberate = new Scoped<string>();
  /** Whether the query that is about to be sent is Sequelize's own. */
  #isOwn = false;

  constructor(parts: RawSqlParts) {
    this.#parts = parts;
    this.#dialect = parts.sequelize.getDialect() as SqlDialect;
  }

  install(sequelize: Replacements): void {
    const watch = this;
    sequelize.replace<Query>(
      'query',
      (original) =>
        function (sql, options) {
          return watch.#query(this, sql, options, () => original.call(this, sql, options));
        },
    );
  }

  /** Sends a query of Sequelize's own. */
  own<T>(send: () => T): T {
    this.#isOwn = true;
    try {
      return send();
    } finally {
      this.#isOwn = false;
    }
  }

  /** Runs `fn`, whose raw writes are meant: nobody is told of them. */
  deliberate<T>(reason: string, fn: () => T): T {
    return this.#deliberate.run(reason, fn);
  }

  /** @param self the instance itself, or the view of it that the gate sends a recorded write through */
  #query(self: object, sql: unknown, options: object | undefined, send: () => Promise<unknown>): Promise<unknown> {
    const isRecorded = self !== this.#parts.sequelize;
    const isOwn = this.#isOwn || isRecorded;
    this.#isOwn = false;
    const text = textOf(sql);
    if (!isOwn && !this.#isWitnessed(options) && this.#deliberate.value === undefined) {
      try {
        this.#check(text);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    // In Sequelize's own statements the word comes first, in others anywhere; findOrCreate makes itself a function.
    const start = isOwn ? text.slice(0, 40) : text;
    const isDefinition = /\b(?:CREATE(?! OR REPLACE FUNCTION pg_temp)|ALTER|DROP|RENAME|TRUNCATE)\s/i.test(start);
    const transaction = transactionOf(this.#parts.sequelize, options);
    const isFollowed = transaction && !isForeign(this.#parts.sequelize, transaction);
    // MySQL commits before a definition, whoever sends it; what is recorded, the recorder follows.
    const isHarmless = isRecorded || (isOwn && !isDefinition);
    const sent = isFollowed ? () => this.#parts.watch.send(transaction, text, isHarmless, send) : send;
    return isDefinition ? this.#define(sent) : sent();
  }

  /** Whether another plugin has sent an instance write past the gate, which the hooks will see. */
  #isWitnessed(options: { readonly instance?: unknown } | undefined): boolean {
    return Boolean(options?.instance) && !this.#parts.isGateInPlace();
  }

  async #define(send: () => Promise<unknown>): Promise<unknown> {
    try {
      return await send();
    } finally {
      this.#parts.onSchemaChange();
    }
  }

  #check(text: string): void {
    const { tables, onUnaudited } = this.#parts;
    for (const { verb, schema, table } of rawWrites(text, this.#dialect)) {
      const audited = tables.written({ schema, table });
      if (!audited) continue;
      // Without its values: what is redacted in the log must not stand in a warning.
      const statement = fingerprintOf(text, this.#dialect);
      const excerpt = statement.length > quoted ? `${statement.slice(0, quoted)} …` : statement;
      const message = `Raw SQL writes ${audited.modelName}, and is not recorded: ${excerpt}`;
      onUnaudited({ modelName: audited.modelName, action: verb, recorded: false, message, sql: text });
    }
  }
}

/** The SQL of what `sequelize.query` was given: text, or an object with it. */
function textOf(sql: unknown): string {
  const text = typeof sql === 'object' && sql !== null ? (sql as { query?: unknown }).query : sql;
  return typeof text === 'string' ? text : '';
}
