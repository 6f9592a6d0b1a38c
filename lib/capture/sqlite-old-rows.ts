/**
 * SQLite: an update of one row that gives the row back as it was beside what it is. What is read into a table of a WITH
 * before the row is written still stands there when RETURNING is worked out.
 */
import type { Sequelize } from 'sequelize';
import { internalsOf, queryGeneratorOf, type SqliteLibrary, trySqlite } from '../internals.js';
import type { Run } from '../log/append.js';
import type { AuditedModel } from '../record/audited-model.js';
import { listOf } from '../record/image.js';
import type { Call, Request } from './call.js';
import type { Keyed } from './own.js';
import type { Prepared } from './prepared.js';
import type { Triggers } from './triggers.js';

const trial = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY, a);',
  'INSERT INTO t VALUES (1, 10);',
  'WITH o AS MATERIALIZED (SELECT a FROM t WHERE id = 1) UPDATE t SET a = 11 WHERE id = 1 AND (SELECT count(*) FROM o) IS NOT NULL RETURNING a, (SELECT a FROM o) AS b;',
] as const;

/** Columns that can come back as they were: each takes a subquery, of which many cost more than a look. */
const columnLimit = 100;

export interface OldRowParts {
  readonly call: Call;
  readonly keyed: Keyed | null;
  readonly prepared: Prepared;
  readonly triggers: Triggers;
  readonly run: Run;
}

export class OldRows {
  readonly #sequelize: Sequelize;
  #isKnown: Promise<boolean> | null = null;

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  /** @returns null where the row has to be looked at before */
  async requestOf({ call, keyed, prepared, triggers, run }: OldRowParts): Promise<Request | null> {
    const { audited, kind, instance, table } = call;
    if (!audited || !instance || !keyed || kind !== 'update' || keyed.own.returning !== null) return null;
    if (!(await this.#areGiven()) || (await triggers.canDoMore(table, run))) return null;
    // Without triggers a column that is not set is changed only where it is worked out from others.
    const isAll = await triggers.areColumnsGenerated(table, run);
    if (isAll ? audited.columns.length > columnLimit : call.set.size > columnLimit) return null;
    const { write, parameters } = keyed.own;
    const { sql } = prepared.made(audited, `${isAll} ${write}`, () => this.#updateOf(call, audited, keyed, isAll));
    return { returning: null, only: null, whole: { sql, name: null, parameters, givesRows: true } };
  }

  /** Whether this SQLite gives old rows back, which its documentation does not promise: it is tried once. */
  #areGiven(): Promise<boolean> {
    const { lib } = internalsOf(this.#sequelize).connectionManager;
    this.#isKnown ??= trySqlite(lib as SqliteLibrary, trial).then(
      ([row]) => row?.a === 11 && row.b === 10,
      () => false,
    );
    return this.#isKnown;
  }

  /** @param isAll whether columns can change that are not set */
  #updateOf(call: Call, audited: AuditedModel, { own, condition }: Keyed, isAll: boolean): string {
    const sequelize = this.#sequelize;
    const generator = queryGeneratorOf(sequelize);
    const shown = audited.columns.filter(
      (column) => isAll || call.set.has(column.field) || audited.keyColumns.includes(column),
    );
    const old = `SELECT ${listOf(sequelize, shown, 'oldAlias')} FROM ${generator.quoteTable(call.table)} WHERE ${condition}`;
    const list = [
      listOf(sequelize, shown, 'alias'),
      ...shown.map(({ oldAlias }) => `(SELECT \`${oldAlias}\` FROM \`audit$old\`) AS \`${oldAlias}\``),
    ];
    const guard = '(SELECT count(*) FROM `audit$old`) IS NOT NULL';
    return `WITH \`audit$old\` AS MATERIALIZED (${old}) ${own.write} AND ${guard} RETURNING ${list.join(', ')};`;
  }
}
