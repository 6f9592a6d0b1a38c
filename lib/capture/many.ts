/** Tells a write of many rows in a transaction of the caller's, which pays to record itself, from one of few. */
import { queryGeneratorOf } from '../internals.js';
import type { Run } from '../log/append.js';
import type { Call } from './call.js';
import type { CascadeParts } from './cascade.js';

/** Rows of which a write has its entries written at once; those of fewer wait for COMMIT, in one INSERT with all others. */
export const many = 1000;

/** A caller's transaction, to a write that records itself in it. */
export interface Within {
  readonly changesetId: string;
  /** Writes the entries of what was written before. */
  readonly flush: () => Promise<void>;
}

export class ManyRows {
  readonly #parts: Pick<CascadeParts, 'sequelize' | 'tables'>;
  /** By kind and table, writes of which the last one did. */
  readonly #reached = new Set<string>();

  constructor(parts: Pick<CascadeParts, 'sequelize' | 'tables'>) {
    this.#parts = parts;
  }

  /** Notes what a write has led to. */
  note(call: Call, entries: number): void {
    if (call.instance === null && entries >= many) this.#reached.add(this.#keyOf(call));
  }

  /**
   * Whether it is worth to find out whether a write reaches many rows. A question to the table costs one of few as much as the
   * write itself, so only the next one is asked about after one that did.
   */
  isLikely(call: Call): boolean {
    const { kind, instance, rows, limit } = call;
    if (instance !== null || kind === 'truncate' || limit !== null) return false;
    return kind === 'insert' ? rows.length >= many : this.#reached.has(this.#keyOf(call));
  }

  /**
   * Whether a write that is likely to do so reaches many rows.
   *
   * @param run asks, in the transaction of the write
   */
  async areReached(call: Call, run: Run): Promise<boolean> {
    if (call.kind === 'insert') return true;
    const from = `${queryGeneratorOf(this.#parts.sequelize).quoteTable(call.table)} ${call.where}`;
    const found = (await run(`SELECT 1 FROM ${from} LIMIT 1 OFFSET ${many - 1};`)) as readonly unknown[];
    if (found.length > 0) return true;
    this.#reached.delete(this.#keyOf(call));
    return false;
  }

  #keyOf({ kind, table }: Call): string {
    return `${kind} ${this.#parts.tables.keyOf(table)}`;
  }
}
