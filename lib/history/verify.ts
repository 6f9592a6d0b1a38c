/** Replays the log against the live tables and reports what differs. */
import type { Document } from '../patch/operation.js';
import type { AuditedModel } from '../record/audited-model.js';
import { checkOptions, invalid } from './arguments.js';
import { chosenModels, type ModelChoice } from './chosen-models.js';
import type { HistoryOptions, HistoryParts } from './log-reader.js';
import { inSnapshot, type Read } from './moment.js';
import { Numbers } from './numbers.js';
import { type Difference, type DifferenceKind, RecordCheck } from './record-check.js';
import { RecordEntries } from './record-entries.js';
import { Table } from './table.js';

export interface VerifyOptions extends HistoryOptions {
  /** Models, or their names; `acme.User` for one in another schema. @default all that are audited */
  readonly models?: ModelChoice | readonly ModelChoice[];
  /** Differences that are listed at most; all are counted. @default 1000 */
  readonly limit?: number;
  /** Told what has been compared so far, after every few thousand records. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress extends Comparison {
  /** Entries that there are to compare. */
  readonly total: number;
}

/** What has been compared, and how many records differ. */
export interface Comparison {
  readonly rows: number;
  /** Those with a row, and those of which only the log knows. */
  readonly records: number;
  readonly entries: number;
  readonly differences: Readonly<Record<DifferenceKind, number>>;
}

export interface Verification {
  /** One for each record that differs, up to the limit; empty when log and tables agree. */
  readonly differences: readonly Difference[];
  readonly counts: Comparison;
  /** The same by model, as entries name it. */
  readonly models: Readonly<Record<string, Comparison>>;
  /**
   * What the log holds of models that are not compared, by their name: not defined or audited any more, or in another
   * schema. Empty when the caller has chosen models.
   */
  readonly others: Readonly<Record<string, Pick<Comparison, 'records' | 'entries'>>>;
}

/** Records that are compared at once. */
const recordsAtOnce = 1000;

/** Entries whose ids are looked at at once. */
const idsAtOnce = 20_000;

