import { expect } from 'chai';
import fc from 'fast-check';
import { AuditError } from '../../lib/index.js';
import { diff } from '../../lib/patch/diff.js';
import { invert } from '../../lib/patch/invert.js';
import type { Patch } from '../../lib/patch/operation.js';
import { edited } from './json.js';

describe('invert', () => {
  const cases: readonly [title: string, patch: Patch, inverse: Patch][] = [
    ['nothing', [], []],
    [
      'the end of a record out of its creation',
      [{ op: 'add', path: '', value: { a: 1 } }],
      [
        { op: 'test', path: '', value: { a: 1 } },
        { op: 'remove', path: '' },
      ],
    ],
    [
      'the old value out of the test before a replace',
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'replace', path: '/a', value: 2 },
      ],
      [
        { op: 'test', path: '/a', value: 2 },
        { op: 'replace', path: '/a', value: 1 },
      ],
    ],
    [
      'the last operation first',
      [
        { op: 'add', path: '/list/1', value: 'b' },
        { op: 'add', path: '/list/2', value: 'c' },
      ],
      [
        { op: 'test', path: '/list/2', value: 'c' },
        { op: 'remove', path: '/list/2' },
        { op: 'test', path: '/list/1', value: 'b' },
        { op: 'remove', path: '/list/1' },
      ],
    ],
    [
      'a test that stands alone as it is',
      [{ op: 'test', path: '/a', value: 1 }],
      [{ op: 'test', path: '/a', value: 1 }],
    ],
    [
      'a test of another place as it is',
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'add', path: '/b', value: 2 },
      ],
      [
        { op: 'test', path: '/b', value: 2 },
        { op: 'remove', path: '/b' },
        { op: 'test', path: '/a', value: 1 },
      ],
    ],
  ];

  for (const [title, patch, inverse] of cases) {
    it(`gives ${title}`, () => {
      expect(invert(patch)).to.deep.equal(inverse);
      expect(invert(inverse)).to.deep.equal(patch);
    });
  }

  for (const [title, patch, message] of [
    [
      'a remove without a test',
      [{ op: 'remove', path: '/a' }],
      'Operation 0 (remove "/a") has no inverse: expected a test of the old value before it',
    ],
    [
      'a replace after a test of another place',
      [
        { op: 'test', path: '/b', value: 1 },
        { op: 'replace', path: '/a', value: 2 },
      ],
      'Operation 1 (replace "/a") has no inverse: expected a test of the old value before it',
    ],
    [
      'a replace without a test behind one with a test',
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'replace', path: '/a', value: 2 },
        { op: 'replace', path: '/a', value: 3 },
      ],
      'Operation 2 (replace "/a") has no inverse: expected a test of the old value before it',
    ],
    [
      'an add over a value that it tests, which it would replace',
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'add', path: '/a', value: 2 },
      ],
      'Operation 1 (add "/a") has no inverse: expected a test of the old value before it',
    ],
    [
      'a move, which this package never writes',
      [{ op: 'move', path: '/a', from: '/b' }],
      'Operation 0 (move "/a") has no inverse: expected a test of the old value before it',
    ],
  ] as readonly [string, Patch, string][]) {
    it(`refuses ${title}`, () => {
      expect(() => invert(patch))
        .to.throw(AuditError, message)
        .with.property('code', 'ERR_AUDIT_PATCH_INVALID');
    });
  }

  it('gives the patch itself when it is done twice, and leaves it as it was', () => {
    fc.assert(
      fc.property(edited, ([before, after]) => {
        const patches = [diff(before, after), diff(null, after), diff(before, null)];
        const text = JSON.stringify(patches);

        for (const patch of patches) expect(invert(invert(patch))).to.deep.equal(patch);

        expect(JSON.stringify(patches)).to.equal(text);
      }),
    );
  });
});
