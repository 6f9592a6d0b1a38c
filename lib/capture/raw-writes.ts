/** Reads from the text of SQL which tables it would write, for statements that come from no model. */
import { isMysql } from '../record/encoding.js';
import { SqlCursor } from './sql-cursor.js';
import type { SqlDialect } from './sql-tokens.js';
import { type RawWrite, verbs } from './sql-verbs.js';

export type { RawWrite };

/** A parenthesis that is open, or the statement itself. */
interface Frame {
  /** Whether it is the body of a CTE: a statement may begin in it, and behind it. */
  readonly isBody: boolean;
  /** Which of the writes is the INSERT that a conflict clause in here belongs to. */
  insert: number | null;
}

const writing = /insert|replace|update|delete|truncate|merge|copy|load/i;
const definitions =
  /^(TABLE|VIEW|INDEX|TYPE|SCHEMA|DATABASE|SEQUENCE|DOMAIN|RULE|TRIGGER|FUNCTION|PROCEDURE|EVENT|PACKAGE)$/;
const definitionsOfCode = /^(TRIGGER|FUNCTION|PROCEDURE|EVENT|PACKAGE)$/;
/** SQL in a string in a string: each level is read once more, and deeper than this nobody writes. */
const deepest = 3;

/**
 * The tables that a text of SQL writes when it runs, each once for each verb. Where the text does not tell which of
 * several tables is written, all of them are named; what functions, triggers and prepared statements write is not seen.
 * Text that is no SQL is read as far as it makes sense.
 */
export function rawWrites(sql: string, dialect: SqlDialect): RawWrite[] {
  if (!writing.test(sql)) return [];
  const writes = new Reader(sql, dialect, 0).read();
  return [...new Map(writes.map((write) => [JSON.stringify(write), write])).values()];
}

class Reader {
  readonly #cursor: SqlCursor;
  readonly #dialect: SqlDialect;
  /** How many strings the text stands in: those that a DO or EXECUTE IMMEDIATE runs. */
  readonly #depth: number;
  /** The words of code that a statement may follow. */
  readonly #openings: RegExp | null;
  readonly #writes: RawWrite[] = [];
  readonly #ctes = new Set<string>();
  #frames: Frame[] = [{ isBody: false, insert: null }];

  constructor(sql: string, dialect: SqlDialect, depth: number) {
    this.#cursor = new SqlCursor(sql, dialect);
    this.#dialect = dialect;
    this.#depth = depth;
    if (isMysql(dialect)) this.#openings = /^(BEGIN|ATOMIC|THEN|ELSE|LOOP|REPEAT|DO)$/;
    else this.#openings = depth > 0 ? /^(BEGIN|THEN|ELSE|LOOP|QUERY|IN)$/ : null;
  }

  read(): RawWrite[] {
    const cursor = this.#cursor;
    for (let begins = true; !cursor.isAtEnd; ) {
      const isRead: boolean | null = begins ? this.#readHead() : null;
      begins = isRead ?? this.#step(begins);
    }
    return this.#writes;
  }

