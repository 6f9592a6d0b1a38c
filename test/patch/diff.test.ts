import { expect } from 'chai';
import fc from 'fast-check';
import { diff, isEqual } from '../../lib/patch/diff.js';
import { invert } from '../../lib/patch/invert.js';
import type { Document, Json, Patch } from '../../lib/patch/operation.js';
import { pointer } from '../../lib/patch/pointer.js';
import { replay } from '../../lib/patch/replay.js';
import { document, edited, json } from './json.js';

const list = Array.from({ length: 50 }, (_, index) => `element ${index}`);

describe('diff', () => {
  const cases: readonly [title: string, before: Document | null, after: Document | null, patch: Patch][] = [
    ['nothing of nothing', null, null, []],
    ['nothing of a record that is as it was', { a: 1, b: [{}] }, { b: [{}], a: 1 }, []],
    ['an add of the whole record for its creation', null, { a: null }, [{ op: 'add', path: '', value: { a: null } }]],
    [
      'a test and a remove of the whole record for its end',
      { a: 1 },
      null,
      [
        { op: 'test', path: '', value: { a: 1 } },
        { op: 'remove', path: '' },
      ],
    ],
    [
      'a test and a replace for each changed attribute',
      { a: 1, b: 'x', c: null },
      { a: 2, b: 'x', c: 'y' },
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'replace', path: '/a', value: 2 },
        { op: 'test', path: '/c', value: null },
        { op: 'replace', path: '/c', value: 'y' },
      ],
    ],
    [
      'an add for an attribute that is new to the record',
      { a: 1 },
      { a: 1, b: null },
      [{ op: 'add', path: '/b', value: null }],
    ],
    [
      'a test and a remove for an attribute that is not seen any more',
      { a: 1, b: 2 },
      { a: 1 },
      [
        { op: 'test', path: '/b', value: 2 },
        { op: 'remove', path: '/b' },
      ],
    ],
    [
      'escaped paths for names with "/" and "~" (RFC 6901 §3)',
      { 'a/b': 1, '~': 1 },
      { 'a/b': 2, '~': 2 },
      [
        { op: 'test', path: '/a~1b', value: 1 },
        { op: 'replace', path: '/a~1b', value: 2 },
        { op: 'test', path: '/~0', value: 1 },
        { op: 'replace', path: '/~0', value: 2 },
      ],
    ],
    [
      'one member deep inside a JSON attribute',
      { data: { theme: { dark: false }, list } },
      { data: { theme: { dark: true }, list } },
      [
        { op: 'test', path: '/data/theme/dark', value: false },
        { op: 'replace', path: '/data/theme/dark', value: true },
      ],
    ],
    [
      'a member that JSON has no more and one that it did not have',
      { data: { old: 1, list } },
      { data: { new: 2, list } },
      [
        { op: 'test', path: '/data/old', value: 1 },
        { op: 'remove', path: '/data/old' },
        { op: 'add', path: '/data/new', value: 2 },
      ],
    ],
    [
      'an element at the end of an array',
      { data: list },
      { data: [...list, 'last'] },
      [{ op: 'add', path: '/data/50', value: 'last' }],
    ],
    [
      'an element of an array, where saying so is no longer than the whole array',
      { data: [1] },
      { data: [2] },
      [
        { op: 'test', path: '/data/0', value: 1 },
        { op: 'replace', path: '/data/0', value: 2 },
      ],
    ],
    [
      'an array whose head is gone, as a whole: element by element would be longer',
      { data: list },
      { data: list.slice(1) },
      [
        { op: 'test', path: '/data', value: list },
        { op: 'replace', path: '/data', value: list.slice(1) },
      ],
    ],
    [
      'an array in the place of an object, as a whole',
      { data: { 0: 'a' } },
      { data: ['a'] },
      [
        { op: 'test', path: '/data', value: { 0: 'a' } },
        { op: 'replace', path: '/data', value: ['a'] },
      ],
    ],
    [
      'null in the place of an object, as a whole',
      { data: {} },
      { data: null },
      [
        { op: 'test', path: '/data', value: {} },
        { op: 'replace', path: '/data', value: null },
      ],
    ],
    [
      'a member called constructor or hasOwnProperty like any other',
      { data: { constructor: 1, hasOwnProperty: 2, list } } as unknown as Document,
      { data: { constructor: 3, hasOwnProperty: 2, list } } as unknown as Document,
      [
        { op: 'test', path: '/data/constructor', value: 1 },
        { op: 'replace', path: '/data/constructor', value: 3 },
      ],
    ],
    [
      'an attribute that objects inherit',
      {},
      { toString: 'a', valueOf: 'b' } as unknown as Document,
      [
        { op: 'add', path: '/toString', value: 'a' },
        { op: 'add', path: '/valueOf', value: 'b' },
      ],
    ],
  ];

  for (const [title, before, after, patch] of cases) {
    it(`is ${title}`, () => {
      expect(diff(before, after)).to.deep.equal(patch);
      expect(replay(before, patch)).to.deep.equal(after);
      expect(replay(after, invert(patch))).to.deep.equal(before);
    });
  }

  for (const name of ['__proto__', 'prototype']) {
    it(`replaces the whole attribute where a change stands below ${name}, which other readers refuse to walk`, () => {
      const long = 'x'.repeat(99);
      const before = JSON.parse(`{ "data": { "${name}": { "a": 1 }, "b": 1, "c": "${long}" } }`) as Document;
      for (const b of [1, 2]) {
        const after = JSON.parse(`{ "data": { "${name}": { "a": 2 }, "b": ${b}, "c": "${long}" } }`) as Document;

        expect(diff(before, after)).to.deep.equal([
          { op: 'test', path: '/data', value: before.data },
          { op: 'replace', path: '/data', value: after.data },
        ]);
      }
    });

    it(`says a change beside ${name} as briefly as any`, () => {
      const before = JSON.parse(`{ "data": { "${name}": { "a": "${'x'.repeat(99)}" }, "b": 1 } }`) as Document;
      const after = JSON.parse(`{ "data": { "${name}": { "a": "${'x'.repeat(99)}" }, "b": 2 } }`) as Document;

      expect(diff(before, after)).to.deep.equal([
        { op: 'test', path: '/data/b', value: 1 },
        { op: 'replace', path: '/data/b', value: 2 },
      ]);
    });
  }

  it('is empty for equal documents, in whatever order their members are, and only for them', () => {
    fc.assert(
      fc.property(
        document,
        fc.oneof(
          document,
          edited.map(([, after]) => after),
        ),
        (before, after) => {
          const shuffled = Object.fromEntries(Object.entries(before).reverse());

          expect(diff(before, shuffled)).to.deep.equal([]);
          expect(diff(before, after).length === 0).to.equal(isEqual(before, after));
        },
      ),
    );
  });

  for (const [title, pairs] of [
    ['of two documents', fc.tuple(document, document)],
    ['of a document and what a few changes make of it', edited],
  ] as const) {
    it(`leads from the first to the second, and its inverse back: ${title}`, () => {
      fc.assert(
        fc.property(pairs, ([before, after]) => {
          const patch = diff(before, after);

          expect(same(replay(before, patch), after)).to.equal(true);
          expect(same(replay(after, invert(patch)), before)).to.equal(true);
          expect(invert(invert(patch))).to.deep.equal(patch);
        }),
        { numRuns: 1000 },
      );
    });

    it(`applies also after a way through JSON text: ${title}`, () => {
      fc.assert(
        fc.property(pairs, ([before, after]) => {
          const patch = JSON.parse(JSON.stringify(diff(before, after))) as Patch;

          expect(same(replay(before, patch), after)).to.equal(true);
        }),
      );
    });

    it(`is never longer than replacing each changed attribute: ${title}`, () => {
      fc.assert(
        fc.property(pairs, ([before, after]) => {
          expect(JSON.stringify(diff(before, after)).length).to.be.at.most(
            JSON.stringify(replacements(before, after)).length,
          );
        }),
      );
    });
  }

  it('changes neither of its documents, and no prototype', () => {
    fc.assert(
      fc.property(edited, ([before, after]) => {
        const [first, second] = [JSON.stringify(before), JSON.stringify(after)];

        diff(before, after);

        expect([JSON.stringify(before), JSON.stringify(after)]).to.deep.equal([first, second]);
        expect(Object.keys(Object.prototype)).to.deep.equal([]);
      }),
    );
  });
});

