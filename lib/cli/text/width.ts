/** How many columns of a terminal a text takes, and how it is cut to fit. */

/** East Asian wide and fullwidth characters (UAX #11), and what is shown as an emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\ufe0f|\p{Emoji_Presentation}/u;

/** Those that stand on the character before them, or are not seen. */
const noWidth = /^[\p{Mark}\p{Cf}]+$/u;

/** What readers take for one character. */
export function* charactersOf(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) yield segment;
}

/** @param text without control characters and colours */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of charactersOf(text)) width += characterWidth(character);
  return width;
}

/** The text in lines of at most so many columns. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const character of charactersOf(text)) {
    const next = characterWidth(character);
    if (width + next > columns && line !== '') {
      lines.push(line);
      [line, width] = ['', 0];
    }
    line += character;
    width += next;
  }
  return [...lines, line];
}

/** The beginning of the text, with … where something is left out. */
export function clipped(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return `${wrapped(text, Math.max(columns - 1, 1))[0]}…`;
}

function characterWidth(character: string): number {
  if (wide.test(character)) return 2;
  return noWidth.test(character) ? 0 : 1;
}
