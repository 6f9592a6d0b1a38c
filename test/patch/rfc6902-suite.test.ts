/** The cases that implementations of RFC 6902 share, as the package `json-patch-test-suite` has them. */
import { expect } from 'chai';
import jsonPatch, { type Operation as OtherOperation } from 'fast-json-patch';
import specification from 'json-patch-test-suite/spec_tests.json' with { type: 'json' };
import others from 'json-patch-test-suite/tests.json' with { type: 'json' };
import { AuditError } from '../../lib/index.js';
import { invert } from '../../lib/patch/invert.js';
import type { Json, Operation, Patch } from '../../lib/patch/operation.js';
import { replay } from '../../lib/patch/replay.js';

interface Case {
  readonly comment?: string;
  readonly doc: Json;
  readonly patch: Patch;
  /** Without it and without an error: the document as it was. */
  readonly expected?: Json;
  readonly error?: string;
  readonly disabled?: boolean;
}

const all = [...specification, ...others] as unknown as readonly Case[];
// Two members of one name: no reader of JSON can tell that there was another one.
const unreadable = all.filter(({ error }) => error?.endsWith("has two 'op' members"));
const cases = all.filter((each) => !unreadable.includes(each));
const applied = cases.filter(({ error }) => error === undefined);
const refused = cases.filter(({ error }) => error !== undefined);

describe('replay, in the shared cases of RFC 6902,', () => {
  it('is asked all of them but two that no reader of JSON can tell from others', () => {
    expect([all.length, applied.length, refused.length]).to.deep.equal([95, 70, 23]);
    expect(unreadable.map(({ disabled }) => disabled)).to.deep.equal([true, true]);
  });

  for (const each of applied) {
    it(`applies ${titleOf(each)}`, () => {
      const { doc, patch, expected = doc } = structuredClone(each);

      expect(replay(doc, patch)).to.deep.equal(expected);
      expect([doc, patch]).to.deep.equal([each.doc, each.patch]);
    });
  }

  for (const each of refused) {
    it(`refuses ${titleOf(each)}`, () => {
      const { doc, patch } = structuredClone(each);

      expect(() => replay(doc, patch))
        .to.throw(AuditError)
        .with.property('code', 'ERR_AUDIT_PATCH_INVALID');
      expect([doc, patch]).to.deep.equal([each.doc, each.patch]);
    });
  }
});

describe('invert, in the shared cases of RFC 6902,', () => {
  const has = ({ patch }: Case, ...ops: readonly string[]) => patch.some(({ op }) => ops.includes(op));
  const moving = applied.filter((each) => has(each, 'move', 'copy'));
  const appending = applied.filter(({ patch }) => patch.some(({ op, path }) => op === 'add' && path.endsWith('/-')));
  const overwriting = applied.filter((each) => has(each, 'add') && has({ ...each, patch: tested(each) }, 'test'));
  const destroying = applied.filter((each) => has(each, 'remove', 'replace'));
  const invertible = applied.filter((each) => ![...moving, ...appending, ...overwriting].includes(each));

  it('is asked all that apply: 57 have an inverse, and 13 are of three kinds that have none', () => {
    const groups = [applied, invertible, moving, overwriting, appending];

    expect(groups.map(({ length }) => length)).to.deep.equal([70, 57, 8, 2, 3]);
    expect(destroying).to.have.lengthOf(20);
  });

  for (const each of invertible) {
    it(`leads back, once what is destroyed is tested: ${titleOf(each)}`, () => {
      const patch = tested(each);

      expect(replay(replay(each.doc, patch), invert(patch))).to.deep.equal(each.doc);
    });
  }

  for (const [reason, group] of [
    ['what the patch destroys without a test of it', destroying],
    ['moves and copies, which this package never writes', moving],
    [
      'an add over a value, for which this package writes a replace',
      overwriting.map((each) => ({ ...each, patch: tested(each) })),
    ],
  ] as const) {
    it(`refuses ${reason}`, () => {
      for (const { patch } of group) {
        expect(() => invert(patch), JSON.stringify(patch))
          .to.throw(AuditError)
          .with.property('code', 'ERR_AUDIT_PATCH_INVALID');
      }
    });
  }

  it('gives for an add at "-", which this package writes with its index, what does not apply', () => {
    for (const { doc, patch } of appending) {
      const after = replay(doc, patch);

      expect(() => replay(after, invert(patch)), JSON.stringify(patch))
        .to.throw(AuditError)
        .with.property('code', 'ERR_AUDIT_PATCH_INVALID');
    }
  });
});

/** The patch of a case with a test of the old value before each operation that destroys one, by fast-json-patch. */
function tested({ doc, patch }: Case): Patch {
  let document: unknown = structuredClone(doc);
  return patch.flatMap((operation): Operation[] => {
    const value = jsonPatch.getValueByPointer(document, operation.path) as Json;
    const parent = jsonPatch.getValueByPointer(document, operation.path.replace(/\/[^/]*$/, '')) as Json;
    const isInserted = operation.op === 'add' && (value === undefined || Array.isArray(parent));
    const isDestroying = ['add', 'remove', 'replace'].includes(operation.op) && !isInserted;
    document = jsonPatch.applyOperation(document, structuredClone(operation) as OtherOperation).newDocument;
    return isDestroying
      ? [{ op: 'test', path: operation.path, value: structuredClone(value) }, operation]
      : [operation];
  });
}

function titleOf({ comment, doc, patch }: Case): string {
  return `${JSON.stringify(patch)} of ${JSON.stringify(doc)}${comment ? ` (${comment})` : ''}`;
}
