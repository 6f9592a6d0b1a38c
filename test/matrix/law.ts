/** The law of the matrix: what changed in the tables is in the log, and nothing else is. */
import jsonPatch from 'fast-json-patch';
import type { LoggedEntry } from '../setup/oracle.js';
import type { Row } from './area.js';
import type { Records, StoredRecord } from './tables.js';

/** What plain SQL has found before and after a write. */
export interface Observation {
  readonly before: Records;
  readonly after: Records;
  readonly entries: readonly LoggedEntry[];
}

/** Every way in which the log differs from what happened, in words; none where the law holds. */
export function breaches({ before, after, entries }: Observation, isChain = false): string[] {
  const made = isChain ? withoutChains(entries) : entries;
  const expected = [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const action = actionOf(before.get(name), after.get(name));
    return action ? [`${action} ${name}`] : [];
  });
  const found = made.map(({ action, modelName, recordId }) => `${action} ${modelName} ${recordId}`);
  return [
    ...without(expected, found).map((entry) => `expected the entry "${entry}", found none`),
    ...without(found, expected).map((entry) => `expected no entry "${entry}", found one`),
    ...misfolded(before, after, entries),
  ];
}

/** What a difference between two readings of a row is; null where the log sees none. */
function actionOf(before: StoredRecord | undefined, after: StoredRecord | undefined): string | null {
  if (!before) return 'create';
  if (!after) return 'destroy';
  if (same(before.values, after.values)) return null;
  if (before.isDeleted === after.isDeleted) return 'update';
  return after.isDeleted ? 'destroy' : 'restore';
}

/** Where a record ends and another takes over its key, the rows show an update. */
function withoutChains(entries: readonly LoggedEntry[]): LoggedEntry[] {
  return entries.flatMap((entry, index) => {
    const isOf = ({ modelName, recordId }: LoggedEntry) => modelName === entry.modelName && recordId === entry.recordId;
    if (entry.action === 'destroy' && entries.slice(index).some((next) => isOf(next) && next.action === 'create'))
      return [];
    const isTakeover = entries.slice(0, index).some((last) => isOf(last) && last.action === 'destroy');
    return entry.action === 'create' && isTakeover ? [{ ...entry, action: 'update' }] : [entry];
  });
}

/** The records before the write, and every patch on top of them, have to give the records after it. */
function misfolded(before: Records, after: Records, entries: readonly LoggedEntry[]): string[] {
  const states = new Map<string, unknown>([...before].map(([name, { document }]) => [name, document]));
  const holes: string[] = [];
  for (const { modelName, recordId, patch } of entries) {
    const name = `${modelName} ${recordId}`;
    try {
      const state = structuredClone(states.get(name) ?? null);
      states.set(name, jsonPatch.applyPatch(state, structuredClone(patch) as never, true).newDocument);
    } catch (error) {
      const state = JSON.stringify(states.get(name) ?? null);
      holes.push(
        `expected a patch that applies to ${name} ${state}, found ${JSON.stringify(patch)}: ${firstLine(error)}`,
      );
    }
  }
  for (const name of new Set([...states.keys(), ...after.keys()])) {
    const [stored, folded] = [after.get(name)?.document ?? null, states.get(name) ?? null];
    if (!same(stored as Row, folded as Row)) {
      holes.push(`expected the log of ${name} to fold to ${JSON.stringify(stored)}, found ${JSON.stringify(folded)}`);
    }
  }
  return holes;
}

/** What of `left` is not in `right`, counting what is there twice. */
function without(left: readonly string[], right: readonly string[]): string[] {
  const rest = [...right];
  return left.filter((item) => {
    const index = rest.indexOf(item);
    if (index !== -1) rest.splice(index, 1);
    return index === -1;
  });
}

function same(left: Row | null, right: Row | null): boolean {
  return JSON.stringify(ordered(left)) === JSON.stringify(ordered(right));
}

/** With keys in one order, as no JSON has one. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
