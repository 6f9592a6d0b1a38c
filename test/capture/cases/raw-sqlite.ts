import { commonCases, commonTables, type RawCases } from './raw-case.js';

export const sqliteCases: RawCases = {
  fixture: `ATTACH ':memory:' AS app;
    BEGIN;
    ${commonTables}
    CREATE TABLE [update] (id INTEGER PRIMARY KEY, [set] TEXT, "delete" TEXT);
    INSERT INTO [update] VALUES (1, 'a', 'a'), (2, 'b', 'b'), (3, 'c', 'c');
    CREATE TABLE "a.""b" (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO "a.""b" VALUES (1, 'a'), (2, 'b'), (3, 'c');
    CREATE TABLE app.teams (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO app.teams VALUES (1, 'a'), (2, 'b'), (3, 'c');`,
  undo: 'ROLLBACK; DETACH app',
  tables: {
    users: 'users',
    'main.users': 'users',
    posts: 'posts',
    update: '[update]',
    'a."b': '"a.""b"',
    'app.teams': 'app.teams',
  },
  exact: [
    ...commonCases,

    ["INSERT OR REPLACE INTO users VALUES (1, 'z')", 'upsert users'],
    ["REPLACE INTO users VALUES (1, 'z')", 'upsert users'],
    ["INSERT OR IGNORE INTO users VALUES (1, 'z'), (9, 'z')", 'create users'],
    ["INSERT OR ROLLBACK INTO users VALUES (9, 'z')", 'create users'],
    ["UPDATE OR IGNORE users SET name = 'z'", 'update users'],
    ["INSERT INTO users VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET name = excluded.name", 'upsert users'],
    ["INSERT INTO users VALUES (9, 'z') ON CONFLICT DO NOTHING", 'create users'],
    ["INSERT INTO users SELECT id, 'z' FROM posts WHERE true ON CONFLICT DO UPDATE SET name = 'y'", 'upsert users'],
    ['UPDATE users AS u SET name = title || 1 FROM posts WHERE posts.user_id = u.id', 'update users'],
    ["UPDATE users AS u NOT INDEXED SET name = 'z'", 'update users'],
    ['DELETE FROM users RETURNING *', 'destroy users'],

    [';; DELETE FROM users;', 'destroy users'],

    // Names.
    ['UPDATE [update] SET [set] = \'z\', "delete" = `set`', 'update update'],
    ["UPDATE 'update' SET 'set' = 'z'", 'update update'],
    ['INSERT INTO "a.""b" VALUES (9, \'z\')', 'create a."b'],
    ['DELETE FROM `a."b`', 'destroy a."b'],
    ['DELETE FROM main . users', 'destroy main.users'],
    ['DELETE FROM "main"."users"', 'destroy main.users'],
    ['DELETE FROM [app].`teams`', 'destroy app.teams'],
    ['SELECT 1 AS [it\'s], 2 AS "[", 3 AS `]`; DELETE FROM users', 'destroy users'],
    ['SELECT "set", "delete" AS "update" FROM "update"', ''],

    // CTEs.
    ['WITH users AS (SELECT 1 AS id) DELETE FROM posts WHERE id IN users', 'destroy posts'],
    [
      'WITH a AS (SELECT 1 AS id), b (id) AS NOT MATERIALIZED (SELECT 2) UPDATE users SET name = (SELECT id FROM b)',
      'update users',
    ],
    [
      'WITH RECURSIVE n(i) AS (SELECT 10 UNION SELECT i + 1 FROM n WHERE i < 12) INSERT INTO users SELECT i, i FROM n',
      'create users',
    ],

    // What does not run.
    ["EXPLAIN DELETE FROM users; EXPLAIN QUERY PLAN UPDATE posts SET title = 'z'", ''],
    [
      'CREATE TRIGGER t AFTER DELETE ON users BEGIN ' +
        "UPDATE posts SET title = CASE WHEN 1 THEN 'y' ELSE 'z' END; DELETE FROM posts; END; " +
        "INSERT INTO users VALUES (9, 'z')",
      'create users',
    ],
    ['CREATE TEMP TRIGGER t UPDATE OF name ON users WHEN (new.id > 1) BEGIN DELETE FROM posts; END', ''],
    ['CREATE TABLE pets (id INTEGER, name TEXT AS (replace(id, 1, 2)) STORED)', ''],

    // What only this dialect reads so.
    ['\ufeffDELETE FROM users', 'destroy users'],
    ["SELECT '\\'; DELETE FROM users; --'", 'destroy users'],
    ['DELETE FROM users /* and so on', 'destroy users'],
    ['SELECT 5--3\n; DELETE FROM users', 'destroy users'],
    ['SELECT 1 /* /* */; DELETE FROM users', 'destroy users'],
    ['SELECT 1 /*! ; DELETE FROM users */', ''],
  ],
  others: [
    ['INSERT INTO users VALUES (?, :set, @update, $delete, ?2)', 'create users'],
    ['UPDATE only SET a = 1', 'update only'],
  ],
};
