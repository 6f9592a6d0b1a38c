/** Gives records whose beginning the log does not hold an entry to begin with: the row as it is. */
import type { Transaction } from 'sequelize';
import type { StoredContext } from '../context.js';
import { type TransactionInternals, timestampsOf } from '../internals.js';
import type { Entry } from '../log/entry.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isMysql } from '../record/encoding.js';
import type { Image } from '../record/image.js';
import { redactedChanges } from '../record/redact.js';
import { checkOptions, invalid } from './arguments.js';
import { chosenModels } from './chosen-models.js';
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import { readerIn } from './moment.js';
import { RecordCheck } from './record-check.js';
import { RecordEntries } from './record-entries.js';
import { Table } from './table.js';
import { transactionFor } from './transaction-for.js';

export interface BaselineParts extends HistoryParts {
  /**
   * Adds the entries that `make` gives to what a transaction writes before it commits. No write of the same transaction
   * comes in between.
   */
  readonly write: (transaction: TransactionInternals, make: () => Promise<readonly Entry[]>) => Promise<void>;
  /** Who asks for it, and why. */
  readonly context: () => StoredContext;
}

export interface BaselineOptions extends HistoryOptions {
  /** Rows that are looked at, and locked, at once. @default 1000 */
  readonly batchSize?: number;
  /**
   * Whether records begin anew that `verify` reports for another reason: their row was changed outside, or a link is
   * broken. @default false
   */
  readonly differing?: boolean;
  /** Told what has been done so far, after every batch. */
  readonly onProgress?: (progress: BaselineProgress) => void;
}

export interface BaselineProgress extends BaselineCount {
  readonly modelName: string;
}

export interface BaselineCount {
  /** Rows that have been looked at. */
  readonly rows: number;
  /** Entries that have been written, one for each record. */
  readonly written: number;
}

export interface Baseline extends BaselineCount {
  /** The same by model, as entries name it. */
  readonly models: Readonly<Record<string, BaselineCount>>;
}

export async function baseline(parts: BaselineParts, models: unknown, options: BaselineOptions): Promise<Baseline> {
  checkOptions(options, ['batchSize', 'differing', 'onProgress', 'transaction']);
  const { batchSize = 1000, differing = false, onProgress } = options;
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) throw invalid('batchSize', 'a number from 1', batchSize);
  if (typeof differing !== 'boolean') throw invalid('differing', 'true or false', differing);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalid('onProgress', 'a function', onProgress);
  const context = parts.context();
  const counts: Record<string, BaselineCount> = {};
  for (const audited of chosenModels(parts, models)) {
    const task = { parts, audited, batchSize, differing, context };
    counts[audited.modelName] = await baselineOf(task, options, (count) =>
      onProgress?.({ modelName: audited.modelName, ...count }),
    );
  }
  const sum = (name: keyof BaselineCount) => Object.values(counts).reduce((total, count) => total + count[name], 0);
  return { rows: sum('rows'), written: sum('written'), models: counts };
}

interface Task {
  readonly parts: BaselineParts;
  readonly audited: AuditedModel;
  readonly batchSize: number;
  readonly differing: boolean;
  readonly context: StoredContext;
}

type Key = readonly unknown[];

/** What to do next: the rows after a key, or one row that another transaction held. */
type Batch = { readonly after: Key | null } | { readonly key: Key };

interface Done extends BaselineCount {
  readonly last: Key | null;
  /** Keys of rows that others hold. */
  readonly held: readonly Key[];
}

async function baselineOf(
  task: Task,
  options: HistoryOptions,
  onProgress: (count: BaselineCount) => void,
): Promise<BaselineCount> {
  const { sequelize } = task.parts;
  const open = transactionFor(sequelize, options);
  let count = { rows: 0, written: 0 };
  const run = async (batch: Batch) => {
    const done = await (open ? inTransaction(task, open, batch, false) : inOwn(task, batch));
    count = { rows: count.rows + done.rows, written: count.written + done.written };
    return done;
  };
  for (let after: Key | null = null, isEnd = false; !isEnd; ) {
    const { last, held } = await run({ after });
    // One at a time: whoever waits for one row holds no other, so that nobody can wait for both.
    for (const key of held) await run({ key });
    after = last;
    isEnd = last === null;
    onProgress(count);
  }
  return count;
}

