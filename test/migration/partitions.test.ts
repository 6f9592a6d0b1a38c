import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Options, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, type AuditOptions, attachAudit } from '../../lib/index.js';
import { migration } from '../../lib/migration/index.js';
import { blocksOf, read } from '../docs/pages.js';
import { postgresql } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { type Migrator, project, umzug } from './run.js';
import { storedTables } from './stored-tables.js';

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Model>;
  readonly migrator: Migrator;
  rows<T = Record<string, unknown>>(sql: string): Promise<T[]>;
}

const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-partitions-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A database with a log that a migration has partitioned, after `before` it. */
async function world(
  options: AuditOptions = {},
  settings: Options = {},
  before: (scene: World) => Promise<void> = async () => undefined,
): Promise<World> {
  const sequelize = await connect(postgresql, settings);
  await sequelize.query('DROP SCHEMA IF EXISTS history CASCADE');
  const audit = attachAudit(sequelize, options);
  const attributes = { name: DataTypes.STRING };
  const User = sequelize.define('User', attributes, { timestamps: false, schema: 'public', tableName: 'users' });
  await User.sync();
  const directory = project(folder, 'commonjs');
  const text = migration(audit, { tool: 'umzug', partition: 'monthly' });
  writeFileSync(path.join(directory, 'migrations', '1-audit.js'), text);
  const migrator = umzug(directory, sequelize, sequelize);
  const rows: World['rows'] = (sql) => sequelize.query(sql, { type: QueryTypes.SELECT }) as never;
  const scene = { sequelize, audit, User, migrator, rows };
  await before(scene);
  await migrator.up();
  return scene;
}

/** The month that begins `ahead` months after the present one, in UTC, as the names of partitions end. */
function month(ahead: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead))
    .toISOString()
    .slice(0, 7)
    .replace('-', '_');
}

/** How many entries each partition that has any has. */
async function filled({ rows }: World, log = '"AuditLogs"'): Promise<Record<string, number>> {
  const found = await rows<{ name: string; count: string }>(
    `SELECT (SELECT relname FROM pg_class WHERE oid = log.tableoid) AS name, count(*) FROM ${log} log GROUP BY log.tableoid`,
  );
  return Object.fromEntries(found.map(({ name, count }) => [name, Number(count)]));
}

/** An entry as it would have been written at a time. */
async function enter({ sequelize }: World, recordId: string, name: string, at: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'add', path: '', value: { id: Number(recordId), name } }]);
  await sequelize.query(
    `INSERT INTO "AuditLogs" ("modelName", "recordId", action, patch, "changesetId", "createdAt")
     VALUES ('User', '${recordId}', 'create', '${patch}', gen_random_uuid(), '${at}')`,
  );
}

