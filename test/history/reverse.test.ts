import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { reverse } from '../../lib/history/reverse.js';
import { pointer } from '../../lib/patch/pointer.js';

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place in a value that is reached through objects alone, and what is there. */
function placesOf(value: unknown, path = ''): [string, unknown][] {
  const inside = isObject(value)
    ? Object.entries(value).flatMap(([name, member]) =>
        placesOf(member, `${path}/${jsonPatch.escapePathComponent(name)}`),
      )
    : [];
  return [[path, value], ...inside];
}

/** The places that a change set or removed, by comparing all places of both documents. */
function changedPlaces(before: unknown, after: unknown): string[] {
  const [was, is] = [new Map(placesOf(before)), new Map(placesOf(after))];
  const differ = [...new Set([...was.keys(), ...is.keys()])].filter(
    (path) => !isDeepStrictEqual(was.get(path), is.get(path)) && !(isObject(was.get(path)) && isObject(is.get(path))),
  );
  return differ.filter((path) => !differ.some((other) => path.startsWith(`${other}/`)));
}

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, 1, 2, 'a'),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', 'x/y'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const document = fc.record({ name: fc.constantFrom('a', 'b'), data: value, more: value });

const compare = (before: unknown, after: unknown) => jsonPatch.compare(before as object, after as object, true);
const applied = (state: unknown, patch: unknown) =>
  jsonPatch.applyPatch(structuredClone(state) as object, structuredClone(patch) as never, true).newDocument;

describe('reverse', () => {
  it('finds a conflict exactly where a later change touched what the change set', () => {
    fc.assert(
      fc.property(document, document, document, (before, after, present) => {
        const { clashes, document: left } = reverse({ before, after } as never, present as never, [], false);

        const now = new Map(placesOf(present));
        const expected = changedPlaces(before, after).filter(
          (path) => !isDeepStrictEqual(now.get(path), new Map(placesOf(after)).get(path)),
        );
        expect(clashes.map(({ path }) => path)).to.have.members(expected);
        for (const path of changedPlaces(before, after).filter((place) => !expected.includes(place))) {
          expect(new Map(placesOf(left)).get(path)).to.deep.equal(new Map(placesOf(before)).get(path));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives what the later changes alone would have given, where they conflict in nothing', () => {
    let count = 0;
    fc.assert(
      fc.property(document, document, document, (before, after, other) => {
        // A later change of what the change left alone, made without looking at the code under test.
        const mine = changedPlaces(before, after);
        const later = compare(before, other).filter(
          ({ path }) => !mine.some((place) => `${path}/`.startsWith(`${place}/`) || `${place}/`.startsWith(`${path}/`)),
        );
        const isInArray = later.some(({ path }) => /\/\d+(\/|$)/.test(path.replace(/^\/(data|more)\/0$/, '')));
        fc.pre(!isInArray);
        let [present, without] = [after as unknown, before as unknown];
        try {
          [present, without] = [applied(after, later), applied(before, later)];
        } catch {
          fc.pre(false);
        }

        const { clashes, document: left } = reverse({ before, after } as never, present as never, [], false);

        count += later.length > 1 && mine.length > 0 ? 1 : 0;
        expect(clashes).to.deep.equal([]);
        expect(left).to.deep.equal(without);
        expect(reverse({ before: after, after: before } as never, left, [], false)).to.deep.equal({
          document: present,
          clashes: [],
        });
      }),
      { numRuns: 2000 },
    );
    expect(count).to.be.above(100);
  });

  it('writes with force what was before at every place of the change, and nothing else', () => {
    fc.assert(
      fc.property(document, document, document, (before, after, present) => {
        const { document: left } = reverse({ before, after } as never, present as never, [], true);

        const places = new Map(placesOf(left));
        for (const path of changedPlaces(before, after)) {
          expect(places.get(path)).to.deep.equal(new Map(placesOf(before)).get(path));
        }
        const mine = changedPlaces(before, after);
        for (const [path, found] of placesOf(present)) {
          if (mine.some((place) => `${place}/`.startsWith(`${path}/`) || path.startsWith(`${place}/`))) continue;
          expect(places.get(path)).to.deep.equal(found);
        }
      }),
      { numRuns: 2000 },
    );
  });

  for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', '', '-', 'a/b', '~1']) {
    it(`takes a member called ${JSON.stringify(name)} like any other`, () => {
      const member = (content: number) => JSON.parse(`{${JSON.stringify(name)}:${content}}`) as never;
      const [before, after, present] = [
        { data: member(1) },
        { data: member(2) },
        { data: { ...(member(2) as object), own: 1 } },
      ];
      Object.defineProperty(present.data, name, { value: 2, enumerable: true, configurable: true, writable: true });

      const { document: left, clashes } = reverse({ before, after }, present, [], false);

      expect(clashes).to.deep.equal([]);
      expect(JSON.stringify(left)).to.be.oneOf([
        JSON.stringify({ data: JSON.parse(`{${JSON.stringify(name)}:1,"own":1}`) }),
        JSON.stringify({ data: JSON.parse(`{"own":1,${JSON.stringify(name)}:1}`) }),
      ]);
      const clash = reverse({ before, after }, { data: {} }, [], false).clashes;
      expect(clash).to.deep.equal([{ path: pointer('data', name), expected: 2, found: undefined }]);
      expect(reverse({ before: { data: {} }, after }, { data: member(2) }, [], false).document).to.deep.equal({
        data: {},
      });
    });
  }
});
