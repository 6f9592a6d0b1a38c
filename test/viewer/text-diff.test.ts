import { expect } from 'chai';
import fc from 'fast-check';
import { lineDiff, type Pieces, textDiff } from '../../lib/viewer/parts/text-diff.js';

/** One of the two texts, put together from what is shown; null where something is left out. */
function textOf({ pieces, isCut }: Pieces, side: 'removed' | 'added'): string | null {
  if (isCut || pieces.some(({ kind }) => kind === 'cut')) return null;
  return pieces
    .filter(({ kind }) => kind === 'same' || kind === side)
    .map(({ text }) => text)
    .join('');
}

const word = fc.constantFrom(
  'a',
  'b',
  'Straße',
  '1.9',
  ' ',
  '  ',
  '\n',
  '漢',
  '字',
  '😀',
  '\ud83d',
  ',',
  "it's",
  'e\u0301',
);
const text = fc.array(word, { maxLength: 20 }).map((words) => words.join(''));

describe('The diff of two texts', () => {
  for (const [name, diff, end] of [
    ['by words', textDiff, ''],
    ['by lines', lineDiff, '\n'],
  ] as const) {
    it(`${name} holds both of them, whatever they are`, () => {
      fc.assert(
        fc.property(text, text, (from, to) => {
          const pieces = diff(from, to, 100_000);
          const [removed, added] = [textOf(pieces, 'removed'), textOf(pieces, 'added')];
          if (removed !== null) expect(removed).to.equal(from + end);
          if (added !== null) expect(added).to.equal(to + end);
        }),
        { numRuns: 1000, seed: 3 },
      );
    });
  }

  it('shows words and numbers as they are spoken, and signs by themselves', () => {
    const { pieces } = textDiff('It weighs 1.9 kg, says Ada.', 'It weighs 1.7 kg, says Ben!', 1000);

    expect(pieces.map(({ kind, text }) => `${kind}:${text}`)).to.deep.equal([
      'same:It weighs ',
      'removed:1.9',
      'added:1.7',
      'same: kg, says ',
      'removed:Ada.',
      'added:Ben!',
    ]);
  });

  it('leaves out what is far from a change, and says so', () => {
    const filler = 'lorem ipsum '.repeat(50);

    const { pieces, isCut } = textDiff(`${filler}one ${filler}`, `${filler}two ${filler}`, 1000);

    expect(pieces.map(({ kind }) => kind).join(' ')).to.equal('cut same removed added same cut');
    expect(isCut).to.equal(false);
  });

  it('is done soon with texts that have nothing in common, and cuts what is too long', () => {
    const [from, to] = ['a', 'b'].map((letter) => `${letter} `.repeat(500_000)) as [string, string];

    const { pieces, isCut } = textDiff(from, to, 500);

    expect(isCut).to.equal(true);
    expect(pieces.reduce((sum, { text }) => sum + text.length, 0)).to.be.at.most(1000);
  });

  it('does not cut a character in two', () => {
    const { pieces } = textDiff('x'.repeat(100), '😀'.repeat(100), 131);

    expect(pieces.map(({ text }) => text).join('')).not.to.match(/\p{Surrogate}/u);
  });
});