export async function verify(parts: HistoryParts, options: VerifyOptions): Promise<Verification> {
  checkOptions(options, ['models', 'limit', 'onProgress', 'transaction']);
  const { models, limit = 1000, onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw invalid('onProgress', 'a function', onProgress);
  const audited = chosenModels(parts, models);
  return inSnapshot(parts, options, (read) => {
    const names = models === undefined ? null : audited.map(({ modelName }) => modelName);
    return new Verifier(parts, read, { audited, names, limit, onProgress }).run();
  });
}

interface Task {
  readonly audited: readonly AuditedModel[];
  /** null for all that the log knows. */
  readonly names: readonly string[] | null;
  readonly limit: number;
  readonly onProgress: VerifyOptions['onProgress'];
}

class Verifier {
  readonly #parts: HistoryParts;
  readonly #read: Read;
  readonly #task: Task;
  readonly #entries: RecordEntries;
  /** Ids of the entries that have been compared. */
  readonly #seen = new Numbers();
  readonly #differences: Difference[] = [];
  readonly #counts = new Map<string, Count>();
  #total = 0;

  constructor(parts: HistoryParts, read: Read, task: Task) {
    this.#parts = parts;
    this.#read = read;
    this.#task = task;
    this.#entries = new RecordEntries(parts, read);
    for (const { modelName } of task.audited) this.#counts.set(modelName, new Count());
  }

  async run(): Promise<Verification> {
    const [counted] = await this.#read(`SELECT COUNT(*) AS total FROM ${this.#entries.table} ${this.#where([])};`);
    this.#total = Number(counted?.total);
    for (const audited of this.#task.audited) await this.#compareRows(audited);
    if (this.#seen.size < this.#total) await this.#compareRest();
    const known = this.#task.audited.map(({ modelName }) => modelName);
    const compared = [...this.#counts].filter(([modelName]) => known.includes(modelName));
    const others = [...this.#counts].filter(([modelName]) => !known.includes(modelName));
    return {
      differences: this.#differences,
      counts: sumOf(compared.map(([, count]) => count)),
      models: Object.fromEntries(compared.map(([modelName, count]) => [modelName, sumOf([count])])),
      others: Object.fromEntries(others.map(([modelName, { records, entries }]) => [modelName, { records, entries }])),
    };
  }

  /** All rows of a table, each with its entries. */
  async #compareRows(audited: AuditedModel): Promise<void> {
    const table = new Table(this.#parts.sequelize, this.#read, audited);
    const count = this.#countOf(audited.modelName);
    let page = await table.page(null, recordsAtOnce);
    while (page.length > 0) {
      const checks = checksOf(
        audited,
        page.map(({ recordId }) => recordId),
      );
      await this.#follow(audited.modelName, checks);
      // The database reads on while these are judged.
      const last = page.length < recordsAtOnce ? undefined : page.at(-1);
      const next = last ? table.page(last.key, recordsAtOnce) : [];
      count.rows += page.length;
      for (const { recordId, snapshot } of page) this.#judge(count, checks.get(recordId), snapshot.document);
      page = await next;
      this.#report();
    }
  }

  /** All entries that no row has led to. */
  async #compareRest(): Promise<void> {
    const audited = new Map(this.#task.audited.map((each) => [each.modelName, each]));
    const from = `${this.#entries.columns('id', 'modelName', 'recordId')} FROM ${this.#entries.table}`;
    const id = this.#entries.column('id');
    let after: unknown;
    do {
      const where = this.#where(after === undefined ? [] : [`${id} > ${after}`]);
      const rows = await this.#read(`SELECT ${from} ${where} ORDER BY ${id} LIMIT ${idsAtOnce};`);
      after = rows.length < idsAtOnce ? undefined : rows.at(-1)?.id;
      for (const [modelName, records] of this.#unseen(rows)) {
        const checks = checksOf(audited.get(modelName) ?? null, records);
        await this.#follow(modelName, checks);
        for (const check of checks.values()) this.#judge(this.#countOf(modelName), check, null);
        this.#report();
      }
    } while (after !== undefined);
  }

  /** The records of entries that have not been compared, by model, and not too many at once. */
  *#unseen(entries: Iterable<Readonly<Record<string, unknown>>>): Generator<[string, Set<string>]> {
    const open = new Map<string, Set<string>>();
    for (const entry of entries) {
      if (this.#seen.has(Number(entry.id))) continue;
      const modelName = String(entry.modelName);
      const records = (open.get(modelName) ?? new Set()).add(String(entry.recordId));
      open.set(modelName, records);
      if (records.size < recordsAtOnce) continue;
      open.delete(modelName);
      yield [modelName, records];
    }
    yield* open;
  }

  async #follow(modelName: string, checks: ReadonlyMap<string, RecordCheck | null>): Promise<void> {
    const count = this.#countOf(modelName);
    for await (const entry of this.#entries.of(modelName, checks.keys())) {
      if (!checks.has(entry.recordId) || !this.#seen.add(Number(entry.id))) continue;
      count.entries += 1;
      checks.get(entry.recordId)?.add(entry);
    }
  }

  #judge(count: Count, check: RecordCheck | null | undefined, row: Document | null): void {
    count.records += 1;
    const difference = check?.judge(row);
    if (!difference) return;
    count.differences[difference.kind] += 1;
    if (this.#differences.length < this.#task.limit) this.#differences.push(difference);
  }

  #countOf(modelName: string): Count {
    const count = this.#counts.get(modelName) ?? new Count();
    this.#counts.set(modelName, count);
    return count;
  }

  /** A condition on the entries that are compared. */
  #where(conditions: readonly string[]): string {
    const names = this.#task.names?.map((name) => this.#entries.literal(name));
    const all = names ? [...conditions, `${this.#entries.column('modelName')} IN (${names.join(', ')})`] : conditions;
    return all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  }

  #report(): void {
    this.#task.onProgress?.({ ...sumOf([...this.#counts.values()]), total: this.#total });
  }
}

class Count implements Comparison {
  rows = 0;
  records = 0;
  entries = 0;
  readonly differences = { missingEntry: 0, brokenLink: 0, changedOutside: 0, orphan: 0 };
}

function sumOf(counts: readonly Count[]): Comparison {
  const sum = new Count();
  for (const { rows, records, entries, differences } of counts) {
    sum.rows += rows;
    sum.records += records;
    sum.entries += entries;
    for (const kind of Object.keys(differences) as DifferenceKind[]) sum.differences[kind] += differences[kind];
  }
  return { ...sum };
}

/** @param audited null for records that are counted only */
function checksOf(audited: AuditedModel | null, records: Iterable<string>): Map<string, RecordCheck | null> {
  return new Map([...records].map((recordId) => [recordId, audited && new RecordCheck(audited, recordId)]));
}
