/**
 * Own transactions on SQLite. Writes that wait for one another share one: all their entries go into one INSERT, one
 * COMMIT follows, and only then is each of them done. Where that fails, each is tried again in one of its own.
 */
import { AsyncResource } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Connection, isBusy, type QueryOptions, type TransactionInternals } from '../internals.js';
import type { Change } from '../log/append.js';
import type { Entry } from '../log/entry.js';
import { Unrecorded } from './observation.js';

/** Writes that share a transaction at most, and entries that they may have made by then. */
const groupSize = 100;
const groupEntries = 1000;

/** A write without a transaction of the caller's. */
export interface OwnWrite {
  readonly options: QueryOptions;
  /** Whether it may share a transaction: one of many rows has too many entries to keep them. */
  readonly isSmall: boolean;
  /** Performs it in a transaction that has begun. */
  readonly perform: (connection: Connection) => Promise<Performed>;
  /** Performs and records it in a caller's transaction. */
  readonly within: (root: TransactionInternals) => Promise<unknown>;
}

interface Performed {
  readonly result: unknown;
  readonly entries: Iterable<Entry>;
}

/** A transaction that has begun. */
export interface OwnTransaction {
  readonly connection: Connection;
  /** Whether somebody else waits to write. */
  isAwaited(): boolean;
  isOpen(): Promise<boolean>;
  /** Writes the entries and commits. @param isSmall whether they are few, and all made already */
  finish(changes: readonly Change[], isSmall: boolean): Promise<void>;
  /** @param isWritten whether there is something to take back; else a statement that failed has undone itself */
  undo(isWritten: boolean): Promise<void>;
  leave(): void;
}

/** A caller's transaction on the one connection of an in-memory database, which nobody can stay out of. */
export interface OpenTransaction {
  readonly root: TransactionInternals;
  leave(): void;
}

export type Begin = (options: QueryOptions) => Promise<OwnTransaction | OpenTransaction>;

interface Member extends OwnWrite {
  readonly since: number;
  isAlone: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Outcome {
  readonly member: Member;
  readonly result?: unknown;
  readonly entries: Iterable<Entry>;
  /** Entries that are kept. */
  readonly count: number;
  readonly failure: { readonly error: unknown } | null;
  /** Whether there is something to take back. */
  readonly isWritten: boolean;
}

export class OwnWrites {
  readonly #begin: Begin;
  readonly #queue: Member[] = [];
  #isRunning = false;

  /** @param begin waits for the write lock and begins a transaction */
  constructor(begin: Begin) {
    this.#begin = begin;
  }

  /** Performs a write; the promise resolves when it has committed. */
  run(write: OwnWrite): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // Each in the context of its own caller, whoever's turn it is.
      const [perform, within] = [AsyncResource.bind(write.perform), AsyncResource.bind(write.within)];
      const isAlone = !write.isSmall;
      this.#queue.push({ ...write, perform, within, since: Date.now(), isAlone, resolve, reject });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let first = this.#queue[0]; first; first = this.#queue[0]) await this.#runSome(first);
    this.#isRunning = false;
  }

  async #runSome(first: Member): Promise<void> {
    const start = Date.now();
    try {
      const transaction = await this.#begin(first.options);
      try {
        await ('root' in transaction ? this.#within(transaction.root) : this.#share(transaction));
      } finally {
        transaction.leave();
      }
    } catch (error) {
      // Those who came while it was tried have not waited yet as long as SQLite waits.
      const failed = this.#queue.filter(({ since }) => since <= start);
      this.#queue.splice(0, failed.length);
      for (const { reject } of failed) reject(error);
    }
  }

  async #within(root: TransactionInternals): Promise<void> {
    const { within, resolve, reject } = this.#queue.shift() as Member;
    await within(root).then(resolve, reject);
  }

  async #share(transaction: OwnTransaction): Promise<void> {
    const outcomes: Outcome[] = [];
    try {
      while (this.#takesMore(transaction, outcomes)) {
        const outcome = await attempt(this.#queue.shift() as Member, transaction.connection);
        outcomes.push(outcome);
        const { failure, isWritten } = outcome;
        // A statement that fails undoes itself alone; but some failures end the transaction.
        const isLost = failure && (outcomes.length === 1 || isWritten || !(await transaction.isOpen()));
        if (isLost) throw failure.error;
      }
      const changes = outcomes.map(({ entries }) => ({ changesetId: randomUUID(), entries }));
      await transaction.finish(changes, !outcomes[0]?.member.isAlone);
    } catch (error) {
      await transaction.undo(outcomes.some(({ isWritten }) => isWritten));
      this.#retry(outcomes, error);
      return;
    }
    for (const { member, failure, result } of outcomes) failure ? member.reject(failure.error) : member.resolve(result);
  }

  #takesMore(transaction: OwnTransaction, outcomes: readonly Outcome[]): boolean {
    const [next] = this.#queue;
    const [first] = outcomes;
    if (!next || !first) return next !== undefined;
    if (next.isAlone || first.member.isAlone || transaction.isAwaited()) return false;
    const entries = outcomes.reduce((sum, { count }) => sum + count, 0);
    return outcomes.length < groupSize && entries < groupEntries;
  }

  /** Nothing has been written, and what is wrong with one must not be the others' loss. */
  #retry(outcomes: readonly Outcome[], error: unknown): void {
    const members = outcomes.map(({ member }) => member);
    if (members.length === 1 || isBusy(error)) for (const { reject } of members) reject(error);
    else this.#queue.unshift(...members.map((member) => ({ ...member, isAlone: true })));
  }
}

async function attempt(member: Member, connection: Connection): Promise<Outcome> {
  try {
    const { result, entries } = await member.perform(connection);
    // Made at once, so that one that cannot be made is known to be this one's.
    const kept = member.isAlone ? null : [...entries];
    return { member, result, entries: kept ?? entries, count: kept?.length ?? 0, failure: null, isWritten: true };
  } catch (error) {
    return { member, entries: [], count: 0, failure: { error }, isWritten: error instanceof Unrecorded };
  }
}
