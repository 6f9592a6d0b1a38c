/** Turns what a reader of the log asks for into conditions on its rows, in the words that their indexes know. */
import type { WhereOptions } from 'sequelize';
import { literal, queryGeneratorOf } from '../internals.js';
import { computedName } from '../log/indexes.js';
import { type JsonSql, jsonSqlOf } from '../log/json-sql.js';
import type { AuditLogAttributes } from '../log/model.js';
import type { Json } from '../patch/operation.js';
import type { HistoryParts } from './log-reader.js';
import { containsSql } from './meta-sql.js';
import type { Criteria, Direction, Span } from './query.js';

export type Condition = WhereOptions<AuditLogAttributes>;
/** No time of an entry lies outside, and not every database can read one that does. */
const [earliest, latest] = [Date.UTC(1001, 0, 1), Date.UTC(9998, 11, 31)];

export class Conditions {
  readonly #parts: HistoryParts;
  readonly #sql: JsonSql;
  readonly #isMysql: boolean;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.#sql = jsonSqlOf(parts.sequelize, this.column('patch'));
    this.#isMysql = ['mysql', 'mariadb'].includes(parts.sequelize.getDialect());
  }

  /** The column of an attribute of the log, quoted. */
  column(attribute: keyof AuditLogAttributes): string {
    const { sequelize, AuditLog } = this.#parts;
    return queryGeneratorOf(sequelize).quoteIdentifier(AuditLog.getAttributes()[attribute].field ?? attribute);
  }

  all(...conditions: readonly Condition[]): Condition {
    return { [this.#op.and]: conditions } as never;
  }

  any(...conditions: readonly Condition[]): Condition {
    return { [this.#op.or]: conditions } as never;
  }

  /** An attribute of text is one of `values`: the same characters, and not what a collation takes for the same. */
  isText(attribute: 'modelName' | 'recordId' | 'actor', values: readonly string[]): Condition {
    const isOne = { [attribute]: values.length === 1 ? values[0] : values } as Condition;
    if (!this.#isMysql || values.length === 0) return isOne;
    // For MySQL text with spaces at its end equals text without.
    const bytes = values.map((value) => `X'${Buffer.from(value).toString('hex')}'`).join(',');
    return this.all(
      isOne,
      this.#literal(`CAST(CONVERT(${this.column(attribute)} USING utf8mb4) AS BINARY) IN (${bytes})`),
    );
  }

  ofRecord(modelName: string, recordId: string): Condition {
    return this.all(this.isText('modelName', [modelName]), this.isText('recordId', [recordId]));
  }

  /** The patch changes one of these attributes. */
  touching(attributes: readonly string[]): Condition {
    return this.any(...attributes.map((attribute) => this.#touches(attribute)));
  }

  /** `meta` has the members of `wanted`, and those of the objects in it. */
  containing(wanted: Readonly<Record<string, Json>>): Condition {
    const meta = this.column('meta');
    const indexed = this.#parts.indexes.meta.filter((key) => Object.hasOwn(wanted, key) && isScalar(wanted[key]));
    const heads = indexed.flatMap((key) => {
      const head = this.#sql.head(meta, key);
      // The same words about what is wanted give the text that the database makes of it.
      const sought = this.#sql.head(this.#jsonb(JSON.stringify({ [key]: wanted[key] })), key);
      if (this.#isMysql)
        return [`${queryGeneratorOf(this.#parts.sequelize).quoteIdentifier(computedName('meta', key))} = ${sought}`];
      return [`(${head}) IS NOT NULL`, `(${head}) = ${sought}`];
    });
    const exact = containsSql(this.#parts.sequelize, meta, wanted);
    return this.all(...[...heads, exact].map((sql) => this.#literal(sql)));
  }

  /**
   * Written at `since` or later, and at `until` or earlier.
   *
   * @param isWalked whether the log is read in its order until enough is found: SQLite, which does not know how many
   * entries a span holds, would rather read and sort them all
   */
  within({ since, until }: Span, isWalked: boolean): Condition {
    const { gte, lte } = this.#op;
    const { sequelize } = this.#parts;
    const limits = [
      [since, gte, '>='],
      [until, lte, '<='],
    ] as const;
    const given = limits.filter(([instant]) => instant !== undefined);
    return this.all(
      ...given.map(([instant, operator, sign]) => {
        const time = clamped(instant as Date);
        // SQLite, "The Query Planner": an operand after a unary "+" is not looked up in an index.
        return isWalked && sequelize.getDialect() === 'sqlite'
          ? this.#literal(`+${this.column('createdAt')} ${sign} ${queryGeneratorOf(sequelize).escape(time)}`)
          : ({ createdAt: { [operator]: time } } as never);
      }),
    );
  }

  /** Whether an index leads to what is asked for, in the order of the log or to little of it. */
  isServed({ models, recordId, actors, actions, attributes, changesetId, meta }: Criteria): boolean {
    const { indexes } = this.#parts;
    return (
      recordId !== undefined ||
      (indexes.changesetId && changesetId !== undefined) ||
      (indexes.actor && actors?.length === 1) ||
      (indexes.model && models?.length === 1) ||
      (indexes.action && actions?.length === 1) ||
      (attributes?.length === 1 && indexes.attributes.includes(attributes[0] as string)) ||
      (meta !== undefined && indexes.meta.some((key) => isScalar(meta[key])))
    );
  }

  /** The id as an expression, so that no index promises its order. */
  get unorderedId(): Condition {
    return this.#literal(`${this.column('id')} + 0`);
  }

  /** Behind an entry in the order of reading. */
  behind(after: string, direction: Direction): Condition {
    const { gt, lt } = this.#op;
    return { id: { [direction === 'ASC' ? gt : lt]: this.#literal(after) } } as never;
  }

  /** Up to an entry in the order of reading, with it. */
  upTo(last: string, direction: Direction): Condition {
    const { gte, lte } = this.#op;
    return { id: { [direction === 'ASC' ? lte : gte]: this.#literal(last) } } as never;
  }

  /** From one entry to another, with both of them. */
  between(first: string, last: string): Condition {
    const { gte, lte } = this.#op;
    return { id: { [gte]: this.#literal(first), [lte]: this.#literal(last) } } as never;
  }

  #touches(attribute: string): Condition {
    const exact = this.#literal(this.#sql.touches(attribute));
    if (!this.#parts.indexes.attributes.includes(attribute)) return exact;
    if (!this.#isMysql) return this.all(this.#literal(this.#sql.mentions(attribute)), exact);
    const column = queryGeneratorOf(this.#parts.sequelize).quoteIdentifier(computedName('touches', attribute));
    return this.#literal(`${column} = 1`);
  }

  #jsonb(json: string): string {
    const quoted = this.#parts.sequelize.escape(json);
    return this.#parts.sequelize.getDialect() === 'postgres' ? `${quoted}::jsonb` : quoted;
  }

  #literal(sql: string): Condition {
    return literal(this.#parts.sequelize, sql) as never;
  }

  get #op(): typeof import('sequelize').Op {
    return (this.#parts.sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize.Op;
  }
}

export function isScalar(value: Json | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function clamped(instant: Date): Date {
  return new Date(Math.min(Math.max(instant.getTime(), earliest), latest));
}
