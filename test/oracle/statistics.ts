/** Counts what the programs of a run did, so that nobody takes idle programs for proof. */
import { isCall, type Step } from '../programs/step.js';

interface Count {
  calls: number;
  refused: number;
  /** Calls after which some row was another. */
  effective: number;
  /** Calls after which rows of several models were others. */
  wide: number;
}

export class Statistics {
  programs = 0;
  steps = 0;
  entries = 0;
  committed = 0;
  rolledBack = 0;
  readonly #kinds = new Map<string, Count>();

  count(step: Step, isRefused: boolean, changedModels: number): void {
    const name = labelOf(step);
    const count = this.#kinds.get(name) ?? { calls: 0, refused: 0, effective: 0, wide: 0 };
    this.#kinds.set(name, count);
    count.calls += 1;
    if (isRefused) count.refused += 1;
    if (changedModels > 0) count.effective += 1;
    if (changedModels > 1) count.wide += 1;
  }

  /** One line. */
  get summary(): string {
    const refused = [...this.#kinds.values()].reduce((sum, each) => sum + each.refused, 0);
    return (
      `${this.programs} programs, ${this.steps} steps (${refused} refused), ${this.entries} entries checked, ` +
      `${this.committed} transactions committed, ${this.rolledBack} rolled back`
    );
  }

  /** One line for each kind of call. */
  get table(): string {
    const rows = [...this.#kinds].sort(([left], [right]) => (left < right ? -1 : 1));
    return rows
      .map(([name, { calls, effective, wide, refused }]) =>
        [name.padEnd(28), ...[calls, effective, wide, refused].map((number) => String(number).padStart(9))].join(''),
      )
      .join('\n');
  }

  static readonly heading =
    `${'call'.padEnd(28)}${['calls', 'effective', 'wide', 'refused'].map((word) => word.padStart(9)).join('')}`;
}

function labelOf(step: Step): string {
  if (!isCall(step)) return step.kind;
  if (step.kind === 'query') return `queryInterface.${step.method}`;
  if (step.kind === 'associate') return `association ${step.verb}`;
  const { ignoreDuplicates, updateOnDuplicate, individualHooks } = step.options;
  if (step.kind === 'bulkCreate' && ignoreDuplicates) return 'bulkCreate, ignoring';
  if (step.kind === 'bulkCreate' && updateOnDuplicate) return 'bulkCreate, updating';
  return individualHooks ? `${step.kind}, individual hooks` : step.kind;
}
