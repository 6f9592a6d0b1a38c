import { commonCases, commonTables, type RawCases } from './raw-case.js';

export const postgresCases: RawCases = {
  fixture: `BEGIN;
    ${commonTables}
    CREATE TABLE "Users" (id int PRIMARY KEY, update int, delete text, set int);
    INSERT INTO "Users" VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3);
    CREATE TABLE "update" (id int PRIMARY KEY, name text);
    INSERT INTO "update" VALUES (1, 'a'), (2, 'b'), (3, 'c');
    CREATE SCHEMA "App";
    CREATE TABLE "App"."a ""b" (id int PRIMARY KEY, name text);
    INSERT INTO "App"."a ""b" VALUES (1, 'a'), (2, 'b'), (3, 'c');
    CREATE TABLE "É" (id int PRIMARY KEY);
    INSERT INTO "É" VALUES (1), (2), (3);`,
  undo: 'ROLLBACK',
  tables: {
    users: 'users',
    'public.users': 'users',
    posts: 'posts',
    Users: '"Users"',
    update: '"update"',
    'App.a "b': '"App"."a ""b"',
    É: '"É"',
  },
  exact: [
    ...commonCases,

    ["INSERT INTO users VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET name = excluded.name", 'upsert users'],
    ["INSERT INTO users AS u VALUES (9, 'z') ON CONFLICT DO NOTHING RETURNING u.id", 'create users'],
    ['INSERT INTO posts SELECT id + 9 FROM users FOR NO KEY UPDATE', 'create posts'],
    ["UPDATE ONLY (users) AS u SET name = title || 'z' FROM posts WHERE posts.id = u.id", 'update users'],
    ['DELETE FROM ONLY users USING posts WHERE posts.id = users.id', 'destroy users'],
    ['DELETE FROM users * u USING posts AS p WHERE p.id = u.id', 'destroy users'],
    ['TRUNCATE users', 'destroy users'],
    [
      'TRUNCATE TABLE ONLY users, posts *, "Users" RESTART IDENTITY CASCADE',
      'destroy users, destroy posts, destroy Users',
    ],
    [
      'MERGE INTO users AS u USING posts AS p ON u.id = p.id + 1 WHEN MATCHED AND u.id = 2 THEN DELETE ' +
        'WHEN MATCHED THEN UPDATE SET name = title WHEN NOT MATCHED THEN INSERT (id, name) VALUES (p.id + 9, title)',
      'upsert users',
    ],
    ["COPY users (id, name) FROM PROGRAM 'echo 9,z' (FORMAT csv)", 'create users'],
    ["COPY users (id) TO PROGRAM 'cat'", ''],
    ["COPY (DELETE FROM users RETURNING id) TO PROGRAM 'cat'", 'destroy users'],

    // Names.
    ['UPDATE Users SET Name = 1', 'update users'],
    ['UPDATE "Users" SET update = 9, delete = set, set = 9', 'update Users'],
    ['DELETE FROM PUBLIC . Users', 'destroy public.users'],
    ['DELETE FROM "public".USERS', 'destroy public.users'],
    ['DELETE FROM postgres.public."users"', 'destroy public.users'],
    ['DELETE FROM "App"."a ""b"', 'destroy App.a "b'],
    ['DELETE FROM U&"users"', 'destroy users'],
    ['UPDATE update SET name = 1', 'update update'],
    ['DELETE FROM É', 'destroy É'],
    ['SELECT update, "Users".delete, set AS update FROM "Users" ORDER BY (delete), 1', ''],
    ['SELECT CASE WHEN true THEN update ELSE set END FROM "Users"', ''],
    ['SELECT substring(delete FROM 2) FROM "Users"', ''],
    ['SELECT * FROM (VALUES (1, 2)) AS x (update, delete)', ''],
    ['SELECT update FROM json_to_record(\'{"update":1}\') AS (update text, delete int)', ''],
    ['CREATE TABLE pets (update int, twice int GENERATED ALWAYS AS (update + update) STORED)', ''],

    // CTEs.
    ['WITH a AS (DELETE FROM users RETURNING *) SELECT * FROM a', 'destroy users'],
    [
      'WITH a AS MATERIALIZED (DELETE FROM users RETURNING *), b (id) AS NOT MATERIALIZED (SELECT 1), ' +
        'c AS (INSERT INTO posts SELECT id + 9 FROM a ON CONFLICT (id) DO UPDATE SET id = 99 RETURNING id) ' +
        'UPDATE "Users" SET update = 9 FROM c',
      'destroy users, upsert posts, update Users',
    ],
    [
      'WITH gone AS (DELETE FROM posts RETURNING *) INSERT INTO users SELECT id + 9, title FROM gone',
      'destroy posts, create users',
    ],
    [
      'WITH posts AS (INSERT INTO users VALUES (9) RETURNING *) INSERT INTO "update" SELECT * FROM posts ' +
        'ON CONFLICT (id) DO UPDATE SET name = 1',
      'create users, upsert update',
    ],
    [
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) ' +
        'SEARCH DEPTH FIRST BY i SET place CYCLE i SET again USING trail DELETE FROM users WHERE id IN (SELECT i FROM n)',
      'destroy users',
    ],
    [
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) ' +
        'CYCLE i SET again USING trail DELETE FROM users WHERE id IN (SELECT i FROM n)',
      'destroy users',
    ],
    ['(WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a) UNION (SELECT 1)', ''],

    ['CREATE TABLE pets AS WITH a AS (DELETE FROM users RETURNING *) SELECT * FROM a', 'destroy users'],
    ['WITH a AS (DELETE FROM users RETURNING *) SELECT * INTO pets FROM a', 'destroy users'],

    // What does not run, and what does.
    ['EXPLAIN DELETE FROM users; EXPLAIN (ANALYZE off, VERBOSE) DELETE FROM users', ''],
    ['EXPLAIN WITH a AS (DELETE FROM users RETURNING *) SELECT * FROM a; DELETE FROM posts', 'destroy posts'],
    ['EXPLAIN DELETE FROM users; DELETE FROM posts', 'destroy posts'],
    ['EXPLAIN ANALYZE VERBOSE DELETE FROM users', 'destroy users'],
    ['EXPLAIN (COSTS off, ANALYZE, BUFFERS false) DELETE FROM users', 'destroy users'],
    ['PREPARE later (int) AS DELETE FROM users; DEALLOCATE later', ''],
    ['PREPARE later AS WITH a AS (DELETE FROM users RETURNING *) SELECT * FROM a; DEALLOCATE later', ''],
    ["PREPARE later (text) AS SELECT $1; EXECUTE later ('DELETE FROM users'); DEALLOCATE later", ''],
    ['SELECT * FROM users FOR UPDATE OF users', ''],
    ['SELECT id AS "update" INTO TEMP pets FROM users', ''],
    ['GRANT UPDATE ON users TO postgres; REVOKE INSERT, DELETE ON users FROM PUBLIC', ''],
    [
      'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM users; RETURN NULL; END $$; ' +
        'CREATE TRIGGER t AFTER UPDATE OR DELETE ON posts FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO posts VALUES (9)',
      'create posts',
    ],
    [
      'CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM users; ' +
        'UPDATE posts SET id = CASE WHEN true THEN 1 ELSE 2 END; END; INSERT INTO posts VALUES (9)',
      'create posts',
    ],
    ["CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM users; DELETE FROM posts'", ''],
    [
      'CREATE RULE r AS ON DELETE TO users DO INSTEAD (DELETE FROM posts; DELETE FROM "Users"); INSERT INTO posts VALUES (9)',
      'create posts',
    ],
    ['CREATE VIEW pets AS SELECT 1 AS begin; DELETE FROM users', 'destroy users'],
    ["CREATE FUNCTION f(begin int) RETURNS int LANGUAGE sql AS 'SELECT 1'; DELETE FROM users", 'destroy users'],
    ['CREATE POLICY p ON users FOR UPDATE USING (true)', ''],
    ['DO $$ BEGIN DELETE FROM users; END $$', 'destroy users'],
    ['DO $$ BEGIN INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 9; END $$', 'upsert users'],
    [
      "DO LANGUAGE plpgsql 'BEGIN UPDATE users SET name = ''z''; END'; DELETE FROM posts",
      'update users, destroy posts',
    ],
    [
      `DO $code$
        DECLARE one record;
        BEGIN
          <<outer>> FOR one IN DELETE FROM users RETURNING * LOOP
            IF one.id = 1 THEN INSERT INTO posts VALUES (9); ELSE UPDATE "update" SET name = 'z'; END IF;
          END LOOP;
          EXECUTE 'DELETE FROM "Users"';
          PERFORM id FROM posts FOR UPDATE;
        END $code$`,
      'destroy users, create posts, update update, destroy Users',
    ],

    [
      'DO $a$ BEGIN EXECUTE $b$ DO $c$ BEGIN DELETE FROM users; END $c$ $b$; END $a$; DELETE FROM posts',
      'destroy users, destroy posts',
    ],

    // What only this dialect reads so.
    ["SELECT 1 /* /* */ ; DELETE FROM posts; ' */; DELETE FROM users", 'destroy users'],
    ['SELECT $$; DELETE FROM users; $$, $a$ $$ ; DELETE FROM users; $b$ $a$; DELETE FROM posts', 'destroy posts'],
    ["SELECT E'\\'; DELETE FROM users; --', e'\\\\'; DELETE FROM posts", 'destroy posts'],
    ["SELECT '\\'; DELETE FROM users; --'", 'destroy users'],
    ['SELECT 5--3\n; DELETE FROM users', 'destroy users'],
    ["SELECT U&'it''s', B'1', X'1', N'''', 1::text, '{}'::jsonb #> '{}'; DELETE FROM users", 'destroy users'],
    ['SELECT 1 AS a$b$, 2 AS c$b$; DELETE FROM users', 'destroy users'],
    ['SELECT 1 AS "it\'s"; DELETE FROM users', 'destroy users'],
  ],
  others: [
    ['COPY users FROM STDIN', 'create users'],
    ['COPY BINARY "Users" (id, "update") FROM STDIN WITH OIDS', 'create Users'],
    ['UPDATE :users SET name = 1', ''],
    ['DO $a$ $b$ $c$ $d$ DELETE FROM users $d$ $c$ $b$ $a$', ''],
    ['UPDATE users SET name = $1 WHERE id = ANY ($2::int[])', 'update users'],
    ["UPDATE users FOR PORTION OF valid_at FROM '2020-01-01' TO '2021-01-01' AS u SET name = 1", 'update users'],
    ['DO $$ BEGIN NULL; EXCEPTION WHEN others THEN DELETE FROM posts; END $$', 'destroy posts'],
    ["DO $$ BEGIN EXECUTE 'UPDATE ' || quote_ident('users') || ' SET name = 1'; END $$", ''],
    ['DO $$ BEGIN RETURN QUERY DELETE FROM users RETURNING *; END $$', 'destroy users'],
    [
      'DO $$ BEGIN MERGE INTO users USING posts ON true WHEN MATCHED THEN UPDATE SET name = 1 ' +
        'WHEN NOT MATCHED THEN INSERT VALUES (1); END $$',
      'upsert users',
    ],
  ],
};
