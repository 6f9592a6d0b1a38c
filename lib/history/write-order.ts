/** Puts the writes of many records into an order that foreign keys and unique keys allow. */
import { uniqueFieldsOf } from '../internals.js';
import { isEqual } from '../patch/diff.js';
import type { Document } from '../patch/operation.js';
import type { State } from './fold.js';
import { referencesOf, tableOf } from './references.js';
import type { Target } from './target.js';

/** A record, and what it is to become. */
export interface Write {
  readonly target: Target;
  /** null when there is no row. */
  readonly present: Document | null;
  readonly wanted: State;
}

export type Step = Pick<Write, 'target' | 'wanted'>;

/** One write that has to come before another, because of a value of `holder`, which is one of them. */
interface Edge {
  readonly first: Write;
  readonly next: Write;
  readonly holder: Write;
  /** Of the value; null where it cannot be null for a while. */
  readonly attribute: string | null;
}

/**
 * Parents come back before what refers to them, and go after it; a unique value is given up before it is taken. Where
 * writes wait for each other in a circle, a foreign key or unique value that can be null is null for a while: such a
 * record is written twice. A circle without one is left to the database, which may look at it only at the end.
 */
export function stepsOf(writes: readonly Write[]): Step[] {
  const edges = [...edgesOf(writes)];
  const outgoing = grouped(edges, ({ first }) => first);
  const incoming = new Map(writes.map((write) => [write, new Set<Edge>()]));
  for (const edge of edges) incoming.get(edge.next)?.add(edge);
  const ready = writes.filter((write) => incoming.get(write)?.size === 0);
  const open = new Set(writes);
  const without = new Map<Write, Set<string>>();
  const steps: Step[] = [];

  const drop = (edge: Edge) => {
    const others = incoming.get(edge.next);
    if (others?.delete(edge) && others.size === 0) ready.push(edge.next);
  };
  while (open.size > 0) {
    const write = ready.shift();
    if (write) {
      open.delete(write);
      steps.push({ target: write.target, wanted: withNull(write.wanted, without.get(write)) });
      for (const edge of outgoing.get(write) ?? []) drop(edge);
      continue;
    }
    const waiting = [...open].flatMap((candidate) => [...(incoming.get(candidate) ?? [])]);
    const edge = waiting.find(({ attribute }) => attribute !== null) ?? (waiting[0] as Edge);
    const { holder, attribute, next } = edge;
    if (attribute === null) {
      drop(edge);
      continue;
    }
    if (holder === next) without.set(holder, new Set([...(without.get(holder) ?? []), attribute]));
    else steps.push({ target: holder.target, wanted: withNull(asItIs(holder), new Set([attribute])) });
    const isSame = (other: Edge) => other.holder === holder && other.attribute === attribute;
    for (const other of waiting) if (isSame(other) && (other.next === holder) === (next === holder)) drop(other);
  }
  const finished = [...without.keys()].map(({ target, wanted }) => ({ target, wanted }));
  return [...steps, ...finished];
}

function* edgesOf(writes: readonly Write[]): Generator<Edge> {
  const references = new Map(writes.map(({ target }) => [target.audited, referencesOf(target.model)]));
  const fields = grouped([...references.values()].flat(), ({ parentTable }) => parentTable);
  const coming = new Map<string, Write>();
  const going = new Map<string, Write>();
  const given = new Map<string, Write>();
  for (const write of writes) {
    const table = tableOf(write.target.model);
    for (const field of new Set(fields.get(table)?.map(({ parentField }) => parentField))) {
      register(write, table, [field], going, coming);
    }
    for (const unique of uniqueFieldsOf(write.target.model)) register(write, table, unique, given, new Map());
  }
  for (const write of writes) {
    for (const key of references.get(write.target.audited) ?? []) {
      const was = write.present?.[key.attribute];
      const next = write.wanted.document?.[key.attribute];
      if (isEqual(was, next)) continue;
      const attribute = key.isNullable ? key.attribute : null;
      const parent = coming.get(nameOf(key.parentTable, [key.parentField], [next]));
      if (parent && parent !== write) yield { first: parent, next: write, holder: write, attribute };
      const gone = going.get(nameOf(key.parentTable, [key.parentField], [was]));
      if (gone && gone !== write) yield { first: write, next: gone, holder: write, attribute };
    }
    const table = tableOf(write.target.model);
    for (const unique of uniqueFieldsOf(write.target.model)) {
      const taken = new Map<string, Write>();
      register(write, table, unique, new Map(), taken);
      for (const name of taken.keys()) {
        const giver = given.get(name);
        if (giver && giver !== write)
          yield { first: giver, next: write, holder: write, attribute: nullableOf(write, unique) };
      }
    }
  }
}

/** The first attribute of a unique key that can be null: with it the key is no hindrance. */
function nullableOf({ target }: Write, fields: readonly string[]): string | null {
  const attributes = Object.entries(target.model.getAttributes());
  const nullable = attributes.find(
    ([attribute, { field, allowNull, primaryKey }]) =>
      fields.includes(field ?? attribute) && allowNull !== false && !primaryKey,
  );
  return nullable?.[0] ?? null;
}

/** Notes which write gives up the values of some columns, and which takes them. */
function register(
  write: Write,
  table: string,
  fields: readonly string[],
  given: Map<string, Write>,
  taken: Map<string, Write>,
): void {
  const { columns } = write.target.audited;
  const valuesIn = (document: Document | null) =>
    fields.map((field) => document?.[columns.find((column) => column.field === field)?.attribute ?? '']);
  const [was, next] = [valuesIn(write.present), valuesIn(write.wanted.document)];
  const [old, now] = [nameOf(table, fields, was), nameOf(table, fields, next)];
  if (old === now) return;
  if (isWhole(was)) given.set(old, write);
  if (isWhole(next)) taken.set(now, write);
}

/** A key with a null refers to nothing, and meets nothing. */
function isWhole(values: readonly unknown[]): boolean {
  return values.every((value) => value !== null && value !== undefined);
}

function nameOf(table: string, fields: readonly string[], values: readonly unknown[]): string {
  return JSON.stringify([table, fields, values.map(String)]);
}

function grouped<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

function asItIs({ target, present }: Write): State {
  return { document: present, isDestroyed: present === null || target.audited.isDestroyed(present) };
}

function withNull(state: State, attributes: ReadonlySet<string> = new Set()): State {
  if (state.document === null) return state;
  const nulls = Object.fromEntries([...attributes].map((attribute) => [attribute, null]));
  return { ...state, document: { ...state.document, ...nulls } };
}
