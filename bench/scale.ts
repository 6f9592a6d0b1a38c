/**
 * Grows one log on a durable PostgreSQL, and says at each size what it takes, and what writing and asking cost:
 * `npm run bench:scale -- --entries 10000,100000,1000000,10000000`.
 *
 * Ten entries for each row of a table of twelve columns: one create, nine updates of one field and `updatedAt`, spread over the
 * log as they would be. From 100,000 on one record has 10,000 revisions more.
 */
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DataTypes, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from './built.js';
import { columns, defineUser } from './models.js';
import { open, places, stopServers } from './places.js';

const { values } = parseArgs({ options: { entries: { type: 'string', default: '10000,100000,1000000' } } });
const sizes = values.entries.split(',').map(Number);
const perRecord = 10;
const long = { id: 900_000_000, revisions: 10_000, from: 100_000 };
/**
 * Of the first entry; each is a millisecond after the one before. It lies ahead, so that the entries of what is measured in
 * between stand before all others in an index by time, which then still grows at its end.
 */
const begin = '2100-01-01T00:00:00Z';

const place = places.find(({ name }) => name === 'PostgreSQL');
if (!place) throw new Error('expected a place called PostgreSQL');
await place.start();
const sequelize = await open(await place.make('scale'));
const audit = attachAudit(sequelize, { exclude: ['Plain'] });
const User = defineUser(sequelize);
const Plain = defineUser(sequelize, 'Plain');
await sequelize.sync();
const select = <T extends object>(sql: string) => sequelize.query<T>(sql, { type: QueryTypes.SELECT });
const run = (sql: string) => audit.unaudited('rows to measure', () => sequelize.query(sql, { type: QueryTypes.RAW }));
const number = (value: number) => Math.round(value).toLocaleString('en');

console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}`);
await bytesByType();
let records = 0;
for (const size of sizes) {
  const start = performance.now();
  await grow(size);
  console.log(`\n## ${number(size)} entries, ${number(records)} rows (filled in ${seconds(start)} s)\n`);
  await storage(size);
  await writes();
  await questions();
  if (size >= long.from) await history();
  if (size === 1_000_000) await everything();
  if (size > 1_000_000) await verified();
}
await sequelize.close();
await stopServers();
process.exit(0);

/** What the entry of an update of one attribute takes in the table, by its type; `updatedAt` and the indexes come on top. */
async function bytesByType(): Promise<void> {
  const { BOOLEAN, INTEGER, BIGINT, DECIMAL, DOUBLE, DATE, DATEONLY, UUID, STRING, TEXT, JSONB, BLOB } = DataTypes;
  // Not of one letter, which PostgreSQL would compress.
  const text = (length: number, at: number) =>
    Array.from({ length: Math.ceil(length / 43) }, (_, line) =>
      createHash('sha256').update(`${at} ${line}`).digest('base64url'),
    )
      .join('')
      .slice(0, length);
  const uuid = (at: number) => `${at}b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed`;
  const document = (at: number) => ({
    theme: { dark: at, colours: ['red', 'green', 'blue'] },
    tags: ['a', 'b'],
    count: 7,
  });
  const values: Record<string, [unknown, (at: number) => unknown]> = {
    BOOLEAN: [BOOLEAN, (at) => at === 1],
    INTEGER: [INTEGER, (at) => 1000 + at],
    BIGINT: [BIGINT, (at) => `900719925474099${at}`],
    'DECIMAL(10, 2)': [DECIMAL(10, 2), (at) => `12${at}.50`],
    DOUBLE: [DOUBLE, (at) => at / 7],
    DATE: [DATE, (at) => new Date(1_767_225_600_000 + at)],
    DATEONLY: [DATEONLY, (at) => `2026-01-0${at}`],
    UUID: [UUID, uuid],
    'STRING of 20 characters': [STRING, (at) => text(20, at)],
    'TEXT of 200 characters': [TEXT, (at) => text(200, at)],
    'TEXT of 2,000 characters': [TEXT, (at) => text(2000, at)],
    'JSONB, one member of six': [JSONB, document],
    'BLOB of 100 bytes': [BLOB, (at) => Buffer.alloc(100, at)],
  };
  const attributes = Object.fromEntries(Object.values(values).map(([type], index) => [`value${index}`, { type }]));
  const Typed = sequelize.define('Typed', attributes as never, { timestamps: false });
  await Typed.sync();
  const at = (turn: number) =>
    Object.fromEntries(Object.values(values).map(([, make], index) => [`value${index}`, make(turn)]));
  const row = await Typed.create(at(1));
  for (const [name, value] of Object.entries(at(2))) await row.update({ [name]: value });
  const sizes = await select<{ bytes: number }>(
    `SELECT pg_column_size(a.*) AS bytes FROM "AuditLogs" AS a WHERE "modelName" = 'Typed' AND action = 'update' ORDER BY id`,
  );
  console.log('\n| an update of one | bytes of its entry |\n|---|---|');
  for (const [index, name] of Object.keys(values).entries()) console.log(`| ${name} | ${sizes[index]?.bytes} |`);
  // No row is without an entry, as verify and asOf would say.
  await run('DELETE FROM "Typeds"');
  await run('TRUNCATE "AuditLogs"');
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}

