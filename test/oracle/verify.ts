/** Holds the entries of some steps against the tables as they were before, between and after them. */
import { isDeepStrictEqual } from 'node:util';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { invert } from '../../lib/patch/invert.js';
import type { Patch } from '../../lib/patch/operation.js';
import type { Document, Snapshot } from './snapshot.js';

export interface Entry {
  readonly id: number;
  readonly modelName: string;
  readonly recordId: string;
  readonly action: string;
  readonly patch: Patch;
  readonly changesetId: string;
}

export interface Evidence {
  /** Before the first step, and after each step that was not rolled back. */
  readonly states: readonly Snapshot[];
  /** All entries that the steps made. */
  readonly entries: readonly Entry[];
  /** Whether each step was one statement, which changes a record once. */
  readonly isSingle: boolean;
  /** Names of models whose rows are deleted by `deletedAt`. */
  readonly paranoid: ReadonlySet<string>;
}

type State = Document | null;

/** @throws Error that says which record is wrong, and how */
export function verify({ states, entries, isSingle, paranoid }: Evidence): void {
  const before = states[0] as Snapshot;
  const after = states.at(-1) as Snapshot;
  const chains = new Map<string, State[]>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const chain = chains.get(name) ?? [before.get(name) ?? null];
    chains.set(name, chain);
    chain.push(follow(entry, chain.at(-1) ?? null, paranoid.has(entry.modelName)));
  }
  for (const name of new Set([
    ...before.keys(),
    ...after.keys(),
    ...chains.keys(),
    ...states.flatMap((state) => [...state.keys()]),
  ])) {
    const seen = withoutRepeats(states.map((state) => state.get(name) ?? null));
    const told = chains.get(name) ?? [before.get(name) ?? null];
    if (!isDeepStrictEqual(told.at(-1), seen.at(-1))) {
      fail(`${name}: the log leads to another row than the table has`, { log: told.at(-1), table: seen.at(-1) });
    }
    // A record whose key another one takes over ends and begins in one statement.
    const steps = isSingle
      ? told.filter((state, index) => state !== null || index === 0 || index === told.length - 1)
      : told;
    const all = isSingle
      ? seen.filter((state, index) => state !== null || index === 0 || index === seen.length - 1)
      : seen;
    const fits = isSingle ? isDeepStrictEqual(steps, all) : isWithin(all, steps);
    if (!fits) fail(`${name}: the log tells other changes than the tables saw`, { log: told, table: seen });
  }
}

/** Undoes entries from the last to the first by the inversion of their patches. */
export function undo(records: Snapshot, entries: readonly Entry[]): Snapshot {
  const undone = new Map(records);
  for (const entry of entries.toReversed()) {
    const name = nameOf(entry);
    const before = apply(undone.get(name) ?? null, invert(entry.patch));
    if (before === null) undone.delete(name);
    else undone.set(name, before);
  }
  return undone;
}

function nameOf({ modelName, recordId }: Entry): string {
  return `${modelName} ${recordId}`;
}

/** The state after an entry, which has to change something, to be called what it is, and to be invertible. */
function follow(entry: Entry, before: State, isParanoid: boolean): State {
  const after = apply(before, entry.patch);
  const action = actionOf(before, after, isParanoid);
  if (isDeepStrictEqual(before, after)) fail(`${nameOf(entry)}: an entry changes nothing`, { entry, before });
  if (entry.action !== action) fail(`${nameOf(entry)}: a ${action} is called ${entry.action}`, { before, after });
  const undone = apply(after, invert(entry.patch));
  if (!isDeepStrictEqual(undone, before)) fail(`${nameOf(entry)}: not inverted`, { entry, before, undone });
  return after;
}

function actionOf(before: State, after: State, isParanoid: boolean): string {
  if (before === null) return 'create';
  if (after === null) return 'destroy';
  const [was, is] = [before, after].map(({ deletedAt }) => isParanoid && deletedAt !== null);
  return was === is ? 'update' : is ? 'destroy' : 'restore';
}

function apply(before: State, patch: Patch): State {
  try {
    const operations = structuredClone(patch) as Operation[];
    return (jsonPatch.applyPatch<unknown>(structuredClone(before), operations, true).newDocument ?? null) as State;
  } catch (error) {
    return fail(`a patch does not fit: ${String((error as Error).message).split('\n')[0]}`, { patch, before });
  }
}

/** Whether the first list is in the second, in its order. */
function isWithin(few: readonly State[], many: readonly State[]): boolean {
  let found = 0;
  for (const state of many) if (found < few.length && isDeepStrictEqual(state, few[found])) found += 1;
  return found === few.length;
}

function withoutRepeats(states: readonly State[]): State[] {
  return states.filter((state, index) => index === 0 || !isDeepStrictEqual(state, states[index - 1]));
}

function fail(message: string, details: object): never {
  throw new Error(`${message}\n${JSON.stringify(details, null, 1)}`);
}
