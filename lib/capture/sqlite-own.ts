/**
 * Own transactions on SQLite. Writes that wait for one another share one: all their entries go into one INSERT, one
 * COMMIT follows, and only then is each of them done. Where that fails, each is tried again in one of its own.
 */
import { AsyncResource } from 'node:async_hooks';
import { type Connection, isBusy, type QueryOptions, type TransactionInternals } from '../internals.js';
import type { Change } from '../log/append.js';
import { newChangesetId } from '../log/changeset-id.js';
import type { Entry } from '../log/entry.js';
import { Unrecorded } from './observation.js';
import type { Outcome as AsOne } from './sqlite-one-statement.js';

/** Writes that share a transaction at most, and entries that they may have made by then. */
const groupSize = 100;
const groupEntries = 1000;

/** A write without a transaction of the caller's. */
export interface OwnWrite {
  readonly options: QueryOptions;
  /** Whether it may share a transaction: one of many rows has too many entries to keep them. */
  readonly isSmall: boolean;
  /** Performs it so that it records itself, where it can. */
  readonly performAsOne: (connection: Connection) => Promise<AsOne | null>;
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

/** A place in the line of writers, where a write has been done alone. */
export interface Turn {
  leave(): void;
}

/** What has become of a write that was to be done without a transaction. */
export type Alone = 'done' | 'to be shared' | 'to be observed';

/** @param alone tries it */
export type Begin = (
  options: QueryOptions,
  alone: (connection: Connection) => Promise<Alone>,
) => Promise<OwnTransaction | OpenTransaction | Turn>;

interface Member extends Omit<OwnWrite, 'isSmall'> {
  readonly since: number;
  isAlone: boolean;
  /** Whether its statement cannot record itself, as it has been tried. */
  isObserved: boolean;
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
      const caller = new AsyncResource('sequelize-audit');
      this.#queue.push({
        isAlone: !write.isSmall,
        isObserved: false,
        since: Date.now(),
        options: write.options,
        performAsOne: (connection) => caller.runInAsyncScope(write.performAsOne, null, connection),
        perform: (connection) => caller.runInAsyncScope(write.perform, null, connection),
        within: (root) => caller.runInAsyncScope(write.within, null, root),
        resolve,
        reject,
      });
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
      const turn = await this.#begin(first.options, (connection) => this.#alone(connection));
      try {
        if ('root' in turn) await this.#within(turn.root);
        else if ('connection' in turn) await this.#share(turn);
      } finally {
        turn.leave();
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

  /** A statement that records itself needs no transaction while nobody waits who could share it. */
  async #alone(connection: Connection): Promise<Alone> {
    const [member, next] = this.#queue;
    if (!member || (next && !member.isAlone)) return 'to be shared';
    const done = await member.performAsOne(connection).catch((error: unknown) => {
      if (isBusy(error)) return 'to be shared' as const;
      // A logger that throws says nothing of whether the row was written; if it was, so is its entry.
      return { failure: error, isIts: true };
    });
    if (done === 'to be shared') return done;
    member.isObserved = done === null || ('failure' in done && !done.isIts);
    if (done === null || member.isObserved) return 'to be observed';
    this.#queue.shift();
    'failure' in done ? member.reject(done.failure) : member.resolve(done.result);
    return 'done';
  }

  async #share(transaction: OwnTransaction): Promise<void> {
    const outcomes: Outcome[] = [];
    try {
      while (this.#takesMore(transaction, outcomes)) {
        // Entries that wait for the end of the transaction would come behind those that are written at once.
        const canRecordItself = outcomes.every(({ count }) => count === 0);
        const outcome = await attempt(this.#queue.shift() as Member, transaction, canRecordItself);
        outcomes.push(outcome);
        const { failure, isWritten } = outcome;
        // A statement that fails undoes itself alone; but some failures end the transaction.
        const isLost = failure && (outcomes.length === 1 || isWritten || !(await transaction.isOpen()));
        if (isLost) throw failure.error;
      }
      const changes = outcomes.map(({ entries }) => ({ changesetId: newChangesetId(), entries }));
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

async function attempt(member: Member, transaction: OwnTransaction, canRecordItself: boolean): Promise<Outcome> {
  const { connection } = transaction;
  const nothing = { member, entries: [], count: 0 };
  try {
    const done = canRecordItself && !member.isObserved ? await member.performAsOne(connection) : null;
    if (done && 'result' in done) return { ...nothing, result: done.result, failure: null, isWritten: true };
    // Some failures end the transaction.
    if (done && (done.isIts || !(await transaction.isOpen())))
      return { ...nothing, failure: { error: done.failure }, isWritten: false };
    const { result, entries } = await member.perform(connection);
    // Made at once, so that one that cannot be made is known to be this one's.
    const kept = member.isAlone ? null : [...entries];
    return { member, result, entries: kept ?? entries, count: kept?.length ?? 0, failure: null, isWritten: true };
  } catch (error) {
    return { ...nothing, failure: { error }, isWritten: error instanceof Unrecorded };
  }
}