/** Rows and their entries, as the library would have written them; `verify` compares them. */
async function grow(size: number): Promise<void> {
  const isFirstLong = size >= long.from && (await audit.AuditLog.count({ where: { recordId: String(long.id) } })) === 0;
  const upTo = Math.floor((size - (size >= long.from ? long.revisions : 0)) / perRecord);
  const at = (entry: string) => `'${begin}'::timestamptz + (${entry}) * interval '1 millisecond'`;
  const iso = (time: string) => `to_char((${time}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const row = (id: string, visits: string, created: string, updated: string) =>
    `SELECT ${id}, 'user' || ${id} || '@example.org', 'User ' || ${id}, 'Utrecht', 'Likes long walks, short functions and tables with few columns.', ` +
    `${visits}, 0.5, true, 12.50, '${begin}'::timestamptz, ${created}, ${updated}`;
  const document = (id: string, time: string) =>
    `jsonb_build_object('id', ${id}, 'email', 'user' || ${id} || '@example.org', 'name', 'User ' || ${id}, 'city', 'Utrecht', ` +
    `'bio', 'Likes long walks, short functions and tables with few columns.', 'visits', 0, 'score', 0.5, 'isActive', true, ` +
    `'price', '12.50', 'seenAt', ${iso(`'${begin}'::timestamptz`)}, 'createdAt', ${iso(time)}, 'updatedAt', ${iso(time)})`;
  // As the library makes one: it begins with the time.
  const idOf = (time: string) =>
    `(lpad(to_hex((extract(epoch FROM ${time}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid`;
  const entries = (from: string, id: string, k: string, time: (k: string) => string, order: string) => `
    INSERT INTO "AuditLogs" ("modelName", "recordId", action, patch, "changesetId", actor, "createdAt")
    SELECT 'User', ${id}::text, CASE WHEN ${k} = 0 THEN 'create' ELSE 'update' END,
      CASE WHEN ${k} = 0 THEN jsonb_build_array(jsonb_build_object('op', 'add', 'path', '', 'value', ${document(id, time('0'))}))
      ELSE jsonb_build_array(
        jsonb_build_object('op', 'test', 'path', '/visits', 'value', ${k} - 1),
        jsonb_build_object('op', 'replace', 'path', '/visits', 'value', ${k}),
        jsonb_build_object('op', 'test', 'path', '/updatedAt', 'value', ${iso(time(`(${k} - 1)`))}),
        jsonb_build_object('op', 'replace', 'path', '/updatedAt', 'value', ${iso(time(k))})) END,
      ${idOf(time(k))}, 'user:' || (${id} % 1000), ${time(k)}
    ${from} ORDER BY ${order}`;
  const list = ['id', ...columns, 'createdAt', 'updatedAt'].map((name) => `"${name}"`).join(', ');

  // In steps, so that the entries of one record stand apart and no statement holds everything.
  for (const step = 200_000; records < upTo; records = Math.min(records + step, upTo)) {
    const [first, last] = [records + 1, Math.min(records + step, upTo)];
    const count = last - first + 1;
    const time = (k: string) => at(`${records * perRecord} + ${k} * ${count} + r - ${first}`);
    for (const table of ['Users', 'Plains'])
      await run(
        `INSERT INTO "${table}" (${list}) ${row('r', `${perRecord - 1}`, time('0'), time(`${perRecord - 1}`))} FROM generate_series(${first}, ${last}) AS r`,
      );
    const from = `FROM generate_series(0, ${perRecord - 1}) AS k, generate_series(${first}, ${last}) AS r`;
    // An r alone would be that of the list, which is text.
    await run(entries(from, 'r', 'k', time, 'k, r + 0'));
  }
  if (isFirstLong) {
    const time = (k: string) => at(`${upTo * perRecord} + ${k}`);
    const last = `${long.revisions - 1}`;
    await run(`INSERT INTO "Users" (${list}) ${row(`${long.id}`, last, time('0'), time(last))}`);
    await run(entries(`FROM generate_series(0, ${last}) AS k`, `${long.id}`, 'k', time, 'k'));
  }
  await run('VACUUM ANALYZE');
}

async function storage(size: number): Promise<void> {
  const rows = await select<{ name: string; bytes: string }>(
    `SELECT relname AS name, pg_relation_size(oid) AS bytes FROM pg_class
      WHERE relname LIKE 'AuditLogs%' OR relname LIKE 'audit_logs%' AND relkind IN ('r', 'i') ORDER BY relname`,
  );
  await run('CREATE EXTENSION IF NOT EXISTS pageinspect').catch(() => undefined);
  console.log('| | MB | bytes per entry | levels |\n|---|---|---|---|');
  for (const { name, bytes } of rows.filter(({ bytes }) => Number(bytes) > 8192)) {
    const [meta] = await select<{ level: number }>(`SELECT level FROM bt_metap('"${name}"')`).catch(() => []);
    console.log(
      `| ${name} | ${(Number(bytes) / 1e6).toFixed(1)} | ${(Number(bytes) / size).toFixed(1)} | ${meta ? Number(meta.level) + 1 : ''} |`,
    );
  }
}

/** Single updates of random rows, in turn with bare Sequelize's; they are taken back. */
async function writes(): Promise<void> {
  const times: Record<'audited' | 'bare', number[]> = { audited: [], bare: [] };
  const turn = async (name: 'audited' | 'bare', id: number, visits: number) => {
    const user = await (name === 'audited' ? User : Plain).findByPk(id);
    times[name].push(await timed(async () => user?.update({ visits })));
  };
  const ids = Array.from({ length: 440 }, () => 1 + Math.floor(Math.random() * records));
  const [last] = await select<{ id: string }>('SELECT max(id) AS id FROM "AuditLogs"');
  await run(`CREATE TABLE held AS SELECT id, visits, "updatedAt" FROM "Users" WHERE id IN (${ids.join(',')})`);
  for (const [round, id] of ids.entries()) {
    if (round === 40) for (const list of Object.values(times)) list.length = 0;
    for (const name of round % 2 ? (['audited', 'bare'] as const) : (['bare', 'audited'] as const))
      await turn(name, id, 100 + round);
  }
  await run(
    'UPDATE "Users" SET visits = held.visits, "updatedAt" = held."updatedAt" FROM held WHERE held.id = "Users".id',
  );
  for (const sql of ['DROP TABLE held', `DELETE FROM "AuditLogs" WHERE id > ${last?.id}`, 'VACUUM ANALYZE "AuditLogs"'])
    await run(sql);
  console.log(
    `\nupdate: ${spread(times.audited)} ms, bare ${spread(times.bare)} ms, ratio ${(median(times.audited) / median(times.bare)).toFixed(2)}`,
  );
}

async function questions(): Promise<void> {
  const any = () => String(1 + Math.floor(Math.random() * records));
  const [middle] = await select<{ createdAt: Date; changesetId: string }>(
    `SELECT "createdAt", "changesetId" FROM "AuditLogs" WHERE id = (SELECT max(id) / 2 FROM "AuditLogs")`,
  );
  const since = middle?.createdAt as Date;
  const asked: Record<string, () => Promise<unknown>> = {
    'entries(), the newest 100': () => audit.entries(),
    'entries of one record': () => audit.entries({ model: 'User', recordId: any() }),
    'entries of one actor, the newest 100': () => audit.entries({ actor: `user:${Number(any()) % 1000}` }),
    'entries of one second': () => audit.entries({ since, until: new Date(since.getTime() + 1000) }),
    'entries of one changeset': () => audit.entries({ changesetId: middle?.changesetId as string }),
    'at(5) of 10 revisions': () => audit.history(User, Number(any())).at(5),
    'revisions() of 10': () => audit.history(User, Number(any())).revisions(),
  };
  for (const [title, ask] of Object.entries(asked)) {
    const times: number[] = [];
    for (let round = 0; round < 25; round += 1) times.push(await timed(ask));
    console.log(`${title}: ${spread(times)} ms`);
  }
}

/** The record of many revisions, beside plainly reading the same rows of the log. */
async function history(): Promise<void> {
  const of = audit.history(User, long.id);
  const plain = (count: number) =>
    select(
      // In the words for which PostgreSQL reads the index of the record.
      `SELECT * FROM "AuditLogs" WHERE ("modelName", "recordId") >= ('User', '${long.id}') AND
        ("modelName", "recordId") <= ('User', '${long.id}') ORDER BY "modelName", "recordId", id LIMIT ${count}`,
    );
  const [last] = await of.revisions({ limit: 1, order: 'DESC' });
  const asked: Record<string, [() => Promise<unknown>, number]> = {
    'at(1) of 10,000 revisions': [() => of.at(1), 1],
    'at(5000)': [() => of.at(5000), 5000],
    'at(10000)': [() => of.at(10_000), 10_000],
    'revisions, the last page of 100': [() => of.revisions({ limit: 100, order: 'DESC', after: last?.id }), 100],
  };
  for (const [title, [ask, count]] of Object.entries(asked)) {
    const [times, reading]: [number[], number[]] = [[], []];
    for (let round = 0; round < 9; round += 1) {
      times.push(await timed(ask));
      reading.push(await timed(() => plain(count)));
    }
    const ratio = (median(times) / median(reading)).toFixed(2);
    console.log(`${title}: ${spread(times)} ms, reading ${number(count)} rows ${spread(reading)} ms, ratio ${ratio}`);
  }
}

async function verified(): Promise<void> {
  const start = performance.now();
  const { counts } = await audit.verify();
  const rate = number((counts.rows / (performance.now() - start)) * 1000);
  console.log(`verify: ${seconds(start)} s, ${rate} rows a second, ${JSON.stringify(counts)}`);
}

async function everything(): Promise<void> {
  await verified();
  const reading = performance.now();
  const total = await readAll(sequelize, audit);
  const plain = performance.now() - reading;
  console.log(`reading all ${number(total)} entries in pages: ${(plain / 1000).toFixed(1)} s`);
  const [middle] = await select<{ createdAt: Date }>(
    `SELECT "createdAt" FROM "AuditLogs" WHERE id = (SELECT max(id) / 2 FROM "AuditLogs")`,
  );
  const start = performance.now();
  const past = await audit.asOf(middle?.createdAt as Date);
  const took = performance.now() - start;
  const rows = await (past.models.User as typeof User).count();
  console.log(
    `asOf the middle: ${(took / 1000).toFixed(1)} s for ${number(rows)} rows, ratio to reading ${(took / plain).toFixed(2)}`,
  );
  await past.close();
}

async function readAll(from: Sequelize, { AuditLog }: Audit): Promise<number> {
  let total = 0;
  for (let last: unknown = 0; last !== undefined; ) {
    const page = await from.query<{ id: string }>(
      `SELECT * FROM ${from.getQueryInterface().quoteIdentifier(String(AuditLog.getTableName()), true)} WHERE id > ${last} ORDER BY id LIMIT 2000`,
      { type: QueryTypes.SELECT },
    );
    total += page.length;
    last = page.at(-1)?.id;
  }
  return total;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(2);
  return `${at(0.5)} (${at(0.25)} to ${at(0.75)})`;
}
