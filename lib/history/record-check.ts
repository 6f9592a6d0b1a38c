/** Follows the entries of one record, and says where they do not agree with one another or with its row. */
import type { Action } from '../log/model.js';
import type { Document, Json } from '../patch/operation.js';
import { isContainer } from '../patch/pointer.js';
import type { AuditedModel } from '../record/audited-model.js';
import { advance, isBeginning, type State, unborn } from './fold.js';
import { type Mismatch, mismatchesOfEntry, mismatchesOfRow } from './mismatch.js';
import type { RecordEntry } from './record-entries.js';

/**
 * What can be wrong with a record:
 * - `missingEntry`: the log does not hold how it began, or nothing of it at all
 * - `brokenLink`: an entry does not follow from those before it
 * - `changedOutside`: its row is not what the log says
 * - `orphan`: the log says that it exists, and there is no row
 */
export type DifferenceKind = 'missingEntry' | 'brokenLink' | 'changedOutside' | 'orphan';

/** A record whose log and row do not agree. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly modelName: string;
  /** The primary key as text; a composite one as a JSON array in primary-key order. */
  readonly recordId: string;
  /** Id of the entry that does not fit; of the last one where all of them do; null where there is none. */
  readonly entry: string | null;
  /** The values that are others than expected, as far as they are known. */
  readonly mismatches: readonly Mismatch[];
}

export class RecordCheck {
  readonly #audited: AuditedModel;
  readonly #recordId: string;
  #state: State = unborn;
  #last: string | null = null;
  #broken: Difference | null = null;

  constructor(audited: AuditedModel, recordId: string) {
    this.#audited = audited;
    this.#recordId = recordId;
  }

  /** Follows the next entry. After one that does not fit nothing is known, until a baseline begins anew. */
  add({ id, action, patch }: RecordEntry): void {
    const isFirst = this.#last === null;
    this.#last = id;
    if (action === 'baseline') this.#broken = null;
    else if (this.#broken) return;
    const before = action === 'baseline' ? unborn : this.#state;
    try {
      this.#state = advance(this.#audited, before, { action, patch }, () => id);
      if (!isPossible(before.document, action, this.#state.document)) this.#broken = this.#difference('brokenLink');
    } catch {
      const kind = isFirst && !isBeginning({ action }) ? 'missingEntry' : 'brokenLink';
      this.#broken = this.#difference(kind, mismatchesOfEntry(this.#audited, before.document, patch));
    }
  }

  /** @param row as a document; null when there is none */
  judge(row: Document | null): Difference | null {
    const { document } = this.#state;
    if (this.#broken) return this.#broken;
    if (row === null) return document === null ? null : this.#difference('orphan');
    if (this.#last === null) return this.#difference('missingEntry');
    const mismatches = mismatchesOfRow(this.#audited, document, row);
    return mismatches.length === 0 ? null : this.#difference('changedOutside', mismatches);
  }

  #difference(kind: DifferenceKind, mismatches: readonly Mismatch[] = []): Difference {
    const { modelName } = this.#audited;
    return { kind, modelName, recordId: this.#recordId, entry: this.#last, mismatches };
  }
}

/** Whether an action can lead from a state to another: only a create begins a record, only a destroy ends it. */
function isPossible(before: Json, action: Action, after: Json): boolean {
  if (after === null) return before !== null && action === 'destroy';
  if (!isContainer(after) || Array.isArray(after)) return false;
  return action === 'baseline' || (before === null) === (action === 'create');
}
