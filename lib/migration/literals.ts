/** Writes values as the source text of JavaScript. */

/**
 * A string literal in the quotes that need the fewest escapes. One of several lines stays so, as a template literal.
 */
export function stringLiteral(text: string): string {
  if (text.includes('\n')) return quoted(text, '`');
  const [first = ''] = ["'", '"', '`']
    .map((quote) => quoted(text, quote))
    .sort((left, right) => left.length - right.length);
  return first;
}

/** An object literal on one line. @param members source texts by key; null leaves one out */
export function objectLiteral(members: Readonly<Record<string, string | null>>): string {
  const present = Object.entries(members).filter(([, text]) => text !== null);
  return `{ ${present.map(([key, text]) => (key === text ? key : `${keyLiteral(key)}: ${text}`)).join(', ')} }`;
}

export function keyLiteral(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringLiteral(key);
}

export function arrayLiteral(texts: readonly string[]): string {
  return `[${texts.join(', ')}]`;
}

function quoted(text: string, quote: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(/(?!\n)[\p{Cc}\p{Cs}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `${quote}${quote === '`' ? escaped.replaceAll('${', '\\${') : escaped}${quote}`;
}
