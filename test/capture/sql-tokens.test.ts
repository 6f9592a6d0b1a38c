import { expect } from 'chai';
import fc from 'fast-check';
import { QueryTypes } from 'sequelize';
import { fingerprintOf, type SqlDialect, tokensOf, unquoted } from '../../lib/capture/sql-tokens.js';
import { mariadb, postgresql, sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';

const dialects: readonly SqlDialect[] = ['sqlite', 'postgres', 'mariadb', 'mysql'];
const mysqls: readonly SqlDialect[] = ['mariadb', 'mysql'];
const others: readonly SqlDialect[] = ['sqlite', 'postgres'];

/** What the dialects take for quotes and comments, and what can stand beside them. */
const fragments = ["'", '"', '`', '[', ']', '\\', '$', '$a$', '--', '/*', '*/', '#', 'E', 'q', '\n'];
const snippet = fc.array(fc.constantFrom(...fragments), { maxLength: 6 }).map((parts) => parts.join(''));

describe('tokensOf', () => {
  const cases: readonly [on: readonly SqlDialect[], sql: string, tokens: readonly string[]][] = [
    [dialects, '', []],
    [dialects, ' \t\r\n\ufeff ', []],
    [
      dialects,
      'SELECT a_1,b FROM t;',
      ['word SELECT', 'word a_1', 'mark ,', 'word b', 'word FROM', 'word t', 'mark ;'],
    ],
    [dialects, 'é.größe', ['word é', 'mark .', 'name größe']],
    [dialects, 'a.set . x', ['word a', 'mark .', 'name set', 'mark .', 'name x']],
    [dialects, '1 2.5 .5 1e5 1.e-5 0xFF', ['1', '2.5', '.5', '1e5', '1.e-5', '0xFF'].map((text) => `number ${text}`)],
    [dialects, '? ?1 :a @b', ['parameter ?', 'parameter ?1', 'parameter :a', 'parameter @b']],
    [dialects, 'a::int', ['word a', 'mark :', 'mark :', 'word int']],
    [dialects, "'a''b'''", ["string 'a''b'''"]],
    [dialects, "'a", ["string 'a"]],
    [dialects, '1 -- a\n2', ['number 1', 'number 2']],
    [dialects, '1 --', ['number 1']],
    [dialects, '1/**/2/***/3/*/ */4', ['number 1', 'number 2', 'number 3', 'number 4']],
    [['sqlite', ...mysqls], '1/*/*/2', ['number 1', 'number 2']],
    [dialects, '1 /* a', ['number 1']],

    [['sqlite'], '[a"]"b""]"`c``', ['name [a"]', 'name "b""]"', 'name `c``']],
    [['postgres'], 'a[1]', ['word a', 'mark [', 'number 1', 'mark ]']],
    [['postgres'], '"a""b"', ['name "a""b"']],
    [['postgres'], "E'\\'' e'\\\\' E_'\\'", ["string E'\\''", "string e'\\\\'", 'word E_', "string '\\'"]],
    [['postgres'], 'u&\'\\\'U&"a"', ["string u&'\\'", 'name U&"a"']],
    [['postgres'], '$1 $$a$b$$ $a$ $$ $a$', ['parameter $1', 'string $$a$b$$', 'string $a$ $$ $a$']],
    [['postgres'], 'a$b$c $1 $a', ['word a$b$c', 'parameter $1', 'parameter $a']],
    [['postgres'], '1 /* /* */ 2 */ 3 /*/*/ 4 */ */', ['number 1', 'number 3']],
    [['postgres'], '1 -- a\r2', ['number 1', 'number 2']],
    [others, "'\\' 1 '", ["string '\\'", 'number 1', "string '"]],
    [others, '1 /*! 2 */', ['number 1']],
    [others, '5--3', ['number 5']],

    [mysqls, '\'\\\'\' "\\"" "a""b"', ["string '\\''", 'string "\\""', 'string "a""b"']],
    [mysqls, '`\\` `a``b`', ['name `\\`', 'name `a``b`']],
    [mysqls, '2020_data 1a', ['word 2020_data', 'word 1a']],
    [mysqls, '1 # a\n2', ['number 1', 'number 2']],
    [mysqls, '5--3', ['number 5', 'mark -', 'mark -', 'number 3']],
    [mysqls, '/*!50001 a */ /*!b*/ /*M!100100c*/ d', ['word a', 'word b', 'word c', 'word d']],
    [mysqls, '/*! a /* b */ c */ d', ['word a', 'word c', 'word d']],
    [mysqls, '2*/**/3', ['number 2', 'mark *', 'number 3']],
  ];

  for (const [on, sql, tokens] of cases) {
    for (const dialect of on) {
      it(`reads ${JSON.stringify(sql)} of ${dialect}`, () => {
        expect(tokensOf(sql, dialect).map(({ kind, text }) => `${kind} ${text}`)).to.deep.equal(tokens);
      });
    }
  }

  it('reads the same tokens with any comments between them', () => {
    const comments = { sqlite: "/* ' [ */", postgres: "/*/*'*/ $$ */", mariadb: "#'\n", mysql: '-- "\n' };
    const text = fc
      .array(fc.oneof(snippet, fc.string({ unit: 'binary', maxLength: 5 })))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom(...dialects), (sql, dialect) => {
        const tokens = tokensOf(sql, dialect);

        const spaced = tokens.map((token) => token.text).join(`\n${comments[dialect]}\n`);

        expect(tokensOf(spaced, dialect)).to.deep.equal(tokens);
      }),
      { numRuns: 1000 },
    );
  });

  for (const database of [sqliteMemory, postgresql, mariadb]) {
    it(`sees the ends of strings, names and comments where ${database.name} does`, async function () {
      if (!database.isAvailable()) this.skip();
      const { dialect } = database;
      const sequelize = await connect(database);
      const readings = { string: 0, name: 0, comment: 0 };

      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...delimiters[dialect]), snippet, async ([kind, open, close], inside) => {
          // A string that goes on in another line is two here.
          const text = `${open}${kind === 'string' ? inside.replaceAll('\n', '') : inside}${close}`;
          const sql =
            kind === 'name' ? `SELECT 1 AS ${text}` : `SELECT ${kind === 'comment' ? `'it' ${text}` : text} AS said`;
          const rows = await sequelize.query<object>(sql, { type: QueryTypes.SELECT }).catch(() => []);
          // With what the database does not take there is nothing to compare.
          const [name, value] = Object.entries(rows[0] ?? {})[0] ?? [];
          if (name === undefined || (kind !== 'name' && name !== 'said')) return;
          if (kind !== 'name' && typeof value !== 'string') return;

          const said = tokensOf(sql, dialect).map((token) => unquoted(token.text, dialect));

          // Strings in a row are one, and MariaDB trims names.
          const parts = [said[0], said.slice(1, -2).join(''), said.at(-2), said.at(-1)?.trim()];
          expect(parts, sql).to.deep.equal(['SELECT', String(value), 'AS', name.trim()]);
          readings[kind] += 1;
        }),
        { numRuns: 1000 },
      );
      for (const [kind, count] of Object.entries(readings)) expect(count, kind).to.be.greaterThan(20);
    });
  }
});

