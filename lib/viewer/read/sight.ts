/** What somebody sees of the log: whole records or nothing of them, and no value that is hidden today. */
import type { Audit, AuditEntry, Change, Json, ModelAudit } from '../../index.js';
import type { ViewerAccess } from '../options.js';
import { holds } from './holds.js';

export interface RecordName {
  readonly modelName: string;
  readonly recordId: string;
}

/** An entry as it is shown. Its patch is left out: `changes` say the same, with what is hidden left out. */
export type SeenEntry = Omit<AuditEntry, 'patch'> & {
  /** Place in the history of the record; undefined where it was not asked for. */
  readonly revision?: number;
};

/** Entries that are looked through at once for what `meta` they have. A longer history is not seen by those narrowed so. */
const longest = 10_000;

export const redacted: Json = { $redacted: true };

export class Sight {
  readonly #audit: Audit;
  readonly #access: ViewerAccess;
  #models: readonly ModelAudit[] | undefined;

  constructor(audit: Audit, access: ViewerAccess) {
    this.#audit = audit;
    this.#access = access;
  }

  /** Models that are audited today and may be seen. */
  get models(): readonly ModelAudit[] {
    this.#models ??= this.#audit.models.filter(({ modelName }) => this.hasModel(modelName));
    return this.#models;
  }

  /** Those that entries may be of; undefined for all. */
  get modelNames(): readonly string[] | undefined {
    return this.#access.models;
  }

  /** What the `meta` of all entries has to hold; undefined for nothing. */
  get meta(): ViewerAccess['meta'] {
    return this.#access.meta;
  }

  /** Whether records of a model that may be seen can be hidden. */
  get isNarrowed(): boolean {
    return this.#access.records !== undefined || this.#access.meta !== undefined;
  }

  hasModel(modelName: string): boolean {
    return this.#access.models?.includes(modelName) ?? true;
  }

  /** Those of some entries, in their order, whose records may be seen. */
  async entries<E extends AuditEntry & { readonly revision?: number }>(entries: readonly E[]): Promise<SeenEntry[]> {
    const seen = await this.records(entries);
    return entries.filter((entry) => seen.has(keyOf(entry))).map((entry) => this.#shown(entry));
  }

  /** Which records may be seen, by `keyOf`. */
  async records(names: readonly RecordName[]): Promise<ReadonlySet<string>> {
    const byModel = new Map<string, Set<string>>();
    for (const { modelName, recordId } of names) {
      if (!this.hasModel(modelName)) continue;
      byModel.set(modelName, (byModel.get(modelName) ?? new Set()).add(recordId));
    }
    const seen = new Set<string>();
    for (const [modelName, asked] of byModel) {
      for (const recordId of await this.#ofModel(modelName, [...asked])) seen.add(keyOf({ modelName, recordId }));
    }
    return seen;
  }

  async hasRecord(record: RecordName): Promise<boolean> {
    return (await this.records([record])).size > 0;
  }

  /** Changes without attributes that are excluded today, and without the values of those that are redacted. */
  changes(modelName: string, changes: readonly Change[]): readonly Change[] {
    const found = this.models.find((each) => each.modelName === modelName);
    if (!found) return changes;
    const all = found.model.getAttributes();
    const names = new Map(
      Object.entries(found.renamed).flatMap(([name, earlier]) => earlier.map((each) => [each, name])),
    );
    const today = (name: string) => (Object.hasOwn(all, name) ? name : (names.get(name) ?? name));
    const isExcluded = (name: string) => Object.hasOwn(all, name) && !found.attributes.includes(name);
    const hide = (value: Json | undefined) => (value === undefined ? undefined : redacted);
    return changes
      .filter(({ attribute }) => !isExcluded(today(attribute)))
      .map((change) =>
        found.redact.includes(today(change.attribute))
          ? { ...change, from: hide(change.from), to: hide(change.to) }
          : change,
      );
  }

  #shown({ patch: _, ...entry }: AuditEntry & { readonly revision?: number }): SeenEntry {
    return { ...entry, changes: this.changes(entry.modelName, entry.changes) };
  }

  async #ofModel(modelName: string, recordIds: readonly string[]): Promise<readonly string[]> {
    const { records, meta } = this.#access;
    let seen = recordIds;
    if (records && seen.length > 0) {
      const answer = new Set(await records(modelName, seen));
      seen = seen.filter((recordId) => answer.has(recordId));
    }
    return meta && seen.length > 0 ? this.#whollyOf(modelName, seen, meta) : seen;
  }

  /** Those records all of whose entries have the `meta`: an entry shows also what the one before it left. */
  async #whollyOf(
    modelName: string,
    recordIds: readonly string[],
    meta: Readonly<Record<string, unknown>>,
  ): Promise<readonly string[]> {
    const refused = new Set<string>();
    let left = [...recordIds];
    while (left.length > 0) {
      const rows = (await this.#audit.AuditLog.findAll({
        where: { modelName, recordId: left },
        attributes: ['recordId', 'meta'],
        order: [
          ['recordId', 'ASC'],
          ['id', 'ASC'],
        ],
        limit: longest,
      })) as unknown as { readonly recordId: string; readonly meta: unknown }[];
      for (const row of rows) if (!holds(row.meta, meta)) refused.add(row.recordId);
      const last = rows.at(-1)?.recordId;
      if (rows.length < longest || last === undefined) break;
      // The last one may go on. One that has filled it all by itself is too long to know.
      if (rows[0]?.recordId === last) refused.add(last);
      const done = new Set(rows.map(({ recordId }) => recordId));
      left = left.filter((recordId) => !refused.has(recordId) && (recordId === last || !done.has(recordId)));
    }
    return recordIds.filter((recordId) => !refused.has(recordId));
  }
}

export function keyOf({ modelName, recordId }: RecordName): string {
  return JSON.stringify([modelName, recordId]);
}
