/** Walks along the tokens of SQL, and reads the names in it. */
import { type SqlDialect, type Token, tokensOf, unquoted } from './sql-tokens.js';

/** A table as the database resolves its name: PostgreSQL folds what is not quoted to lower case. */
export interface TableName {
  /** Null where the text names none. */
  readonly schema: string | null;
  readonly table: string;
}

/** A place among the tokens of a text. */
export class SqlCursor {
  at = 0;
  readonly dialect: SqlDialect;
  readonly #tokens: readonly Token[];

  constructor(sql: string, dialect: SqlDialect) {
    this.#tokens = tokensOf(sql, dialect);
    this.dialect = dialect;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#tokens.length;
  }

  /** The word in capitals or the mark that is here, or some tokens from here; empty for anything else. */
  key(offset = 0): string {
    const { kind, text } = this.#tokens[this.at + offset] ?? { text: '' };
    return kind === 'word' ? text.toUpperCase() : kind === 'mark' ? text : '';
  }

  /** What the string here says; null when there is none. */
  string(): string | null {
    const token = this.#tokens[this.at];
    return token?.kind === 'string' ? unquoted(token.text, this.dialect) : null;
  }

  /** Steps over one of some keys, if it is here. */
  take(...keys: readonly string[]): boolean {
    const isHere = !this.isAtEnd && keys.includes(this.key());
    if (isHere) this.at += 1;
    return isHere;
  }

  /** Steps to the first of some keys, or to the end of the statement. */
  skipTo(keys: RegExp): void {
    while (!this.isAtEnd && this.key() !== ';' && !keys.test(this.key())) this.at += 1;
  }

  /** Steps over a parenthesis and all that is in it, if one opens here. */
  skipGroup(): boolean {
    const isHere = this.take('(');
    for (let depth = isHere ? 1 : 0; depth > 0 && !this.isAtEnd; this.at += 1) {
      if (this.key() === '(') depth += 1;
      if (this.key() === ')') depth -= 1;
    }
    return isHere;
  }

  /** Steps to where the parenthesis closes that was opened before. */
  skipRestOfGroup(): void {
    while (!this.isAtEnd && this.key() !== ')') if (!this.skipGroup()) this.at += 1;
  }

  /** Steps over a name, and says the last two parts; null when there is no name here. */
  name(): TableName | null {
    let table = this.#part();
    if (table === null) return null;
    let schema: string | null = null;
    while (this.take('.')) {
      const part = this.#part();
      if (part !== null) [schema, table] = [table, part];
      // MySQL: DELETE a.* FROM a.
      else this.take('*');
    }
    return { schema, table };
  }

  /** One part of a name; SQLite also takes a string for it, and MySQL digits. */
  #part(): string | null {
    const token = this.#tokens[this.at];
    if (!token || token.kind === 'mark' || token.kind === 'parameter') return null;
    this.at += 1;
    const text = unquoted(token.text, this.dialect);
    // PostgreSQL folds no other letters than these, unless in an encoding of one byte.
    if (this.dialect !== 'postgres' || text !== token.text) return text;
    return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  }
}
