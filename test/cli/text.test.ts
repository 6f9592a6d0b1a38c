import { expect } from 'chai';
import { createColors } from 'picocolors';
import { instantOf } from '../../lib/cli/arguments/instant.js';
import { metaOf } from '../../lib/cli/arguments/options.js';
import { UsageError } from '../../lib/cli/exit.js';
import { changeLines } from '../../lib/cli/text/change-lines.js';
import { escaped, json } from '../../lib/cli/text/escape.js';
import { tableLines } from '../../lib/cli/text/table.js';
import { clipped, widthOf, wrapped } from '../../lib/cli/text/width.js';

const colors = createColors(false);
const narrow = { colors, columns: 40 };

describe('The text of the command line', () => {
  it('shows every character that could do something as an escape', () => {
    const codes = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)];
    const others = [0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xd800];

    for (const code of [...codes, ...others]) {
      expect(escaped(String.fromCharCode(code)), code.toString(16)).to.match(/^\\([nrt]|u[\da-f]{4})$/);
      expect(JSON.parse(json(String.fromCharCode(code))), code.toString(16)).to.equal(String.fromCharCode(code));
      expect(json(String.fromCharCode(code)), code.toString(16)).to.match(/^"[\x20-\x7e]+"$/);
    }
    expect(escaped('é 漢字 👍🏽 a\\b')).to.equal('é 漢字 👍🏽 a\\b');
  });

  it('knows how wide characters are', () => {
    const widths = ['a', 'é', 'e\u0301', '漢', '한', 'ﾊ', '！', '👍', '👍🏽', '❤️', '→', ''].map(widthOf);

    expect(widths).to.deep.equal([1, 1, 1, 2, 2, 1, 2, 2, 2, 2, 1, 0]);
  });

  it('cuts and wraps between characters', () => {
    expect(wrapped('漢字e\u0301x', 3)).to.deep.equal(['漢', '字e\u0301', 'x']);
    expect(clipped('漢字漢字', 8)).to.equal('漢字漢字');
    expect(clipped('漢字漢字', 7)).to.equal('漢字漢…');
    expect(clipped('漢字漢字', 6)).to.equal('漢字…');
  });

  it('keeps tables within the terminal, and whole what must be whole', () => {
    const columns = [{ name: 'ID', isWhole: true }, { name: 'WHO', keep: 8 }, { name: 'WHAT' }] as const;
    const rows = [['123456789', 'somebody@example.org', '漢'.repeat(100)]];

    const lines = tableLines(columns, rows, narrow);

    expect(lines[1]).to.match(/^123456789 {2}somebody/);
    expect(lines[1]).to.match(/…$/);
    expect(lines.map(widthOf).filter((width) => width > 40)).to.deep.equal([]);
    expect(tableLines(columns, rows, { colors, columns: null })[1]).to.include('漢'.repeat(100));
  });

  it('shows short values beside each other and long ones as a diff', () => {
    const lines = (from: unknown, to: unknown) =>
      changeLines({ attribute: 'a', path: '/a', from, to } as never, narrow, 0);

    expect(lines('x', 'y')).to.deep.equal(['a: "x" → "y"']);
    expect(lines(undefined, 1)).to.deep.equal(['+ a: 1']);
    expect(lines(null, undefined)).to.deep.equal(['- a: null']);
    expect(lines({ $redacted: true }, { $redacted: true })).to.deep.equal(['a: changed, redacted']);
    expect(lines('one\ntwo\u001b', 'one\nthree\u001b')).to.deep.equal([
      'a:',
      '  @@ -1,2 +1,2 @@',
      '    one',
      '  - two\\u001b',
      '  + three\\u001b',
    ]);
    expect(lines(`${'long '.repeat(10)}x`, `${'long '.repeat(10)}y`)).to.deep.equal([
      'a:',
      '  - "long long long long long long long ',
      '    long long long x"',
      '  + "long long long long long long long ',
      '    long long long y"',
    ]);
  });

  it('compares texts that have nothing in common without trying for long', () => {
    const text = (seed: number) => Array.from({ length: 20_000 }, (_, line) => `${line * seed}`).join('\n');

    const lines = changeLines({ attribute: 'a', path: '/a', from: text(3), to: text(7) }, { colors, columns: null }, 0);

    expect(lines.filter((line) => line.startsWith('  - '))).to.have.lengthOf(20_000);
  });
});

describe('The arguments of the command line', () => {
  const now = new Date('2026-06-15T12:00:00.000Z');
  const read = (text: string) => instantOf(text, '--since', now).toISOString();

  it('takes times in UTC, unless they say otherwise', () => {
    expect(read('2026-01-31')).to.equal('2026-01-31T00:00:00.000Z');
    expect(read('2026-01-31T10:20')).to.equal('2026-01-31T10:20:00.000Z');
    expect(read('2026-01-31 10:20:30.5')).to.equal('2026-01-31T10:20:30.500Z');
    expect(read('2026-01-31T10:20:30.123Z')).to.equal('2026-01-31T10:20:30.123Z');
    expect(read('2026-01-31T10:20+0200')).to.equal('2026-01-31T08:20:00.000Z');
  });

  it('takes times as so long ago', () => {
    const times = ['90s', '30m', '2h', '3d', '1w'].map(read);

    expect(times).to.deep.equal([
      '2026-06-15T11:58:30.000Z',
      '2026-06-15T11:30:00.000Z',
      '2026-06-15T10:00:00.000Z',
      '2026-06-12T12:00:00.000Z',
      '2026-06-08T12:00:00.000Z',
    ]);
  });

  for (const text of [
    '',
    'monday',
    '2026',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01T25:00',
    '5y',
    '-2h',
    '2026-01-31T',
  ]) {
    it(`refuses ${JSON.stringify(text)} as a time, and says what it expects`, () => {
      expect(() => read(text)).to.throw(UsageError, `--since: expected a time such as 2026-01-31T10:00`);
    });
  }

  it('takes meta as text, and as JSON after :=', () => {
    const meta = metaOf(['ticket=7', 'count:=7', 'url=a=b', 'by:={"id":1}', 'none=']);

    expect(meta).to.deep.equal({ ticket: '7', count: 7, url: 'a=b', by: { id: 1 }, none: '' });
    expect(() => metaOf(['ticket'])).to.throw(UsageError, 'expected key=text or key:=json, got "ticket"');
    expect(() => metaOf(['a:=x'])).to.throw(UsageError, 'expected JSON after :=, got "a:=x"');
  });
});