/** A short transaction, in which each statement sees what is committed by then. */
function inOwn(task: Task, batch: Batch): Promise<Done> {
  const { sequelize } = task.parts;
  const { Transaction: Kinds } = (sequelize as unknown as { Sequelize: { Transaction: typeof Transaction } }).Sequelize;
  return sequelize.transaction(
    { isolationLevel: Kinds.ISOLATION_LEVELS.READ_COMMITTED, type: Kinds.TYPES.IMMEDIATE },
    (transaction) => inTransaction(task, transaction as TransactionInternals, batch, true),
  );
}

async function inTransaction(
  { parts, audited, batchSize, differing, context }: Task,
  transaction: TransactionInternals,
  batch: Batch,
  isOwn: boolean,
): Promise<Done> {
  const { sequelize } = parts;
  const dialect = sequelize.getDialect();
  const isPatient = !isOwn || 'key' in batch;
  const read = readerIn(sequelize, transaction);
  const table = new Table(sequelize, read, audited);
  const entries = new RecordEntries(parts, read);
  const lacking = async (images: readonly Image[], lock: string) => {
    const checks = new Map(images.map(({ recordId }) => [recordId, new RecordCheck(audited, recordId)]));
    for await (const entry of entries.of(audited.modelName, checks.keys(), lock))
      checks.get(entry.recordId)?.add(entry);
    return images.filter(({ snapshot: { recordId, document } }) => {
      const difference = checks.get(recordId)?.judge(document);
      return difference?.kind === 'missingEntry' || (differing && difference);
    });
  };
  let done: Done = { rows: 0, written: 0, last: null, held: [] };
  await parts.write(transaction, async () => {
    const page = 'key' in batch ? await table.byKeys([batch.key], '') : await table.page(batch.after, batchSize);
    const found = await lacking(page, '');
    // What was seen without a lock may be old by now: first the rows are held, then the log is asked. On SQLite nobody else
    // writes. A caller's transaction may read the log of MySQL as it was long ago, unless it locks what it reads.
    const isHeld = dialect === 'sqlite';
    const held = isHeld ? found : await table.byKeys(keysOf(found), lockOf(dialect, isPatient));
    const begun = isHeld ? found : await lacking(held, isMysql(dialect) && !isOwn ? 'LOCK IN SHARE MODE' : '');
    const names = new Set(held.map(({ recordId }) => recordId));
    const isPage = 'after' in batch;
    done = {
      rows: isPage ? page.length : 0,
      written: begun.length,
      last: isPage && page.length === batchSize ? (page.at(-1)?.key ?? null) : null,
      held: isPatient ? [] : keysOf(found.filter(({ recordId }) => !names.has(recordId))),
    };
    return begun.flatMap((image) => entriesOf(audited, image, context));
  });
  return done;
}

function keysOf(images: readonly Image[]): Key[] {
  return images.map(({ key }) => key);
}

/** As an update locks a row. @param isPatient whether to wait for rows that others hold, or leave them out */
function lockOf(dialect: string, isPatient: boolean): string {
  const lock = dialect === 'postgres' ? 'FOR NO KEY UPDATE' : 'FOR UPDATE';
  return isPatient ? lock : `${lock} SKIP LOCKED`;
}

function entriesOf(audited: AuditedModel, { snapshot }: Image, context: StoredContext): Entry[] {
  const { modelName, model } = audited;
  const { recordId, document, hidden, isDeleted } = snapshot;
  const entry = { modelName, recordId, ...context };
  const beginning: Entry = {
    ...entry,
    action: 'baseline',
    patch: JSON.stringify([{ op: 'add', path: '', value: document }]),
  };
  // Where `deletedAt` is hidden, the document does not say that the record is gone.
  const { deletedAt = '' } = timestampsOf(model);
  if (!isDeleted || audited.isDestroyed(document)) return [beginning];
  const patch = redactedChanges({ [deletedAt]: null }, { [deletedAt]: hidden[deletedAt] ?? null });
  return [beginning, { ...entry, action: 'destroy', patch: JSON.stringify(patch) }];
}