type Delimiters = readonly (readonly [kind: 'string' | 'name' | 'comment', open: string, close: string])[];

const mysqlDelimiters: Delimiters = [
  ['string', "'", "'"],
  ['string', '"', '"'],
  ['name', '`', '`'],
  ['comment', '/*', '*/'],
  ['comment', '--\n', '\n'],
  ['comment', '#', '\n'],
];
const delimiters: Readonly<Record<SqlDialect, Delimiters>> = {
  sqlite: [
    ['string', "'", "'"],
    ['name', '"', '"'],
    ['name', '`', '`'],
    ['name', '[', ']'],
    ['comment', '/*', '*/'],
    ['comment', '--', '\n'],
  ],
  postgres: [
    ['string', "'", "'"],
    ['string', "E'", "'"],
    ['string', '$$', '$$'],
    ['string', '$a$', '$a$'],
    ['name', '"', '"'],
    ['comment', '/*', '*/'],
    ['comment', '--', '\n'],
  ],
  mariadb: mysqlDelimiters,
  mysql: mysqlDelimiters,
};

describe('unquoted', () => {
  const cases: readonly [dialect: SqlDialect, text: string, said: string][] = [
    ['sqlite', '[a"b]', 'a"b'],
    ['sqlite', '"a""b``"', 'a"b``'],
    ['sqlite', "'\\n'", '\\n'],
    ['postgres', "E'a\\n\\t\\r\\\\\\'''\"\"'", 'a\n\t\r\\\'\'""'],
    ['postgres', 'U&"a""b"', 'a"b'],
    ['postgres', '$tag$a$$b$tag$', 'a$$b'],
    ['mysql', '"a""b\'\'\\""', 'a"b\'\'"'],
    ['mariadb', '`\\n```', '\\n`'],
    ['mysql', '$a$b$a$', '$a$b$a$'],
    ['postgres', 'users', 'users'],
  ];

  for (const [dialect, text, said] of cases) {
    it(`reads ${JSON.stringify(said)} in ${text} of ${dialect}`, () => {
      expect(unquoted(text, dialect)).to.equal(said);
    });
  }
});

