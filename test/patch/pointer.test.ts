import { expect } from 'chai';
import fc from 'fast-check';
import { AuditError } from '../../lib/index.js';
import type { Json } from '../../lib/patch/operation.js';
import { memberOf, pointer, segmentsOf } from '../../lib/patch/pointer.js';

describe('pointer', () => {
  // RFC 6901 §5, and the values that its document has there.
  const document: Json = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };
  const examples: readonly [path: string, segments: readonly string[], value: Json][] = [
    ['', [], document],
    ['/foo', ['foo'], ['bar', 'baz']],
    ['/foo/0', ['foo', '0'], 'bar'],
    ['/', [''], 0],
    ['/a~1b', ['a/b'], 1],
    ['/c%d', ['c%d'], 2],
    ['/e^f', ['e^f'], 3],
    ['/g|h', ['g|h'], 4],
    ['/i\\j', ['i\\j'], 5],
    ['/k"l', ['k"l'], 6],
    ['/ ', [' '], 7],
    ['/m~0n', ['m~n'], 8],
  ];

  for (const [path, segments, value] of examples) {
    it(`is ${JSON.stringify(path)} for ${JSON.stringify(segments)} (RFC 6901 §5)`, () => {
      expect(pointer(...segments)).to.equal(path);
      expect(segmentsOf(path)).to.deep.equal(segments);
      expect(segments.reduce<Json | undefined>(memberOf, document)).to.deep.equal(value);
    });
  }

  it('reads "~01" as "~1", and not as "/" (RFC 6901 §4)', () => {
    expect(segmentsOf('/~01/~10')).to.deep.equal(['~1', '/0']);
    expect(pointer('~1', '/0')).to.equal('/~01/~10');
  });

  for (const path of ['a', 'a/b', '/~', '/~2', '/a~', ' /a']) {
    it(`takes ${JSON.stringify(path)} for no pointer (RFC 6901 §3)`, () => {
      expect(() => segmentsOf(path))
        .to.throw(AuditError, `expected a JSON Pointer, got ${JSON.stringify(path)}`)
        .with.property('code', 'ERR_AUDIT_PATCH_INVALID');
    });
  }

  it('leads back to any names', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('~', '/', '0', '1') }));
    fc.assert(
      fc.property(fc.array(name), (segments) => {
        expect(segmentsOf(pointer(...segments))).to.deep.equal(segments);
      }),
    );
  });
});

describe('memberOf', () => {
  const cases: readonly [title: string, value: Json | undefined, segment: string, found: Json | undefined][] = [
    ['a member', { a: 1 }, 'a', 1],
    ['a member that is null', { a: null }, 'a', null],
    ['a member with no name', { '': 1 }, '', 1],
    ['an element', ['a', 'b'], '1', 'b'],
    ['a member called __proto__', JSON.parse('{"__proto__":1}') as Json, '__proto__', 1],
    ['a member called like an index', { '01': 1 }, '01', 1],
    ['nothing in an object without it', { a: 1 }, 'b', undefined],
    ['nothing that an object inherits', {}, 'toString', undefined],
    ['no prototype', {}, '__proto__', undefined],
    ['nothing behind the end of an array', ['a'], '1', undefined],
    ['nothing at "-", which is behind the end (RFC 6901 §4)', ['a'], '-', undefined],
    ['nothing at an index with a leading zero (RFC 6901 §4)', ['a', 'b'], '01', undefined],
    ['no length of an array', ['a'], 'length', undefined],
    ['nothing in a text', 'text', '0', undefined],
    ['nothing in null', null, 'a', undefined],
    ['nothing in nothing', undefined, 'a', undefined],
  ];

  for (const [title, value, segment, found] of cases) {
    it(`finds ${title}`, () => {
      expect(memberOf(value, segment)).to.equal(found);
    });
  }
});
