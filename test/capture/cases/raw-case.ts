/** What a table of raw statements looks like, and the statements that all dialects read and run alike. */

/** SQL, and what it writes as `create users, destroy app.teams`; empty for nothing. */
export type RawCase = readonly [sql: string, writes: string];

export interface RawCases {
  /** Makes tables with three rows each, with the ids 1, 2 and 3. */
  readonly fixture: string;
  /** Undoes the fixture, and everything that a statement did. */
  readonly undo: string;
  /** The tables of the fixture, quoted, by the names that may be reported for them. */
  readonly tables: Readonly<Record<string, string>>;
  /** Statements that the database runs on the fixture, and that then write exactly this. */
  readonly exact: readonly RawCase[];
  /** Statements that not every server runs, or for which more is reported than they write. */
  readonly others: readonly RawCase[];
}

export const commonTables = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(99));
  CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title VARCHAR(99));
  INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');
  INSERT INTO posts VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');`;

export const commonCases: readonly RawCase[] = [
  ['SELECT * FROM users', ''],
  ["INSERT INTO users VALUES (9, 'z')", 'create users'],
  ['insert\tinto\nusers(id) select 9', 'create users'],
  ["UPDATE users SET name = 'z'", 'update users'],
  ["UPDATE users AS u SET name = 'z' WHERE u.id IN (SELECT user_id FROM posts)", 'update users'],
  ['DELETE FROM users WHERE id IN (SELECT user_id FROM posts)', 'destroy users'],
  ['DELETE FROM users;', 'destroy users'],
  ['DELETE FROM users; DELETE FROM users', 'destroy users'],
  [
    "DELETE FROM users; UPDATE posts SET title = 'z'; INSERT INTO users VALUES (9, 'z')",
    'destroy users, update posts, create users',
  ],
  ['INSERT INTO users SELECT id + 9, title FROM posts', 'create users'],
  ["INSERT INTO users WITH many AS (SELECT 9 AS id) SELECT id, 'z' FROM many", 'create users'],

  // Comments.
  ['-- DELETE FROM posts\nDELETE FROM users', 'destroy users'],
  ['DELETE -- FROM posts\n FROM users', 'destroy users'],
  ['/* DELETE FROM posts; */ DELETE/**/FROM/***/users', 'destroy users'],
  ["SELECT 1 -- it's a comment\n; DELETE FROM users", 'destroy users'],
  ["SELECT 1 /* it's a comment */; DELETE FROM users", 'destroy users'],

  // Values.
  ["SELECT '; DELETE FROM users'", ''],
  ["SELECT 'it''s'';'; DELETE FROM users", 'destroy users'],
  ["SELECT '/*'; DELETE FROM users; SELECT '*/'", 'destroy users'],
  ["SELECT '--'; DELETE FROM users", 'destroy users'],
  ["UPDATE users SET name = '; DELETE FROM posts'", 'update users'],

  // What only looks like a write.
  ["SELECT REPLACE('users', 'u', 'U')", ''],
  ["UPDATE users SET name = REPLACE('DELETE FROM posts', 'DELETE', 'UPDATE')", 'update users'],
  [
    'CREATE TABLE pets (id INTEGER PRIMARY KEY, user_id INTEGER, ' +
      'FOREIGN KEY (user_id) REFERENCES users (id) ON UPDATE CASCADE ON DELETE SET NULL)',
    '',
  ],
  ['CREATE VIEW names AS SELECT name FROM users; DELETE FROM posts; DROP VIEW names', 'destroy posts'],
];