describe('fingerprintOf', () => {
  const cases: readonly [title: string, dialect: SqlDialect, sql: string, fingerprint: string][] = [
    [
      'question marks for values',
      'postgres',
      "UPDATE users SET a = 'x', b = -1.5, c = NULL, d = $1 WHERE e = $$y$$ AND f IS true",
      'UPDATE users SET a = ?, b =- ?, c = ?, d = ? WHERE e = ? AND f IS ?',
    ],
    ['no comments', 'mysql', 'DELETE /* all */ FROM users # now\n', 'DELETE FROM users'],
    ['one space for any', 'sqlite', ' DELETE\n\tFROM  main . users ;', 'DELETE FROM main.users;'],
    ['names as they are', 'sqlite', 'UPDATE [Users] SET "a b"=`c`', 'UPDATE [Users] SET "a b" = `c`'],
    ['no strings of MySQL in double quotes', 'mysql', 'SELECT "secret", `name`', 'SELECT ?, `name`'],
    [
      'one value for a list',
      'sqlite',
      "DELETE FROM t WHERE id IN (1, -2, 'x', ?, :y)",
      'DELETE FROM t WHERE id IN (?)',
    ],
    [
      'one row for many',
      'mysql',
      "INSERT INTO t (a, b) VALUES (1, 'x'), (-2, NULL)",
      'INSERT INTO t (a, b) VALUES (?)',
    ],
    ['each row with a call', 'sqlite', 'VALUES (1, now()), (2, now())', 'VALUES (?, now ()), (?, now ())'],
    ['operators in one piece', 'postgres', "SELECT a->>'b' || c::text, d >= 1", 'SELECT a ->> ? || c :: text, d >= ?'],
  ];

  for (const [title, dialect, sql, fingerprint] of cases) {
    it(`has ${title}`, () => {
      expect(fingerprintOf(sql, dialect)).to.equal(fingerprint);
    });
  }

  it('is the same for any values', () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), snippet);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.constantFrom(...dialects), (values, dialect) => {
        const special = mysqls.includes(dialect) ? /['\\]/g : /'/g;
        const literals = values.map((one) =>
          typeof one === 'string' ? `'${one.replace(special, (char) => char + char)}'` : String(one),
        );

        const fingerprint = fingerprintOf(`INSERT INTO users VALUES (${literals.join(', ')}) RETURNING id`, dialect);

        expect(fingerprint).to.equal('INSERT INTO users VALUES (?) RETURNING id');
      }),
    );
  });
});
