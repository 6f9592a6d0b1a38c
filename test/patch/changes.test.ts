import { expect } from 'chai';
import jsonPatch from 'fast-json-patch';
import { changesOf } from '../../lib/index.js';
import { diff } from '../../lib/patch/diff.js';
import type { Document } from '../../lib/patch/operation.js';

const documents: readonly (Document | null)[] = [
  null,
  { a: 1, 'b/c~d': { x: [1], y: 2 } },
  { a: 2, 'b/c~d': { x: [1, 2], z: 3 } },
  { constructor: 'Ada', toString: null },
];

/** What stands at a path, by another reader of pointers; undefined where nothing does. */
function at(document: Document | null, path: string): unknown {
  const segments = path.slice(1).split('/').map(jsonPatch.unescapePathComponent);
  return segments.reduce<unknown>(
    (parent, name) => (parent && Object.hasOwn(parent, name) ? (parent as Record<string, unknown>)[name] : undefined),
    document,
  );
}

describe('changesOf', () => {
  for (const [from, before] of documents.entries()) {
    for (const [to, after] of documents.entries()) {
      it(`names what stood at each place of document ${from}, and what stands there in document ${to}`, () => {
        const changes = changesOf(diff(before, after));

        expect(changes).to.deep.equal(
          changes.map(({ attribute, path }) => ({ attribute, path, from: at(before, path), to: at(after, path) })),
        );
        const changed = new Set(changes.map(({ attribute }) => attribute));
        for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
          const isSame = JSON.stringify(before?.[name]) === JSON.stringify(after?.[name]);
          expect(changed.has(name), name).to.equal(
            !isSame || Object.hasOwn(before ?? {}, name) !== Object.hasOwn(after ?? {}, name),
          );
        }
      });
    }
  }
});
