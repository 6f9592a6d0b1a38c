import { expect } from 'chai';
import fc from 'fast-check';
import { type RawWrite, rawWrites } from '../../lib/capture/raw-writes.js';
import type { SqlDialect } from '../../lib/capture/sql-tokens.js';
import { mariadb, postgresql, sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import type { RawCase, RawCases } from './cases/raw-case.js';
import { mysqlCases } from './cases/raw-mysql.js';
import { postgresCases } from './cases/raw-postgres.js';
import { sqliteCases } from './cases/raw-sqlite.js';

const casesOf: Readonly<Record<SqlDialect, RawCases>> = {
  sqlite: sqliteCases,
  postgres: postgresCases,
  mariadb: mysqlCases,
  mysql: mysqlCases,
};
const dialects = Object.keys(casesOf) as SqlDialect[];

function described(writes: readonly RawWrite[]): string {
  return writes.map(({ verb, schema, table }) => `${verb} ${schema === null ? '' : `${schema}.`}${table}`).join(', ');
}

for (const dialect of dialects) {
  describe(`rawWrites for ${dialect}`, () => {
    const { exact, others } = casesOf[dialect];
    for (const [sql, writes] of [...exact, ...others]) {
      it(`reads ${writes || 'no write'} in ${JSON.stringify(sql)}`, () => {
        expect(described(rawWrites(sql, dialect))).to.equal(writes);
      });
    }
  });
}

describe('rawWrites', () => {
  const quotes: Readonly<Record<SqlDialect, string>> = { sqlite: '"', postgres: '"', mariadb: '`', mysql: '`' };
  const isMysql = (dialect: SqlDialect) => dialect === 'mysql' || dialect === 'mariadb';
  const sql = fc.constantFrom(
    'DELETE FROM pets',
    'UPDATE pets SET a = 1',
    ';',
    '(',
    ')',
    ' DO UPDATE ',
    'WITH a AS (',
    'END',
  );
  const edge = fc.constantFrom(
    "'",
    '"',
    '`',
    '[',
    ']',
    '\\',
    '--',
    '/*',
    '*/',
    '$$',
    '$a$',
    '#',
    '\n',
    ' ',
    'E',
    '?',
    ':a',
  );
  const inside = fc.array(fc.oneof(sql, edge), { maxLength: 6 }).map((parts) => parts.join(''));

  /** Text within the delimiters of a dialect, for each place of the statement where it may stand. */
  const literal = (text: string, dialect: SqlDialect) =>
    `'${(isMysql(dialect) ? text.replaceAll('\\', '\\\\') : text).replaceAll("'", "''")}'`;
  const name = (text: string, dialect: SqlDialect) =>
    `${quotes[dialect]}${text.replaceAll(quotes[dialect], quotes[dialect].repeat(2))}${quotes[dialect]}`;
  const comments: readonly ((text: string, dialect: SqlDialect) => string)[] = [
    (text) => `-- ${text.replaceAll('\n', ' ')}\n`,
    (text) => `/* ${text.replaceAll('/', '')} */`,
    (text, dialect) => (isMysql(dialect) ? `# ${text.replaceAll('\n', ' ')}\n` : ' '),
    (text, dialect) => (dialect === 'postgres' ? `/* ${text.replaceAll('/', '')} /* */ ' */` : '\t'),
  ];

  it('does not depend on what stands in strings, quoted names and comments', () => {
    const statement =
      'WITH q AS ( SELECT § AS ¤ ) SELECT * FROM q ; INSERT INTO users ( id , ¤ ) SELECT § , ( § ) FROM ¤ AS ¤ ; ' +
      'UPDATE users SET ¤ = § , name = § WHERE id IN ( § , 1 ) ; DELETE FROM posts WHERE ¤ = § ;';
    const parts = statement.split(' ');
    const filling = fc.record({ inside, gap: inside, comment: fc.constantFrom(...comments) });
    const fillings = fc.array(filling, { minLength: parts.length, maxLength: parts.length });

    fc.assert(
      fc.property(fillings, fc.constantFrom(...dialects), (filled, dialect) => {
        const text = filled.map(({ inside, gap, comment }, place) => {
          const part =
            parts[place] === '§'
              ? literal(inside, dialect)
              : parts[place] === '¤'
                ? name(inside, dialect)
                : parts[place];
          return `${comment(gap, dialect)}${part}`;
        });

        expect(described(rawWrites(text.join(' '), dialect))).to.equal('create users, update users, destroy posts');
      }),
    );
  });

  it('names only what is in the text, of any text', () => {
    const words =
      'INSERT INTO REPLACE UPDATE SET DELETE FROM TRUNCATE MERGE COPY LOAD DATA WITH AS ( ) , . * ; BEGIN END CREATE TABLE TRIGGER EXPLAIN ANALYZE DO EXECUTE IMMEDIATE ON CONFLICT USING JOIN SELECT a b';
    const word = fc.constantFrom(...words.split(' '));
    // MySQL reads a string without the backslashes in it.
    const comparable = (text: string) => text.toLowerCase().replaceAll('\\', '');
    fc.assert(
      fc.property(fc.array(fc.oneof(word, word, edge)), fc.constantFrom(...dialects), (parts, dialect) => {
        const text = parts.join(' ');
        for (const { table } of rawWrites(text, dialect)) expect(comparable(text)).to.include(comparable(table));
      }),
      { numRuns: 2000 },
    );
  });

  for (const dialect of dialects) {
    it(`reads what it can of text that is cut off in ${dialect}`, () => {
      for (const open of ["'", '"', '/*', '(', '$$', '[', '`']) {
        expect(described(rawWrites(`DELETE FROM users; SELECT ${open} ; `, dialect))).to.equal('destroy users');
        expect(rawWrites(`SELECT 1 AS ${open} DELETE FROM`, dialect)).to.deep.equal([]);
      }
      for (const text of [
        'INSERT',
        'UPDATE',
        'DELETE',
        'TRUNCATE',
        'MERGE INTO',
        'COPY',
        'LOAD DATA',
        'UPDATE SET',
        'DELETE users',
        'DELETE FROM',
        'EXPLAIN (ANALYZE',
        'SET STATEMENT',
        'CREATE',
        'DO',
        'EXECUTE IMMEDIATE',
      ]) {
        expect(rawWrites(`${text} /* copy */`, dialect), text).to.deep.equal([]);
      }
    });
  }
});

describe('rawWrites, of long text,', () => {
  it('reads a megabyte of values, and of parentheses', () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => `(${id}, 'it''s; DELETE FROM posts', NULL)`).join(', ');
    const value = "it''s; DELETE FROM posts; ".repeat(40_000);

    for (const dialect of dialects) {
      const write = (text: string) => described(rawWrites(text, dialect));
      expect(write(`INSERT INTO users VALUES ${rows}; DELETE FROM posts`)).to.equal('create users, destroy posts');
      expect(write(`INSERT INTO users VALUES ('${value}'); DELETE FROM posts`)).to.equal('create users, destroy posts');
      expect(write(`${'('.repeat(100_000)}UPDATE users`)).to.equal('');
      expect(write(`${'('.repeat(100_000)}1${')'.repeat(100_000)}; DELETE FROM users`)).to.equal('destroy users');
    }
  });
});

