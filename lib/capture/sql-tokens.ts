/** Splits the text of SQL statements into tokens, by the rules of each dialect for quotes and comments. */
import { isMysql } from '../record/encoding.js';

export type SqlDialect = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

export interface Token {
  /**
   * A `word` is a keyword or an unquoted name, a `name` is no keyword, as it is quoted or follows a dot, and a `mark`
   * is one character of anything else.
   */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'parameter' | 'mark';
  /** As written, with its quotes. */
  readonly text: string;
}

type Quotes = Readonly<Record<string, 'name' | 'string' | undefined>>;

// MySQL reads "…" as a string unless ANSI_QUOTES is set, which Sequelize never does.
const mysqlQuotes: Quotes = { "'": 'string', '"': 'string', '`': 'name' };
const quotesOf: Readonly<Record<SqlDialect, Quotes>> = {
  sqlite: { "'": 'string', '"': 'name', '`': 'name', '[': 'name' },
  postgres: { "'": 'string', '"': 'name' },
  mariadb: mysqlQuotes,
  mysql: mysqlQuotes,
};

const word = /[\w$\u0080-\uffff]+/y;
// In this order. A second colon makes a cast, a dot behind a name no fraction; names of MySQL may begin with digits.
const unquotedKinds: readonly (readonly [Token['kind'], RegExp])[] = [
  ['mark', /[(),;=*]/y],
  ['word', /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy],
  ['parameter', /(?:(?<!:):|[@$])[\w\u0080-\uffff]+|\?\d*/y],
  ['number', /(?:0x[\da-f]+|(?:\d[\d_]*(?:\.[\d_]*)?|(?<![\w"`\]])\.\d+)(?:e[+-]?\d+)?)(?![\w$\u0080-\uffff])/iy],
  ['word', word],
];
// PostgreSQL knows backslashes in E'…'. A line that continues one is read without them, and U&"…" as it is written.
const quotePrefix = /e(?=')|u&(?=['"])/iy;
const dollarTag = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;
// MySQL runs what stands in such a comment, from the version on that may follow; MariaDB has an opening of its own.
const runningComment = /\/\*M?!(?:\d{5,6})?/y;
// "5--3" is eight to MySQL.
const lineComments: Readonly<Record<SqlDialect, RegExp>> = {
  sqlite: /--[^\n]*/y,
  postgres: /--[^\n\r]*/y,
  mariadb: /(?:#|--(?=[\0- ]|$))[^\n]*/y,
  mysql: /(?:#|--(?=[\0- ]|$))[^\n]*/y,
};
const byteOrderMark = '\ufeff';
const backslash = 92;
const bracket = 93;

/** Every token of a text, without whitespace and comments. A quote or comment that nobody closes reaches to the end. */
export function tokensOf(sql: string, dialect: SqlDialect): Token[] {
  const tokens: Token[] = [];
  let isRunning = false;
  for (let at = 0; at < sql.length; ) {
    const char = sql.charAt(at);
    const opening = char === '/' && isMysql(dialect) ? matchAt(runningComment, sql, at) : '';
    // SQLite passes over a byte order mark, with which many files begin.
    if (char <= ' ' || char === byteOrderMark) at += 1;
    else if (opening || (isRunning && sql.startsWith('*/', at))) {
      isRunning = opening !== '';
      at += opening.length || 2;
    } else {
      const comment = commentAt(sql, at, dialect);
      const token = comment ? null : (quotedAt(sql, at, dialect) ?? unquotedAt(sql, at, tokens.at(-1)));
      if (token) tokens.push(token);
      at += token ? token.text.length : comment;
    }
  }
  return tokens;
}

/** What a quoted name or a string says; other text is returned as it is. */
export function unquoted(text: string, dialect: SqlDialect): string {
  const tag = dialect === 'postgres' ? matchAt(dollarTag, text, 0) : '';
  if (tag) return text.slice(tag.length, -tag.length);
  const prefix = matchAt(quotePrefix, text, 0);
  const quote = text.charAt(prefix.length);
  if (!quotesOf[dialect][quote]) return text;
  const inside = text.slice(prefix.length + 1, -1);
  if (quote === '[') return inside;
  if (!hasBackslashes(prefix, quote, dialect)) return inside.replaceAll(quote + quote, quote);
  return inside.replace(/\\([\s\S])|''|""/g, (pair: string, escaped?: string) => {
    if (escaped !== undefined) return { n: '\n', r: '\r', t: '\t' }[escaped] ?? escaped;
    return pair === quote + quote ? quote : pair;
  });
}

/**
 * The statement without its comments and with `?` in place of its values, to tell distinct statements apart. A list of
 * values is one `?`, and rows of values are one row, so that their number makes no difference.
 */
export function fingerprintOf(sql: string, dialect: SqlDialect): string {
  const parts: string[] = [];
  for (const { kind, text } of tokensOf(sql, dialect)) {
    const isValue = /^(?:string|number|parameter)$/.test(kind) || /^(?:null|true|false)$/i.test(text);
    parts.push(isValue ? '?' : text);
    if (isValue && /^[-+]$/.test(parts.at(-2) ?? '') && /^[(,]$/.test(parts.at(-3) ?? '')) parts.splice(-2, 1);
    if (isValue && endsWith(parts, ['?', ',', '?'])) parts.length -= 2;
    if (text === ')' && endsWith(parts, ['(', '?', ')', ',', '(', '?', ')'])) parts.length -= 4;
  }
  return parts.join(' ').replace(/ (?=[.,;)])|(?<=[.(]) |(?<=[-+*/<>=!|:&#@~]) (?=[-+*/<>=!|:&#@~])/g, '');
}

function endsWith(parts: readonly string[], end: readonly string[]): boolean {
  return end.every((part, index) => parts[parts.length - end.length + index] === part);
}

/** How many characters of comment begin at a place. */
function commentAt(sql: string, at: number, dialect: SqlDialect): number {
  if (!/[-/#]/.test(sql.charAt(at))) return 0;
  if (!sql.startsWith('/*', at)) return matchAt(lineComments[dialect], sql, at).length;
  const edge = dialect === 'postgres' ? /\/\*|\*\//g : /\*\//g;
  edge.lastIndex = at + 2;
  for (let depth = 1; depth > 0; ) {
    const [found] = edge.exec(sql) ?? [];
    if (!found) return sql.length - at;
    // Those of PostgreSQL nest.
    depth += found === '*/' ? -1 : 1;
  }
  return edge.lastIndex - at;
}

function quotedAt(sql: string, at: number, dialect: SqlDialect): Token | null {
  const isPostgres = dialect === 'postgres';
  const prefix = isPostgres && /[eu]/i.test(sql.charAt(at)) ? matchAt(quotePrefix, sql, at) : '';
  const quoteAt = at + prefix.length;
  const quote = sql.charAt(quoteAt);
  const kind = quotesOf[dialect][quote];
  if (kind) {
    const end = endOfQuoted(sql, quoteAt, hasBackslashes(prefix, quote, dialect));
    return { kind, text: sql.slice(at, end) };
  }
  const tag = isPostgres && quote === '$' ? matchAt(dollarTag, sql, at) : '';
  if (!tag) return null;
  const end = sql.indexOf(tag, at + tag.length);
  return { kind: 'string', text: sql.slice(at, end === -1 ? sql.length : end + tag.length) };
}

function endOfQuoted(sql: string, at: number, knowsBackslashes: boolean): number {
  const isBracket = sql.charAt(at) === '[';
  const close = isBracket ? bracket : sql.charCodeAt(at);
  for (let end = at + 1; end < sql.length; end += 1) {
    const code = sql.charCodeAt(end);
    if (code === backslash && knowsBackslashes) end += 1;
    else if (code === close && (isBracket || sql.charCodeAt(end + 1) !== close)) return end + 1;
    else if (code === close) end += 1;
  }
  return sql.length;
}

function hasBackslashes(prefix: string, quote: string, dialect: SqlDialect): boolean {
  return isMysql(dialect) ? quote !== '`' : /^e$/i.test(prefix);
}

function unquotedAt(sql: string, at: number, last: Token | undefined): Token {
  const afterDot = last?.text === '.' ? matchAt(word, sql, at) : '';
  if (afterDot) return { kind: 'name', text: afterDot };
  for (const [kind, pattern] of unquotedKinds) {
    const text = matchAt(pattern, sql, at);
    if (text) return { kind, text };
  }
  return { kind: 'mark', text: sql.charAt(at) };
}

/** The text that a sticky pattern finds at a place; empty when it finds none. */
function matchAt(pattern: RegExp, sql: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.test(sql) ? sql.slice(at, pattern.lastIndex) : '';
}
