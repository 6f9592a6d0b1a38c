/** Turns two texts into the pieces that stayed, went and came, word by word, short enough for a page. */
import { diffArrays, diffLines } from 'diff';

export interface Piece {
  /** `cut` stands for unchanged text that is left out. */
  readonly kind: 'same' | 'removed' | 'added' | 'cut';
  readonly text: string;
}

export interface Pieces {
  readonly pieces: readonly Piece[];
  /** Whether changed text is left out as well. */
  readonly isCut: boolean;
}

/** Characters of the changed region that are compared: what is longer is shown as two texts. */
const longest = 20_000;
/** Unchanged characters that are shown beside a change. */
const context = 60;

/** @param room characters that may be shown, more or less */
export function textDiff(from: string, to: string, room: number): Pieces {
  const begun = commonHead(from, to);
  const ended = Math.min(commonTail(from, to), Math.min(from.length, to.length) - begun);
  const start = wordStart(from, begun);
  const end = wordEnd(from, from.length - ended);
  const [old, next] = [from.slice(start, end), to.slice(start, to.length - (from.length - end))];
  const middle = compared(old, next, (left, right, options) =>
    diffArrays(wordsOf(left), wordsOf(right), options)?.map(({ value, ...kind }) => ({
      ...kind,
      value: value.join(''),
    })),
  );
  return shortened(
    [
      { kind: 'same', text: from.slice(0, start) },
      ...(middle ?? [
        { kind: 'removed', text: old },
        { kind: 'added', text: next },
      ]),
      { kind: 'same', text: from.slice(end) },
    ],
    room,
    ends,
  );
}

/** Space, words and numbers as they are spoken, and signs; in scripts without spaces each character. */
function wordsOf(text: string): string[] {
  const spaceless = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}';
  const letters = `(?:(?![${spaceless}])[\\p{L}\\p{M}\\p{N}_])+`;
  return text.match(new RegExp(`\\s+|${letters}(?:[.,:'’@-]${letters})*|[^]`, 'gu')) ?? [];
}

/** The same line by line, as for JSON. */
export function lineDiff(from: string, to: string, room: number): Pieces {
  const pieces = compared(`${from}\n`, `${to}\n`, (left, right, options) => diffLines(left, right, options));
  const all = pieces ?? [
    { kind: 'removed', text: from },
    { kind: 'added', text: to },
  ];
  return shortened(all, room, endLines);
}

type Compare = (
  from: string,
  to: string,
  options: { readonly maxEditLength: number },
) => { readonly value: string; readonly added?: boolean; readonly removed?: boolean }[] | undefined;

function compared(from: string, to: string, compare: Compare): Piece[] | null {
  if (from.length + to.length > longest) return null;
  const parts = compare(from, to, { maxEditLength: 800 });
  return (
    parts?.map(({ value, added, removed }) => ({
      kind: added ? 'added' : removed ? 'removed' : 'same',
      text: value,
    })) ?? null
  );
}

/** The ends of unchanged text that are shown beside changes: [at its beginning, at its end]. */
type EndsOf = (text: string) => readonly [string, string];

const ends: EndsOf = (text) => [head(text, context), tail(text, context)];

const endLines: EndsOf = (text) => {
  const lines = text.match(/[^\n]*\n/g) ?? [];
  return [lines.slice(0, 2).join(''), lines.slice(-2).join('')];
};

function shortened(pieces: readonly Piece[], room: number, endsOf: EndsOf): Pieces {
  const shown: Piece[] = [];
  let left = room;
  let isCut = false;
  const filled = pieces.filter(({ text }) => text !== '');
  for (const [index, piece] of filled.entries()) {
    if (piece.kind === 'same') {
      const found = endsOf(piece.text);
      const before = index > 0 ? found[0] : '';
      const after = index < filled.length - 1 ? found[1] : '';
      const isShort = before.length + after.length + 20 >= piece.text.length;
      const parts: Piece[] = isShort
        ? [piece]
        : [
            { kind: 'same', text: before },
            { kind: 'cut', text: '…' },
            { kind: 'same', text: after },
          ];
      if (left > 0) shown.push(...parts.filter(({ text }) => text !== ''));
      left -= isShort ? piece.text.length : before.length + after.length;
      continue;
    }
    if (left <= 0) {
      isCut = true;
      break;
    }
    const text = head(piece.text, left);
    isCut ||= text.length < piece.text.length;
    shown.push({ kind: piece.kind, text });
    left -= text.length;
  }
  return { pieces: shown, isCut };
}

/** The beginning of a text, with no half of a character at its end. */
export function head(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, Math.max(0, length));
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function tail(text: string, length: number): string {
  const cut = text.length <= length ? text : text.slice(text.length - length);
  return /^[\udc00-\udfff]/.test(cut) ? cut.slice(1) : cut;
}

function commonHead(left: string, right: string): number {
  const end = Math.min(left.length, right.length);
  let index = 0;
  while (index < end && left.charCodeAt(index) === right.charCodeAt(index)) index += 1;
  return index;
}

function commonTail(left: string, right: string): number {
  const end = Math.min(left.length, right.length);
  let index = 0;
  while (index < end && left.charCodeAt(left.length - 1 - index) === right.charCodeAt(right.length - 1 - index))
    index += 1;
  return index;
}

/** Where the word begins that a place is in. */
function wordStart(text: string, place: number): number {
  return place - (/[^\s]{0,40}$/.exec(text.slice(Math.max(0, place - 40), place))?.[0].length ?? 0);
}

function wordEnd(text: string, place: number): number {
  return place + (/^[^\s]{0,40}/.exec(text.slice(place, place + 40))?.[0].length ?? 0);
}
