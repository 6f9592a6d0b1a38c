/** Turns what was measured into tables. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import type { Variant } from './variants.js';

/** One load with one variant. */
export interface Cell {
  readonly variant: string;
  /** Milliseconds of each round. */
  readonly times: number[];
  /** Of each single write in them, where a load tells. */
  readonly writes: number[];
  /** Statements that the last round sent. */
  statements: number | null;
  /** Entries it left; null where it keeps no log. */
  entries: number | null;
  /** Entries that a complete log has. */
  expected: number;
  failure?: string;
}

const require = createRequire(import.meta.url);

export function heading(): string {
  const version = (name: string) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
  const processors = cpus();
  return `Node.js ${process.versions.node}, Sequelize ${version('sequelize')}, ${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`;
}

/** The tables of one place: a line for each load, a column for each variant; times, and numbers of statements. */
export function tableOf(
  place: string,
  cells: ReadonlyMap<string, readonly Cell[]>,
  variants: readonly Variant[],
): string {
  const shown = variants.filter(({ name }) => [...cells.values()].flat().some(({ variant }) => variant === name));
  const names = shown.slice(1).map(({ name }) => name);
  const cellOf = (found: readonly Cell[], name: string) => found.find(({ variant }) => variant === name);
  const times = [...cells].flatMap(([load, found]) => {
    const bare = cellOf(found, 'bare') as Cell;
    const others = names.map((name) => ratio(cellOf(found, name), bare));
    const row = [load, spread(bare.times), ...others];
    if (bare.writes.length === 0) return [row];
    const base = quantile(bare.writes, 0.95);
    const slowest = names.map((name) => (quantile(cellOf(found, name)?.writes ?? [], 0.95) / base).toFixed(2));
    return [row, [`${load}, the slowest 5 % of its single writes begin at`, base.toFixed(2), ...slowest]];
  });
  const statements = [...cells].map(([load, found]) => [
    load,
    ...['bare', ...names].map((name) => String(cellOf(found, name)?.statements ?? '')),
  ]);
  return [
    `## ${place}`,
    '',
    ...table(['', 'bare, ms', ...names], times),
    '',
    'Statements sent in one round:',
    '',
    ...table(['', 'bare', ...names], statements),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (columns: readonly string[]) => `| ${columns.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

export function pageOf(sections: readonly string[]): string {
  return `# Benchmarks

Made by \`npm run bench\`, which takes its variants in turn, round by round. ${heading()}.

Milliseconds of a round with bare Sequelize: median (lowest to highest). The others as multiples of the bare median, with the lowest and
highest round over that same median. "n of m" says how many of the changes a plugin has recorded where it is not all of them; one that
fails is shown with its error. The log's table of a trigger has whole rows on both sides.

${sections.join('\n\n')}
`;
}

function ratio(cell: Cell | undefined, bare: Cell): string {
  if (!cell) return '';
  if (cell.failure) return `fails: ${cell.failure.slice(0, 60)}`;
  const base = quantile(bare.times, 0.5);
  const [median, low, high] = [0.5, 0, 1].map((share) => (quantile(cell.times, share) / base).toFixed(2));
  const isShort = cell.entries !== null && cell.expected > 0 && cell.entries < cell.expected;
  return `${median} (${low} to ${high})${isShort ? `, ${cell.entries} of ${cell.expected}` : ''}`;
}

function spread(times: readonly number[]): string {
  const [low, median, high] = [0, 0.5, 1].map((share) => quantile(times, share).toFixed(2));
  return `${median} (${low} to ${high})`;
}

/** Between two rounds where it falls there. */
function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const [low, high] = [Math.floor(place), Math.ceil(place)].map((index) => sorted[index] ?? Number.NaN) as [
    number,
    number,
  ];
  return low + (high - low) * (place % 1);
}
