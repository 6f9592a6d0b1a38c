/** Values that nobody expects, in every place that takes one. */
import fc from 'fast-check';

/** Text that means something to SQL, JSON, JSON Pointer, LIKE, templates or JavaScript. */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  "'",
  '"',
  '`',
  '\\',
  "\\'",
  "'; DROP TABLE Canaries; --",
  '"; DROP TABLE "Canaries"; --',
  "\\'; DROP TABLE Canaries; --",
  "1' OR '1'='1",
  "') ON CONFLICT DO NOTHING; --",
  '/* */',
  '-- ',
  '$1',
  '$$',
  ':name',
  '?',
  '%s_',
  '[1,2]',
  '{"a":1}',
  'null',
  'a/b~c',
  '~1~0',
  '$.a[0]',
  'audit$0',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'é 日本 🎉',
  '\u202e\ufeff',
  '\n\r\t',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x'.repeat(300),
];

/** Thrown by odd values themselves. */
export class OddError extends Error {}

const fail = (): never => {
  throw new OddError('odd');
};

const circular: Record<string, unknown> = {};
circular.self = circular;
const circularList: unknown[] = [];
circularList.push(circularList);

/** Things that are not what they look like. Not an object without a prototype, over which the driver of MariaDB ends the process. */
const oddThings: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n ** 30n,
  Symbol('odd'),
  () => undefined,
  fail,
  new (class Odd {})(),
  new Date(0),
  new Date(Number.NaN),
  Buffer.from([0, 255]),
  new Map([['a', 1]]),
  new Set([1]),
  /a/,
  new Error('odd'),
  Promise.resolve(1),
  Object.create({ actor: 'inherited', inherited: true }),
  new Proxy({}, {}),
  circular,
  circularList,
  { toJSON: () => undefined },
  { toJSON: () => 'text' },
  { toJSON: fail },
  { toString: () => 'text' },
  { toString: fail },
  { valueOf: fail, [Symbol.toPrimitive]: fail },
  { length: -1 },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
  { val: '1=1' },
  { fn: 'now', args: [] },
  [],
  [undefined],
  [null],
  // biome-ignore lint/suspicious/noSparseArray: an array with a hole is the odd value.
  [1, , 2],
];

// The judge of patches, fast-json-patch, cannot compare objects that have this one.
const keys = fc.oneof(
  fc.constantFrom(...oddTexts.filter((text) => text !== 'hasOwnProperty')),
  fc.string({ maxLength: 5 }),
);

/** Text of every kind. */
export const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ unit: 'binary', maxLength: 20 }));

/** JSON with odd keys and texts. */
export const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double(),
    fc.constantFrom(null, true, false, 0),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** Anything at all. */
export const anything = fc.oneof(
  text,
  json,
  fc.constantFrom(...oddThings),
  fc.anything({ key: keys, maxDepth: 2, withBigInt: true, withDate: true, withMap: true }),
);

/** An object that may have some of these keys, and perhaps one that nobody knows. */
export function objectWith(...names: readonly string[]): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(names.map((name) => [name, anything]));
  const some = fc.record(known, { requiredKeys: [], noNullPrototype: true });
  return fc.oneof(
    { weight: 6, arbitrary: some },
    {
      weight: 1,
      arbitrary: fc.tuple(some, keys, anything).map(([object, key, value]) => ({ ...object, [key]: value })),
    },
    { weight: 1, arbitrary: anything },
  );
}