describe('isEqual', () => {
  it('agrees with the JSON text of the two, their members in order', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(json, json), edited), ([left, right]) => {
        expect(isEqual(left, right)).to.equal(same(left, right));
        expect(isEqual(left, JSON.parse(JSON.stringify(left)) as Json)).to.equal(true);
      }),
    );
  });

  for (const [title, left, right] of [
    ['an array and an object with its members', ['a'], { 0: 'a' }],
    ['an empty array and an empty object', [], {}],
    ['null and an object', null, {}],
    ['a member that is null and none', { a: null }, {}],
    ['nothing and null', undefined, null],
    ['a number and its text', 1, '1'],
    ['objects with as many members of other names', { a: 1 }, { b: 1 }],
    ['a member that the other only inherits', JSON.parse('{"__proto__":{}}'), { a: 1 }],
  ] as readonly [string, Json | undefined, Json | undefined][]) {
    it(`tells apart ${title}`, () => {
      expect(isEqual(left, right)).to.equal(false);
      expect(isEqual(right, left)).to.equal(false);
    });
  }
});

/** Equality of JSON by a way of its own: through text, members sorted. */
function same(left: unknown, right: unknown): boolean {
  return sorted(left) === sorted(right);
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`)
    .sort()
    .join()}}`;
}

function replacements(before: Document, after: Document): Patch {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({ path: pointer(name), old: own(before, name), value: own(after, name) }))
    .filter(({ old, value }) => sorted(old) !== sorted(value))
    .flatMap(
      ({ path, old, value }): Patch => [
        ...(old === undefined ? [] : [{ op: 'test' as const, path, value: old }]),
        value === undefined ? { op: 'remove', path } : { op: old === undefined ? 'add' : 'replace', path, value },
      ],
    );
}

function own(of: Document, name: string): Json | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}
