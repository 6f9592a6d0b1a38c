/**
 * The entries of one open transaction: collected in order, cut back when a savepoint rolls back, written before
 * COMMIT.
 */
import { newChangesetId } from './changeset-id.js';
import type { Entry } from './entry.js';
import { Line } from './line.js';

interface Mark {
  /** Of the savepoint, as the database knows it. */
  readonly name: string;
  readonly length: number;
  readonly written: number;
}

/** Stands in the list for a write whose entry could not be made; the transaction must not commit with it. */
export interface Failure {
  readonly error: unknown;
}

export class Changeset {
  readonly id = newChangesetId();
  /** Audited statements of one transaction follow one another: the next must see what the last one left. */
  readonly line = new Line();
  /** null stands for one that is written and cannot be called back. */
  readonly #entries: (Entry | Failure | null)[] = [];
  /**
   * One for each savepoint, in order. A mark, not a list of its own: ROLLBACK TO also undoes what the parent wrote
   * since.
   */
  #marks: Mark[] = [];
  #written = 0;
  /** The rollback of a savepoint takes back what was written since, and of that these many have to be written again. */
  #marked = 0;

  add(entries: readonly (Entry | Failure)[]): void {
    this.#entries.push(...entries);
  }

  /** @param isAlone whether the database forgets an older savepoint of this name, as MySQL does */
  mark(name: string, isAlone: boolean): void {
    this.#marked = this.#entries.length;
    if (isAlone) this.#marks = this.#marks.filter((mark) => mark.name !== name);
    this.#marks.push({ name, length: this.#marked, written: this.#written });
  }

  /**
   * Forgets what ROLLBACK TO a savepoint undid, rows of the log that were written since included. It goes back to the
   * youngest of the name, and Sequelize gives a savepoint inside another the name of that other.
   */
  rollbackTo(name: string): void {
    const index = this.#marks.findLastIndex((mark) => mark.name === name);
    const mark = this.#marks[index];
    if (!mark) return;
    this.#marks.length = index + 1;
    this.#entries.length = Math.min(this.#entries.length, mark.length);
    this.#written = Math.min(this.#written, mark.written);
  }

  /** Forgets a savepoint and those after it, and keeps what was done since. */
  release(name: string): void {
    const index = this.#marks.findLastIndex((mark) => mark.name === name);
    if (index >= 0) this.#marks.length = index;
  }

  /** The error for which this transaction must not commit; null when there is none. */
  get failure(): Failure | null {
    const last = this.#entries.at(-1);
    return last && 'error' in last ? last : null;
  }

  /** Forgets everything: the transaction has ended. */
  clear(): void {
    this.#entries.length = 0;
    this.#written = 0;
  }

  /** Entries that are not written yet. */
  get pending(): number {
    return this.#entries.length - this.#written;
  }

  /**
   * Hands the entries that are not written yet to `write`. There must be no failure among them.
   *
   * @throws what `write` throws
   */
  async flush(write: (entries: readonly Entry[]) => Promise<void>): Promise<void> {
    const waiting = this.#entries.slice(this.#written);
    if (waiting.length === 0) return;
    await write(waiting as Entry[]);
    this.#written += waiting.length;
    this.#entries.fill(null, Math.max(this.#marked, this.#written - waiting.length));
  }
}