describe('a log in monthly partitions', () => {
  it('has those of this month and twelve more, keyed by id and time, and indexes as ever', async () => {
    const { audit, sequelize } = await world({ indexes: { attributes: ['name'], meta: ['requestId'] } });
    const tables = await storedTables(sequelize);
    const log = tables['"AuditLogs"'] as { constraints: { sql: string }[]; indexes: { sql: string }[] };

    audit.detach();
    await sequelize.query('DROP TABLE "AuditLogs"');
    const whole = attachAudit(sequelize, { indexes: { attributes: ['name'], meta: ['requestId'] } });
    await whole.AuditLog.sync();
    const plain = (await storedTables(sequelize))['"AuditLogs"'] as typeof log & { columns: unknown };

    const names = [...Array.from({ length: 13 }, (_, ahead) => month(ahead)), 'default'];
    expect(Object.keys(tables).filter((name) => name.startsWith('"AuditLogs_'))).to.have.members(
      names.map((name) => `"AuditLogs_${name}"`),
    );
    expect(log.constraints.map(({ sql }) => sql)).to.include('PRIMARY KEY (id, "createdAt")');
    expect({ ...log, constraints: null, indexes: null }).to.deep.equal({ ...plain, constraints: null, indexes: null });
    const created = ({ indexes }: typeof log) =>
      indexes
        .map(({ sql }) => sql.replace(' ON ONLY ', ' ON '))
        .filter((sql) => !sql.includes('_pkey'))
        .sort();
    expect(created(log)).to.deep.equal(created(plain));
    expect(created(log)).to.have.lengthOf(6);
  });

  it('is written, read, reverted, undone, verified and asked as any other', async () => {
    const { audit, User, ...rest } = await world();
    const scene = { audit, User, ...rest };

    const user = await User.create({ name: 'Ada' }, { audit: { actor: 'ada' } });
    await rest.sequelize.transaction(async (transaction) => {
      await user.update({ name: 'Ben' }, { transaction });
      await User.bulkCreate([{ name: 'Cyd' }, { name: 'Dan' }], { transaction });
    });
    await User.update({ name: 'Eve' }, { where: {} });
    const history = audit.history(user);
    await history.revertTo(1);
    const last = (await audit.entries({ limit: 1 }))[0];
    await audit.undo(last?.id as string);

    const entry = (await audit.AuditLog.findByPk(1)) as Model | null;
    expect([entry?.get('action'), entry?.get('actor')]).to.deep.equal(['create', 'ada']);
    expect(await audit.AuditLog.findByPk(99)).to.equal(null);
    expect((await history.revisions()).map(({ id, action }) => [id, action])).to.deep.equal([
      ['1', 'create'],
      ['2', 'update'],
      ['5', 'update'],
      ['8', 'update'],
      ['9', 'update'],
    ]);
    expect((await history.at(2))?.get('name')).to.equal('Ben');
    expect((await audit.blame(user))?.map(({ path: at, entry: { id } }) => [at, id])).to.deep.equal([
      ['/id', '1'],
      ['/name', '9'],
    ]);
    expect((await audit.entries({ since: new Date(Date.now() - 3_600_000) })).length).to.equal(9);
    expect((await audit.verify()).differences).to.deep.equal([]);
    expect(await filled(scene)).to.deep.equal({ [`AuditLogs_${month(0)}`]: 9 });
  });

  it('finds a record, and a span of time, by an index of the partitions they can be in', async () => {
    const scene = await world();
    for (const [id, at] of [
      ['1', '2020-01-15T00:00:00Z'],
      ['2', '2020-02-15T00:00:00Z'],
    ] as const)
      await enter(scene, id, 'old', at);
    await scene.rows('SELECT "AuditLogs_add_partitions"()');
    await scene.User.create({ name: 'Ada' });
    const plan = (sql: string) =>
      scene.sequelize.transaction(async (transaction) => {
        // A table of few rows is read as a whole, whatever indexes it has.
        await scene.sequelize.query('SET LOCAL enable_seqscan = off', { transaction });
        await scene.sequelize.query('SET LOCAL enable_bitmapscan = off', { transaction });
        const options = { transaction, type: QueryTypes.SELECT } as const;
        const lines = await scene.sequelize.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${sql}`, options);
        return lines.map((line) => line['QUERY PLAN']).join('\n');
      });

    const span = await plan(
      `SELECT * FROM "AuditLogs" WHERE "createdAt" >= '2020-02-01Z' AND "createdAt" < '2020-02-20Z'`,
    );
    const record = await plan(
      `SELECT * FROM "AuditLogs" WHERE "modelName" = 'User' AND "recordId" = '1' ORDER BY id LIMIT 10`,
    );

    expect(span).to.include('AuditLogs_2020_02');
    expect(span).not.to.match(/2020_01|default/);
    expect(record).to.include('Merge Append');
    expect(record).not.to.include('Sort\n');
    expect(record.match(/Index Scan using "AuditLogs_\w+_modelName_recordId_id_idx"/g)).to.have.lengthOf(16);
  });

  it('takes what has no partition into the default one, and moves it to its month when partitions are added', async () => {
    const scene = await world();
    const times = [
      '2019-12-31T23:59:59.999Z',
      '2020-01-01T00:00:00.000Z',
      '2020-01-31T23:59:59.999Z',
      '2020-02-01T00:00:00Z',
    ];
    for (const [index, at] of times.entries()) await enter(scene, String(index + 1), `u${index}`, at);
    const before = await filled(scene);

    const added = await scene.rows<{ name: string }>(`SELECT "AuditLogs_add_partitions"(14) AS name`);
    const again = await scene.rows('SELECT "AuditLogs_add_partitions"(14)');

    expect(before).to.deep.equal({ AuditLogs_default: 4 });
    expect(added.map(({ name }) => name)).to.deep.equal(
      ['2019_12', '2020_01', '2020_02', month(13), month(14)].map((end) => `AuditLogs_${end}`),
    );
    expect(again).to.deep.equal([]);
    expect(await filled(scene)).to.deep.equal({ AuditLogs_2019_12: 1, AuditLogs_2020_01: 2, AuditLogs_2020_02: 1 });
    expect((await scene.audit.AuditLog.findAll({ order: ['id'], raw: true })).map(({ id }) => id)).to.deep.equal([
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  it('lets go of months as tables of their own, after which a baseline gives the rest its beginning', async () => {
    const scene = await world();
    const { audit, User, rows } = scene;
    const [kept] = await User.bulkCreate([{ name: 'Ada' }, { name: 'Ben' }]);
    await scene.sequelize.query(`UPDATE "AuditLogs" SET "createdAt" = '2020-01-15T00:00:00Z' WHERE "recordId" = '1'`);
    await rows('SELECT "AuditLogs_add_partitions"()');
    await kept?.update({ name: 'Ada L.' });

    const detached = await rows<{ name: string }>(`SELECT "AuditLogs_detach_partitions"('2020-02-29') AS name`);
    const unknown = await audit.verify();
    const { written } = await audit.baseline();
    const verified = await audit.verify();

    expect(detached).to.deep.equal([{ name: 'AuditLogs_2020_01' }]);
    expect(await rows('SELECT "recordId", action FROM "AuditLogs_2020_01"')).to.deep.equal([
      { recordId: '1', action: 'create' },
    ]);
    expect(unknown.differences.map(({ recordId }) => recordId)).to.deep.equal(['1']);
    expect(written).to.equal(1);
    expect(verified.differences).to.deep.equal([]);
    expect((await audit.history(User, 1).at(new Date()))?.get('name')).to.equal('Ada L.');
    expect(await rows(`SELECT "AuditLogs_detach_partitions"(now()::date)`)).to.deep.equal([]);
  });

  it('numbers entries by one sequence, so that no two in all partitions have one id', async () => {
    const scene = await world();
    await enter(scene, '1', 'old', '2020-01-15T00:00:00Z');
    await scene.rows('SELECT "AuditLogs_add_partitions"()');
    await Promise.all(Array.from({ length: 20 }, (_, index) => scene.User.create({ name: `u${index}` })));
    await enter(scene, '2', 'old', '2020-01-16T00:00:00Z');

    const [counted] = await scene.rows('SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids FROM "AuditLogs"');

    expect(counted).to.deep.equal({ rows: 22, ids: 22 });
    // What the key of the table does not refuse any more.
    await scene.sequelize.query(
      `INSERT INTO "AuditLogs" SELECT id, "modelName", "recordId", action, patch, "changesetId", actor, reason, meta, now() FROM "AuditLogs" WHERE id = 1`,
    );
    expect(await scene.rows('SELECT id FROM "AuditLogs" WHERE id = 1')).to.have.lengthOf(2);
  });

  it('is left as it is by sync, but for indexes that are missing', async () => {
    const scene = await world();
    const before = await storedTables(scene.sequelize);

    await scene.sequelize.sync();
    await scene.sequelize.sync({ alter: true });
    const after = await storedTables(scene.sequelize);
    scene.audit.detach();
    const more = attachAudit(scene.sequelize, { indexes: { action: true } });
    for (let run = 0; run < 2; run += 1) await more.AuditLog.sync();
    const added = await scene.rows(`SELECT tablename FROM pg_indexes WHERE indexname = 'AuditLogs_by_action'`);

    expect(after).to.deep.equal(before);
    expect(added).to.deep.equal([{ tablename: 'AuditLogs' }]);
  });

  it('follows schema, name and underscored, and is taken away as a whole', async () => {
    const settings = { define: { underscored: true } };
    const scene = await world({ schema: 'history', tableName: "Our 100%s log's" }, settings);
    await scene.User.create({ name: 'Ada' });
    await scene.sequelize.query(`UPDATE history."Our 100%s log's" SET created_at = '2020-01-15Z'`);

    const added = await scene.rows<{ name: string }>(`SELECT history."Our 100%s log's_add_partitions"(12) AS name`);
    const moved = await filled(scene, `history."Our 100%s log's"`);
    await scene.rows(`SELECT history."Our 100%s log's_detach_partitions"('2020-02-01')`);
    await scene.sequelize.query(`DROP TABLE history."Our 100%s log's_2020_01"`);
    await scene.migrator.down();

    expect(added).to.deep.equal([{ name: "Our 100%s log's_2020_01" }]);
    expect(moved).to.deep.equal({ "Our 100%s log's_2020_01": 1 });
    expect(Object.keys(await storedTables(scene.sequelize))).to.have.members(['users', 'sequelize_meta']);
    expect(await scene.rows(`SELECT proname FROM pg_proc WHERE proname LIKE '%_partitions'`)).to.deep.equal([]);
  });

  it('is taken away also when a month was detached, which stays', async () => {
    const scene = await world();
    await enter(scene, '1', 'old', '2020-01-15T00:00:00Z');
    await scene.rows('SELECT "AuditLogs_add_partitions"()');
    await scene.rows(`SELECT "AuditLogs_detach_partitions"('2020-02-01')`);

    await scene.migrator.down();

    expect(Object.keys(await storedTables(scene.sequelize))).to.have.members([
      'users',
      '"SequelizeMeta"',
      '"AuditLogs_2020_01"',
    ]);
  });

  it('takes over a log that was there before, as docs/partitions.md says', async () => {
    const [add, detach, before, after] = blocksOf(read('docs/partitions.md'), 'sql');
    const scene = await world({}, {}, async ({ audit, sequelize, User }) => {
      await audit.AuditLog.sync();
      const [old] = await User.bulkCreate([{ name: 'Ada' }, { name: 'Ben' }]);
      await old?.update({ name: 'Ada L.' });
      await sequelize.query(`UPDATE "AuditLogs" SET "createdAt" = '2020-01-15T00:00:00Z' WHERE id < 3`);
      await sequelize.query(before as string);
    });

    await scene.sequelize.query(after as string);
    const moved = await filled(scene);
    await scene.User.create({ name: 'Cyd' });
    const history = await scene.audit.history(scene.User, 1).revisions();
    const verified = await scene.audit.verify();

    expect(moved).to.deep.equal({ AuditLogs_2020_01: 2, [`AuditLogs_${month(0)}`]: 1 });
    expect(history.map(({ id, action }) => [id, action])).to.deep.equal([
      ['1', 'create'],
      ['3', 'update'],
    ]);
    expect(verified.differences).to.deep.equal([]);
    expect((await scene.audit.entries({ limit: 1 })).map(({ id }) => id)).to.deep.equal(['4']);
    expect(await scene.rows(add as string)).to.deep.equal([]);
    expect(await scene.rows(detach as string)).to.deep.equal([{ AuditLogs_detach_partitions: 'AuditLogs_2020_01' }]);
  });

  it('refuses a name that leaves no room for those of its partitions', async () => {
    const sequelize = await connect(postgresql);
    const audit = attachAudit(sequelize, { tableName: 'x'.repeat(46) });

    expect(() => migration(audit, { partition: 'monthly' })).to.throw(
      'expected a table whose name has at most 45 bytes, which leaves room for those of its partitions, got "xxx',
    );
  });
});
