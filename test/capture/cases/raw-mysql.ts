import { commonCases, commonTables, type RawCases } from './raw-case.js';

/** Read alike for MySQL, and run on MariaDB. */
export const mysqlCases: RawCases = {
  fixture: `${commonTables}
    CREATE TABLE \`update\` (id INTEGER PRIMARY KEY, \`set\` VARCHAR(9), name VARCHAR(9));
    INSERT INTO \`update\` VALUES (1, 'a', 'a'), (2, 'b', 'b'), (3, 'c', 'c');
    CREATE TABLE \`it's\` (id INTEGER PRIMARY KEY);
    INSERT INTO \`it's\` VALUES (1), (2), (3);
    CREATE TABLE 2020_01 (id INTEGER PRIMARY KEY);
    INSERT INTO 2020_01 VALUES (1), (2), (3);`,
  undo: "DROP TABLE IF EXISTS pets, users, posts, `update`, `it's`, 2020_01",
  tables: { users: 'users', posts: 'posts', update: '`update`', "it's": "`it's`", '2020_01': '2020_01' },
  exact: [
    ...commonCases,

    ["INSERT users VALUES (9, 'z')", 'create users'],
    ['INSERT INTO users SET id = 9', 'create users'],
    ["INSERT HIGH_PRIORITY IGNORE INTO users VALUES (9, 'z')", 'create users'],
    ["INSERT LOW_PRIORITY users VALUES (9, 'z')", 'create users'],
    ["INSERT INTO users VALUES (1, 'z') ON DUPLICATE KEY UPDATE name = VALUES(name)", 'upsert users'],
    ["INSERT INTO users (SELECT id, 'z' FROM posts) ON DUPLICATE KEY UPDATE name = 'z'", 'upsert users'],
    ["REPLACE users VALUES (1, 'z')", 'upsert users'],
    ["REPLACE LOW_PRIORITY INTO users SET id = 1, name = 'z'", 'upsert users'],
    ["UPDATE LOW_PRIORITY IGNORE users SET name = 'z' ORDER BY id LIMIT 2", 'update users'],
    ['DELETE LOW_PRIORITY QUICK IGNORE FROM users ORDER BY id LIMIT 2', 'destroy users'],
    ['DELETE FROM users RETURNING id', 'destroy users'],
    ['TRUNCATE users', 'destroy users'],
    ['TRUNCATE TABLE users; SELECT TRUNCATE(1.5, 0)', 'destroy users'],

    // Several tables.
    ["UPDATE users, posts SET users.name = 'z' WHERE users.id = posts.id", 'update users'],
    [
      "UPDATE users u JOIN posts AS p ON p.id = u.id AND p.id IN (1, 2) SET p.title = 'z', p.user_id = 9",
      'update posts',
    ],
    [
      "UPDATE users AS u LEFT JOIN posts p USING (id) CROSS JOIN `update` SET u.name = 'z', `update`.`set` = 'z' WHERE u.id < 9",
      'update users, update update',
    ],
    [
      "UPDATE (users u STRAIGHT_JOIN (posts p, `update` x)) SET p.title = 'z', x.name = 'y'",
      'update posts, update update',
    ],
    [
      "UPDATE users u JOIN (SELECT id, title FROM posts) p ON p.id = u.id SET u.name = CONCAT(p.title, ', p.id = 1')",
      'update users',
    ],
    ["UPDATE users u JOIN (SELECT id AS i, 'z' AS t FROM posts) p ON p.i = u.id SET name = t", 'update users'],
    ['UPDATE users u, posts p SET u.name = CONCAT((p.id), p.title) WHERE p.id = u.id', 'update users'],
    ["UPDATE users u JOIN users v ON v.id = u.id + 1 SET u.name = CONCAT(v.name, 'z')", 'update users'],
    ["UPDATE users USE INDEX (PRIMARY), posts SET posts.title = 'z' WHERE users.id = posts.id", 'update posts'],
    ['DELETE u FROM users u JOIN posts p ON p.id = u.id', 'destroy users'],
    ['DELETE p.*, users FROM users, posts AS p WHERE p.id = users.id', 'destroy posts, destroy users'],
    ['DELETE FROM u USING users AS u JOIN posts AS p ON p.id = u.id WHERE p.title > 1 - 9', 'destroy users'],
    ['DELETE FROM users, p USING users LEFT JOIN posts p ON p.id = users.id', 'destroy users, destroy posts'],
    ['DELETE U FROM users AS U', 'destroy users'],
    ['DELETE posts FROM users AS posts', 'destroy users'],
    [
      'DELETE p FROM (users u JOIN (SELECT 1 AS one) AS d ON d.one = u.id) JOIN posts p ON p.id = u.id',
      'destroy posts',
    ],

    // Names.
    ["UPDATE `update` SET `set` = 'z', `update`.`name` = 'set'", 'update update'],
    ["DELETE FROM `it's`", "destroy it's"],
    ['DELETE FROM 2020_01', 'destroy 2020_01'],
    ["SELECT 1 AS `it``s; DELETE FROM posts; '`, `update`.set FROM `update`; DELETE FROM users", 'destroy users'],
    ['SELECT 1 AS \'; DELETE FROM users\', 2 AS "; DELETE FROM posts"', ''],

    // What does not run, and what does.
    ['EXPLAIN DELETE FROM users; DESCRIBE users; EXPLAIN FORMAT=JSON UPDATE posts SET title = 1', ''],
    ['ANALYZE DELETE FROM users', 'destroy users'],
    ['ANALYZE FORMAT=JSON DELETE FROM users', 'destroy users'],
    ['SELECT * FROM users FOR UPDATE', ''],
    ["PREPARE later FROM 'DELETE FROM users'; DEALLOCATE PREPARE later", ''],
    ["EXECUTE IMMEDIATE 'DELETE FROM users'; SELECT 'DELETE FROM posts'", 'destroy users'],
    ["EXECUTE IMMEDIATE 'DELETE FROM users WHERE name <> ''DELETE FROM posts'''", 'destroy users'],
    ["DO 'DELETE FROM users'", ''],
    ['SET STATEMENT max_statement_time = 9 FOR DELETE FROM users', 'destroy users'],
    ["SET @a = 'DELETE FROM users'; DO 1, SLEEP(0); DELETE FROM posts", 'destroy posts'],
    [
      'BEGIN NOT ATOMIC DELETE FROM users; IF 1 THEN UPDATE posts SET title = 9; ELSE SELECT 1; END IF; END',
      'destroy users, update posts',
    ],
    [
      'CREATE OR REPLACE TRIGGER t AFTER DELETE ON users FOR EACH ROW BEGIN ' +
        'CASE OLD.id WHEN 1 THEN DELETE FROM posts; ELSE SET @a = CASE 1 WHEN 1 THEN 2 END; END CASE; ' +
        'IF OLD.id = 2 THEN UPDATE posts SET title = 1; END IF; END; DELETE FROM `update`; DROP TRIGGER t',
      'destroy update',
    ],
    ['CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW UPDATE posts SET title = 1; DROP TRIGGER t', ''],
    [
      'CREATE OR REPLACE DEFINER = CURRENT_USER() PROCEDURE p() BEGIN DELETE FROM users; WHILE 0 DO DELETE FROM posts; ' +
        'END WHILE; END; DROP PROCEDURE p; DELETE FROM posts',
      'destroy posts',
    ],
    ['CREATE EVENT e ON SCHEDULE EVERY 9 DAY DISABLE DO DELETE FROM users; DROP EVENT e', ''],
    [
      'CREATE TABLE pets (id INT PRIMARY KEY, name TEXT AS (REPLACE(id, 1, 2)), at TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
      '',
    ],

    // What only this dialect reads so.
    ["SELECT 'it\\'s', \"\\\"; DELETE FROM users\", '\\\\'; DELETE FROM posts", 'destroy posts'],
    ['SELECT "it\'s", \'a"b\', `id` FROM users; DELETE FROM users', 'destroy users'],
    ["SELECT 1 # it's a comment\n; DELETE FROM users # WHERE", 'destroy users'],
    ["SELECT 5--3; DELETE FROM users --\tWHERE 'x", 'destroy users'],
    ['SELECT 1 /* /* */; DELETE FROM users', 'destroy users'],
    ['/*!50001 DELETE FROM users */; /*! DELETE */ FROM posts', 'destroy users, destroy posts'],
    ['/*M!100100 DELETE FROM users */', 'destroy users'],
    ["/*!50001DELETE FROM users WHERE id = 1 */ + /* it's */ 0", 'destroy users'],
    ["SELECT 2 /*! * 1 */ */* it's */ 2; DELETE FROM users", 'destroy users'],
    ["SELECT _utf8mb4'it''s', x'00', @a, @@sql_mode, 'a' '; DELETE FROM users'", ''],
  ],
  others: [
    ["DELETE FROM `a``'b`", "destroy a`'b"],

    // MySQL 8.
    ["INSERT INTO users VALUES (1, 'z') AS new (i, n) ON DUPLICATE KEY UPDATE name = new.n", 'upsert users'],
    ['WITH RECURSIVE a (id) AS (SELECT 1) UPDATE users JOIN a USING (id) SET name = 1', 'update users'],
    ['WITH users AS (SELECT 1 AS id) UPDATE app.users JOIN users AS u SET name = 1', 'update app.users'],
    ['WITH a AS (SELECT 1 AS id), b (id) AS (SELECT 2) UPDATE users JOIN b USING (id) SET name = 1', 'update users'],
    [
      'WITH users AS (SELECT 1 AS id) SELECT * FROM users; UPDATE users, posts SET name = 1',
      'update users, update posts',
    ],
    ['WITH a AS (SELECT 1 AS id) DELETE u FROM users u JOIN a USING (id)', 'destroy users'],
    ['DELETE FROM users AS u WHERE u.id = 1', 'destroy users'],
    ['EXPLAIN ANALYZE DELETE users FROM users JOIN posts USING (id)', 'destroy users'],
    ['UPDATE users, LATERAL (SELECT 1 AS one) AS d SET name = one', 'update users'],
    ["UPDATE users, JSON_TABLE('[1]', '$[*]' COLUMNS (one INT PATH '$')) AS j SET name = one", 'update users'],

    // Where the SET does not say which table has the column.
    ["UPDATE users JOIN posts ON posts.id = users.id SET name = 'z', title = 'y'", 'update users, update posts'],
    ["UPDATE app.users u, posts SET name = 'z', posts.title = 'y'", 'update app.users, update posts'],

    ['INSERT DELAYED INTO users VALUES (9)', 'create users'],
    ['INSERT INTO app.users PARTITION (p0) VALUES (9)', 'create app.users'],
    ['UPDATE app . `users` PARTITION (p0, p1) AS u, posts SET u.name = 1', 'update app.users'],
    ['UPDATE users u SET users.name = 1', 'update users'],
    ['UPDATE :users SET name = 1', ''],
    ["UPDATE users FOR PORTION OF p FROM '2020-01-01' TO '2021-01-01' SET name = 1", 'update users'],
    ['UPDATE { OJ users u LEFT JOIN posts p ON p.id = u.id } SET u.name = p.title', 'update users'],
    ['DELETE HISTORY FROM users', 'destroy users'],
    ['DELETE app.users, posts.* FROM app.users JOIN app.posts', 'destroy app.users, destroy app.posts'],
    ['DELETE app.users FROM app.posts AS users', 'destroy app.users'],
    ["LOAD DATA LOCAL INFILE 'a, INTO TABLE b' INTO TABLE users FIELDS TERMINATED BY ','", 'create users'],
    ["LOAD XML CONCURRENT INFILE 'a' IGNORE INTO TABLE `app`.users", 'create app.users'],
    ["LOAD DATA INFILE 'a' REPLACE INTO TABLE users", 'upsert users'],
    ['UPDATE "users" SET "name" = 1', 'update users'],
    ['DELETE FROM users WHERE id IN (?, :id, @id)', 'destroy users'],
    ['IF 1 THEN UPDATE users SET name = 1; ELSE DELETE FROM users; END IF', 'update users, destroy users'],
    ['ALTER EVENT e DO DELETE FROM users', ''],
    ['GRANT UPDATE, DELETE ON users TO root', ''],
  ],
};
