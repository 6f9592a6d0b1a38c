import { expect } from 'chai';
import fc from 'fast-check';
import { AuditError } from '../../lib/index.js';
import type { Json, Patch } from '../../lib/patch/operation.js';
import { pointer } from '../../lib/patch/pointer.js';
import { replay } from '../../lib/patch/replay.js';
import { document, json } from './json.js';

describe('replay', () => {
  // The examples of RFC 6902, appendix A, by their number.
  const examples: readonly [title: string, before: Json, patch: unknown, after: Json][] = [
    ['A.1 adds a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [
      'A.2 adds an element',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3 removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'A.4 removes an element',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    [
      'A.5 replaces a value',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.6 moves a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'A.7 moves an element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'A.8 finds what it tests',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'A.10 adds a nested object',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [
      'A.11 ignores members it does not know',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['A.14 reads "~01" as "~1"', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'A.16 adds an array to an array',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    ['§4.1 adds the whole document', null, [{ op: 'add', path: '', value: { a: 1 } }], { a: 1 }],
    ['§4.1 replaces a member that is there', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
    ['§4.1 adds at the end by its index', { a: [1] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2] }],
    ['§4.1 adds null', { a: 1 }, [{ op: 'add', path: '/b', value: null }], { a: 1, b: null }],
    ['§4.2 removes the whole document', { a: 1 }, [{ op: 'remove', path: '' }], null],
    ['§4.3 replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    ['§4.5 copies a value', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
    [
      '§4.6 compares members in any order',
      { a: 1, b: [2] },
      [{ op: 'test', path: '', value: { b: [2], a: 1 } }],
      { a: 1, b: [2] },
    ],
    ['§4.6 finds null', { a: null }, [{ op: 'test', path: '/a', value: null }], { a: null }],
    ['§5 applies nothing', { a: 1 }, [], { a: 1 }],
  ];

  for (const [title, before, patch, after] of examples) {
    it(`applies RFC 6902 ${title}`, () => {
      const text = JSON.stringify(before);

      expect(replay(before, patch as Patch)).to.deep.equal(after);
      expect(JSON.stringify(before)).to.equal(text);
    });
  }

  const refusals: readonly [title: string, before: Json, patch: unknown, message: string][] = [
    [
      'A.9 a test of another value',
      { baz: 'qux' },
      [{ op: 'test', path: '/baz', value: 'bar' }],
      'operation 0 (test "/baz") does not apply: another value is there',
    ],
    [
      'A.12 an add below what is not there',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz/bat', value: 'qux' }],
      'operation 0 (add "/baz/bat") does not apply: nothing is there',
    ],
    [
      'A.15 a text in the place of a number',
      { '/': 9, '~1': 10 },
      [{ op: 'test', path: '/~01', value: '10' }],
      'operation 0 (test "/~01") does not apply: another value is there',
    ],
    [
      '§4 an operation that is none',
      {},
      [{ op: 'spam', path: '/a' }],
      'operation 0 (spam "/a") does not apply: there is no such operation',
    ],
    [
      '§4.1 an add without a value',
      {},
      [{ op: 'add', path: '/a' }],
      'operation 0 (add "/a") does not apply: it has no value',
    ],
    [
      '§4.1 an add behind the end of an array',
      { a: [1] },
      [{ op: 'add', path: '/a/2', value: 0 }],
      'operation 0 (add "/a/2") does not apply: an array has no such place',
    ],
    [
      '§4.1 an add at an index with a leading zero',
      { a: [1] },
      [{ op: 'add', path: '/a/00', value: 0 }],
      'operation 0 (add "/a/00") does not apply: an array has no such place',
    ],
    [
      '§4.1 an add at a name in an array',
      { a: [1] },
      [{ op: 'add', path: '/a/b', value: 0 }],
      'operation 0 (add "/a/b") does not apply: an array has no such place',
    ],
    [
      '§4.2 a remove of what is not there',
      { a: 1 },
      [{ op: 'remove', path: '/b' }],
      'operation 0 (remove "/b") does not apply: nothing is there',
    ],
    [
      '§4.2 a remove behind the end of an array',
      { a: [1] },
      [{ op: 'remove', path: '/a/1' }],
      'operation 0 (remove "/a/1") does not apply: nothing is there',
    ],
    [
      '§4.3 a replace of what is not there',
      { a: 1 },
      [{ op: 'replace', path: '/b', value: 2 }],
      'operation 0 (replace "/b") does not apply: nothing is there',
    ],
    [
      '§4.3 a replace of what an object inherits',
      {},
      [{ op: 'replace', path: '/toString', value: 2 }],
      'operation 0 (replace "/toString") does not apply: nothing is there',
    ],
    [
      '§4.4 a move into itself',
      { a: { b: 1 } },
      [{ op: 'move', from: '/a', path: '/a/b' }],
      'operation 0 (move "/a/b") does not apply: a value cannot be moved into itself',
    ],
    [
      '§4.5 a copy of what is not there',
      { a: 1 },
      [{ op: 'copy', from: '/b', path: '/c' }],
      'operation 0 (copy "/c") does not apply: nothing is there',
    ],
    [
      '§4.6 a test of what is not there',
      { a: 1 },
      [{ op: 'test', path: '/b', value: null }],
      'operation 0 (test "/b") does not apply: nothing is there',
    ],
    [
      '§4 a path below a text',
      { a: 'text' },
      [{ op: 'replace', path: '/a/0', value: 't' }],
      'operation 0 (replace "/a/0") does not apply: nothing is there',
    ],
    [
      'a path in a record that does not exist',
      null,
      [{ op: 'add', path: '/a', value: 1 }],
      'operation 0 (add "/a") does not apply: nothing is there',
    ],
    [
      'RFC 6901 §3 a path that is no pointer',
      { a: 1 },
      [{ op: 'replace', path: 'a', value: 1 }],
      'operation 0 (replace "a") does not apply: expected a JSON Pointer, got "a"',
    ],
    [
      '§5 all of a patch of which one operation fails',
      { a: 1 },
      [
        { op: 'replace', path: '/a', value: 2 },
        { op: 'test', path: '/a', value: 1 },
      ],
      'operation 1 (test "/a") does not apply: another value is there',
    ],
  ];

  for (const [title, before, patch, message] of refusals) {
    it(`refuses ${title.startsWith('A.') || title.startsWith('§') ? 'RFC 6902 ' : ''}${title}`, () => {
      const text = JSON.stringify(before);

      expect(() => replay(before, patch as Patch))
        .to.throw(AuditError)
        .that.includes({ message, code: 'ERR_AUDIT_PATCH_INVALID' });
      expect(JSON.stringify(before)).to.equal(text);
    });
  }

  for (const name of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'length']) {
    it(`puts in, tests, replaces and takes out a member called ${name}, and touches no prototype`, () => {
      const path = pointer('data', name);
      const value = { polluted: true };

      const added = replay({ data: {} }, [{ op: 'add', path, value }]);
      const replaced = replay(added, [
        { op: 'test', path: '/data', value: JSON.parse(`{ "${name}": { "polluted": true } }`) as Json },
        { op: 'replace', path: `${path}/polluted`, value: 1 },
      ]);
      const removed = replay(replaced, [{ op: 'remove', path }]);

      expect(JSON.stringify([added, replaced, removed])).to.equal(
        `[{"data":{"${name}":{"polluted":true}}},{"data":{"${name}":{"polluted":1}}},{"data":{}}]`,
      );
      expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
      expect(Object.getPrototypeOf(replaced)).to.equal(Object.prototype);
    });
  }

  it('finds in any document what was put there, and nothing where it was taken away', () => {
    fc.assert(
      fc.property(document, fc.string(), json, (before, name, value) => {
        const path = pointer(name);
        const added = replay(before, [{ op: 'add', path, value }]);

        expect(
          replay(added, [
            { op: 'test', path, value },
            { op: 'remove', path },
          ]),
        ).to.deep.equal(Object.fromEntries(Object.entries(before).filter(([key]) => key !== name)));
      }),
    );
  });
});