  /**
   * Reads what a statement begins with.
   *
   * @returns whether another may begin behind that; null when nothing here matters
   */
  #readHead(): boolean | null {
    const cursor = this.#cursor;
    const key = cursor.key();
    const readVerb = verbs[key];
    // COPY (INSERT … RETURNING …) TO: a statement begins in the parenthesis.
    if (readVerb && !(key === 'COPY' && cursor.key(1) === '(')) {
      const writes = readVerb(cursor, this.#ctes);
      if (key === 'INSERT') (this.#frames.at(-1) as Frame).insert = this.#writes.length;
      for (const write of writes) this.#writes.push(write);
      return false;
    }
    switch (key) {
      case 'COPY':
        cursor.at += 1;
        return true;
      case 'EXPLAIN':
      case 'DESCRIBE':
      case 'DESC':
        return this.#readExplain();
      case 'ANALYZE':
      case 'ANALYSE':
        // MariaDB runs what it analyzes, and so does the EXPLAIN ANALYZE of the others.
        cursor.at += 1;
        if (cursor.take('FORMAT')) cursor.at += 2;
        cursor.take('VERBOSE');
        return true;
      case 'SET':
        // MariaDB: SET STATEMENT a variable FOR a statement.
        if (cursor.key(1) !== 'STATEMENT') return null;
        cursor.skipTo(/^FOR$/);
        return cursor.take('FOR');
      case 'SEARCH':
      case 'CYCLE':
        // They stand between the body of a CTE and the statement.
        cursor.skipTo(/^(SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|TABLE)$/);
        return true;
      case 'DO':
      case 'EXECUTE':
        if (key === 'DO' ? this.#dialect !== 'postgres' : cursor.key(1) !== 'IMMEDIATE') return null;
        this.#readStrings();
        return false;
      case 'CREATE':
      case 'ALTER':
        cursor.skipTo(definitions);
        if (cursor.key() !== 'TABLE') this.#skipStatement(definitionsOfCode.test(cursor.key()));
        return false;
      case 'PREPARE':
        this.#skipStatement(false);
        return false;
      default:
        return null;
    }
  }

  /** Steps over one token, and says whether a statement may begin behind it. */
  #step(begins: boolean): boolean {
    const cursor = this.#cursor;
    const [key, before] = [cursor.key(), cursor.key(-1)];
    const frame = this.#frames.at(-1) as Frame;
    if (this.#depth > 0 && this.#dialect === 'postgres') this.#readString();
    if (key === 'UPDATE' && (before === 'DO' || (before === 'KEY' && cursor.key(-2) === 'DUPLICATE'))) {
      const insert = this.#writes[frame.insert ?? -1];
      if (insert) this.#writes[frame.insert as number] = { ...insert, verb: 'upsert' };
    }
    cursor.at += 1;
    // Behind the body of a CTE a comma leads to the next.
    if (key === 'WITH' || (key === ',' && begins)) {
      cursor.take('RECURSIVE');
      this.#ctes.add(cursor.name()?.table.toLowerCase() ?? '');
    }
    switch (key) {
      case '(': {
        const isBody = before === 'AS' || before === 'MATERIALIZED';
        this.#frames.push({ isBody, insert: null });
        return isBody || begins;
      }
      case ')':
        if (this.#frames.length > 1) this.#frames.pop();
        return frame.isBody;
      case ';':
        this.#frames = [{ isBody: false, insert: null }];
        this.#ctes.clear();
        return true;
      default:
        return this.#openings?.test(key) ?? false;
    }
  }

  #readExplain(): boolean {
    const cursor = this.#cursor;
    cursor.at += 1;
    if (/^ANALY[ZS]E$/.test(cursor.key())) return true;
    let runs = false;
    if (cursor.take('(')) {
      for (; !cursor.isAtEnd && !cursor.take(')'); cursor.at += 1) {
        if (/^ANALY[ZS]E$/.test(cursor.key())) runs = !/^(FALSE|OFF)$/.test(cursor.key(1));
      }
    }
    if (!runs) this.#skipStatement(false);
    return runs;
  }

  /** SQL in strings, as far as it can be seen: that which is put together from parts begins with a verb at least. */
  #readStrings(): void {
    for (const cursor = this.#cursor; !cursor.isAtEnd && cursor.key() !== ';'; cursor.at += 1) this.#readString();
  }

  #readString(): void {
    const text = this.#cursor.string();
    if (text === null || this.#depth === deepest || !writing.test(text)) return;
    for (const write of new Reader(text, this.#dialect, this.#depth + 1).read()) this.#writes.push(write);
  }

  /** Steps to the end of a statement that does not run now; in code, semicolons stand between BEGIN and END as well. */
  #skipStatement(hasCode: boolean): void {
    const cursor = this.#cursor;
    let depth = 0;
    let blocks = 0;
    for (; !cursor.isAtEnd && !(cursor.key() === ';' && depth <= 0 && blocks <= 0); cursor.at += 1) {
      const key = cursor.key();
      if (key === '(') depth += 1;
      if (key === ')') depth -= 1;
      if (!hasCode || depth > 0) continue;
      if (key === 'BEGIN' || key === 'CASE') blocks += 1;
      // END IF and the like end what is not counted; END CASE does.
      if (key === 'END' && !/^(IF|LOOP|WHILE|REPEAT|FOR)$/.test(cursor.key(1))) {
        blocks -= 1;
        if (cursor.key(1) === 'CASE') cursor.at += 1;
      }
    }
  }
}