describe('The statements of these cases', () => {
  for (const database of [sqliteMemory, postgresql, mariadb]) {
    it(`write on ${database.name} what they are said to write`, async function () {
      if (!database.isAvailable()) this.skip();
      const { fixture, undo, tables, exact } = casesOf[database.dialect];
      const sequelize = await connect(database, { dialectOptions: { multipleStatements: true } });
      const connection = (await sequelize.connectionManager.getConnection({ type: 'write' })) as Driver;
      const rowsOf = async (table: string) => {
        const rows = await rowsFrom(connection, `SELECT * FROM ${table}`);
        return new Map(rows.map((row) => [String(row.id), JSON.stringify(row)]));
      };
      const wrong: RawCase[] = [];

      try {
        for (const [sql, said] of exact) {
          await run(connection, fixture);
          const before = await inOrder([...new Set(Object.values(tables))], rowsOf);
          const error = await run(connection, sql).catch((caught: Error) => caught.message);
          const after = error ? before : await inOrder([...before.keys()], rowsOf);
          await run(connection, undo);
          const seen = error ?? written(said, tables, before, after);
          if (seen !== said) wrong.push([sql, seen]);
        }
      } finally {
        sequelize.connectionManager.releaseConnection(connection);
      }

      expect(wrong).to.deep.equal([]);
    });
  }
});

type Row = Record<string, unknown>;
type Rows = ReadonlyMap<string, string>;

/** The connection of a driver, which takes several statements at once. */
interface Driver {
  exec?(sql: string, done: (error: Error | null) => void): void;
  all(sql: string, done: (error: Error | null, rows: Row[]) => void): void;
  query(sql: string): Promise<Row[] | { readonly rows: Row[] }>;
}

async function run(driver: Driver, sql: string): Promise<void> {
  if (!driver.exec) return void (await driver.query(sql));
  await new Promise<void>((resolve, reject) => driver.exec?.(sql, (error) => (error ? reject(error) : resolve())));
}

async function rowsFrom(driver: Driver, sql: string): Promise<Row[]> {
  if (driver.exec) {
    return new Promise((resolve, reject) => driver.all(sql, (error, rows) => (error ? reject(error) : resolve(rows))));
  }
  const answer = await driver.query(sql);
  return 'rows' in answer ? answer.rows : answer;
}

async function inOrder<T>(names: readonly string[], read: (name: string) => Promise<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const name of names) found.set(name, await read(name));
  return found;
}

/** Of the writes that are said to happen those that did, and behind them what nobody said. */
function written(
  said: string,
  tables: Readonly<Record<string, string>>,
  before: ReadonlyMap<string, Rows>,
  after: ReadonlyMap<string, Rows>,
): string {
  const done = [...before].flatMap(([table, old]) =>
    verbsBetween(old, after.get(table) as Rows).map((verb) => ({ table, verb })),
  );
  const writes = said
    .split(', ')
    .filter(Boolean)
    .map((write) => {
      const [verb = ''] = write.split(' ');
      return { write, verb, table: tables[write.slice(verb.length + 1)] };
    });
  const covers = (write: { verb: string; table?: string | undefined }, change: { verb: string; table: string }) =>
    write.table === change.table && (write.verb === change.verb || write.verb === 'upsert');
  const right = writes.filter((write) => done.some((change) => covers(write, change)));
  const unsaid = done.filter((change) => !writes.some((write) => covers(write, change)));
  return [...right.map(({ write }) => write), ...unsaid.map(({ verb, table }) => `unsaid: ${verb} ${table}`)].join(
    ', ',
  );
}

function verbsBetween(before: Rows, after: Rows): string[] {
  const verbs = [];
  if ([...after.keys()].some((id) => !before.has(id))) verbs.push('create');
  if ([...before].some(([id, row]) => after.has(id) && after.get(id) !== row)) verbs.push('update');
  if ([...before.keys()].some((id) => !after.has(id))) verbs.push('destroy');
  return verbs;
}
