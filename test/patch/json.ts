/** Arbitrary JSON, with the names that break careless code. */
import fc from 'fast-check';
import type { Document, Json } from '../../lib/patch/operation.js';

const names = [
  '',
  'a',
  'b',
  '0',
  '-',
  'a/b',
  '/',
  '~',
  '~0',
  '~1',
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'toJSON',
  'length',
  'é"\\ \u{1f600}',
];

const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, fc.string({ unit: 'binary', maxLength: 3 }));

const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Json[]>(
      null,
      true,
      false,
      0,
      1,
      -1.5,
      1e300,
      '',
      'a',
      'b',
      'null',
      'a longer text, to be replaced',
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    membersOf(tie('value')),
  ),
}));

/** Any JSON value. Numbers are such as JSON can write: no -0, which JSON.stringify turns into 0. */
export const json: fc.Arbitrary<Json> = value;

/** Any document; two of them are likely to have names in common. */
export const document: fc.Arbitrary<Document> = membersOf(json);

/** A document, and one that came out of it by a few changes anywhere inside. */
export const edited: fc.Arbitrary<readonly [Document, Document]> = fc
  .tuple(document, fc.array(fc.tuple(fc.nat(), fc.nat(4), name, json), { maxLength: 5 }))
  .map(([before, edits]) => [before, edits.reduce<Json>(edit, before) as Document]);

function membersOf(member: fc.Arbitrary<Json>): fc.Arbitrary<{ readonly [key: string]: Json }> {
  // Object.fromEntries defines what it is given, so that `__proto__` is a member like any other.
  return fc.array(fc.tuple(name, member), { maxLength: 6 }).map((members) => Object.fromEntries(members));
}

/** Changes one place, which `seed` picks: an element or member is taken away, put in, or replaced. */
function edit(current: Json, [seed, kind, key, put]: readonly [number, number, string, Json]): Json {
  if (typeof current !== 'object' || current === null) return put;
  const places = Object.keys(current);
  const place = places[seed % (places.length || 1)];
  if (place !== undefined && kind >= 3) {
    const inner = edit((current as Record<string, Json>)[place] as Json, [Math.trunc(seed / 7), kind - 2, key, put]);
    return replaced(current, place, inner);
  }
  if (Array.isArray(current)) {
    const index = seed % (current.length + 1);
    return current.toSpliced(index, kind === 1 ? 0 : 1, ...(kind === 2 ? [] : [put]));
  }
  if (kind === 1 || place === undefined) return Object.fromEntries([...Object.entries(current), [key, put]]);
  if (kind === 2) return Object.fromEntries(Object.entries(current).filter(([name]) => name !== place));
  return replaced(current, place, put);
}

function replaced(current: object, place: string, value: Json): Json {
  if (Array.isArray(current)) return current.with(Number(place), value) as Json;
  return Object.fromEntries(
    Object.entries(current as Record<string, Json>).map(([name, old]) => [name, name === place ? value : old]),
  );
}
