/** Counts what was killed, what was written, and what was found. */
import type { Report } from './messages.js';
import type { Finding } from './verify.js';

/** How many examples of what is wrong are kept. */
const exampleLimit = 5;

export class Figures {
  readonly kills = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly examples: string[] = [];
  /** What the writers were told is committed. */
  committed = 0;
  /** How often all writers went on after a kill that they outlived. */
  recoveries = 0;
  verifications = 0;
  changesets = 0;
  entries = 0;
  rows = 0;
  withoutEntry = 0;
  withoutRow = 0;
  differing = 0;
  alarms = 0;
  #last = { entries: 0, changesets: 0 };

  killed(kind: string, count = 1): void {
    add(this.kills, kind, count);
  }

  heard({ committed, errors }: Report): void {
    this.committed += committed;
    for (const [name, count] of Object.entries(errors)) add(this.errors, name, count);
  }

  found({ rows, entries, changesets, withoutEntry, withoutRow, differing, alarms }: Finding): void {
    this.verifications += 1;
    this.rows += rows;
    this.entries += entries - this.#last.entries;
    this.changesets += changesets - this.#last.changesets;
    this.#last = { entries, changesets };
    this.withoutEntry += withoutEntry.length;
    this.withoutRow += withoutRow.length;
    this.differing += differing.length;
    this.alarms += alarms.length;
    const examples = [
      ...withoutEntry.map((name) => `${name}: a row without entry`),
      ...withoutRow.map((name) => `${name}: entries without row`),
      ...differing,
      ...alarms,
    ];
    this.examples.push(...examples.slice(0, exampleLimit - this.examples.length));
  }

  /** The tables begin empty again. */
  renewed(): void {
    this.#last = { entries: 0, changesets: 0 };
  }

  get killCount(): number {
    return sum(this.kills.values());
  }

  get wrong(): number {
    return this.withoutEntry + this.withoutRow + this.differing + this.alarms;
  }

  get summary(): string {
    return `${this.killCount} kills, ${this.entries} entries in ${this.changesets} changesets, ${this.wrong} records wrong`;
  }

  get table(): string {
    const lines: [string, number][] = [
      ...[...this.kills].map(([kind, count]): [string, number] => [`kills: ${kind}`, count]),
      ['kills in all', this.killCount],
      ['all 8 writers went on', this.recoveries],
      ['comparisons', this.verifications],
      ['changesets in the log', this.changesets],
      ['entries in the log', this.entries],
      ['rows compared', this.rows],
      ['rows without entry', this.withoutEntry],
      ['entries without row', this.withoutRow],
      ['replays that differ', this.differing],
      ['false alarms of verify', this.alarms],
    ];
    return lines.map(([name, count]) => `${name.padEnd(52)}${String(count).padStart(10)}`).join('\n');
  }

  /** What the writers were told, the most frequent first. */
  get errorTable(): string {
    const lines = [...this.errors].sort(([, left], [, right]) => right - left);
    return lines.map(([name, count]) => `${String(count).padStart(8)}  ${name}`).join('\n');
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}
