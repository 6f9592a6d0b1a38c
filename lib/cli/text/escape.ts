/** Makes text of the log harmless: no value can move the cursor, colour what follows, or turn its direction. */

/** C0 and C1 controls, DEL, line separators, and what turns the direction of a text. */
const unsafe = /[\p{Cc}\p{Surrogate}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line, with the escapes of JSON in the place of what could do something. */
export function escaped(text: string): string {
  return text.replace(unsafe, (character) => short[character] ?? unicode(character));
}

/** The lines of a text, each escaped. */
export function escapedLines(text: string): string[] {
  return text.split('\n').map(escaped);
}

/** A value as one line of JSON. */
export function json(value: unknown): string {
  return escaped(JSON.stringify(value ?? null));
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
