/** Folds the entries of many records at once, as they come, into what each of them was at one point. */
import { messageOf } from '../../errors.js';
import type { AuditedModel } from '../../record/audited-model.js';
import { advance, nameOf, type State, type Step, unborn } from '../fold.js';

/** What is known of a record so far. */
interface Kept {
  state: State;
  /** How many entries led to it. */
  count: number;
  /** Entries later than the point by their time; one of them is in it when an entry of the record after it is. */
  waiting: Step[];
  /** Why the state is not known; null when it is. */
  gap: string | null;
}

export class Records {
  readonly #kept = new Map<string, Map<string, Kept>>();

  /** @param isWithin whether the entry is not later than the point, by its time */
  add(audited: AuditedModel, recordId: string, step: Step, isWithin: boolean): void {
    const records = this.#kept.get(audited.modelName) ?? new Map<string, Kept>();
    this.#kept.set(audited.modelName, records);
    const kept = records.get(recordId) ?? { state: unborn, count: 0, waiting: [], gap: null };
    records.set(recordId, kept);
    if (!isWithin) {
      kept.waiting.push(step);
      return;
    }
    for (const each of [...kept.waiting, step]) follow(audited, recordId, kept, each);
    kept.waiting = [];
  }

  /** Whether an entry of the record was added. */
  has(modelName: string, recordId: string): boolean {
    return this.#kept.get(modelName)?.has(recordId) ?? false;
  }

  /** Why the state of each record that is not known is not. */
  gaps(audited: AuditedModel): string[] {
    return [...(this.#kept.get(audited.modelName) ?? [])].flatMap(([recordId, { count, waiting, gap }]) => {
      if (gap !== null) return [gap];
      // Its first entry came later, and does not say that the record began with it.
      const isOlder = count === 0 && waiting[0]?.action !== 'create';
      return isOlder ? [`no entry says when ${audited.modelName} ${recordId} began`] : [];
    });
  }

  /** The records that had a row, softly destroyed ones among them. */
  *rows(audited: AuditedModel): Generator<State> {
    for (const { state } of this.#kept.get(audited.modelName)?.values() ?? []) if (state.document) yield state;
  }
}

function follow(audited: AuditedModel, recordId: string, kept: Kept, step: Step): void {
  kept.count += 1;
  const last = step.patch.at(-1);
  const isEnd = last?.op === 'remove' && last.path === '';
  const isRestart = isEnd || step.action === 'baseline' || step.action === 'create';
  // Whatever was missing before it: what begins a record holds all of it, and after a destroy no row is left.
  if (kept.gap !== null && !isRestart) return;
  try {
    kept.state = advance(audited, kept.state, step, () => nameOf(audited, recordId, kept.count));
    kept.gap = null;
  } catch (error) {
    kept.state = unborn;
    kept.gap = isEnd ? null : messageOf(error);
  }
}
