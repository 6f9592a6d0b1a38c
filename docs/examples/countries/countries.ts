/**
 * Three releases of the data set `world-countries` are written over each other, into an audited table: once row by row,
 * once by bulkCreate with updateOnDuplicate, once by Model.update. Then each of them is rebuilt from the log and compared
 * with its own file, value for value; if one value differs, the exit code is 1. Then comes the history of one country, what the
 * log takes, and a journey: the world as it was, a release undone, and the log held against the tables.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type ModelStatic, QueryTypes, Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../../lib/index.js';
import { type Country as CountryRow, dataOf, defineCountry, readRelease } from './country.js';
import { travel } from './past.js';
import { aligned, changesOf, tracked } from './report.js';
import { bulkCreateAll, saveEach, updateGroups, type Write } from './ways.js';

const packages = { '4.0.0': 'world-countries-4', '5.0.0': 'world-countries-5.0', '5.1.0': 'world-countries-5.1' };
const releases = await Promise.all(
  Object.entries(packages).map(async ([version, name]) => ({ version, name, countries: await readRelease(name) })),
);

const folder = await mkdtemp(path.join(tmpdir(), 'countries-'));
const table: string[][] = [['written by', 'release', 'countries that are equal']];
const differences: string[] = [];

try {
  const byRow = await move('save', saveEach);
  const byUpsert = await move('bulkCreate', bulkCreateAll);
  const byUpdate = await move('Model.update', updateGroups);
  const all = [byRow, byUpsert, byUpdate];
  const code = twiceRenamed();
  await destroyAndRestore(byRow, code);

  console.log('\nRebuild each release from the log, and compare it with its file');
  for (const moved of all) await rebuild(moved);
  console.log(`\n${aligned(table).join('\n')}`);
  for (const difference of differences.slice(0, 10)) console.log(`  ${difference}`);
  if (differences.length > 0) process.exitCode = 1;

  console.log(`\nThe history of ${code}, which has another name in each release`);
  await printHistory(byRow, code);

  console.log('\nWhat the log takes');
  await printSizes(all);

  console.log();
  const wrong = await travel(releases, folder);
  for (const each of wrong.slice(0, 10)) console.log(`  ${each}`);
  if (wrong.length > 0) process.exitCode = 1;
  await Promise.all(all.map(({ sequelize }) => sequelize.close()));
} finally {
  await rm(folder, { recursive: true });
}

/** A database that has been brought from release to release in one way. */
interface Moved {
  readonly way: string;
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly Country: ModelStatic<CountryRow>;
  /** An instant after each release was written and before the next one was. */
  readonly ends: ReadonlyMap<string, Date>;
}

/** Writes all releases over each other, into a database of its own. */
async function move(way: string, write: Write): Promise<Moved> {
  const storage = path.join(folder, `${way}.sqlite`);
  const sequelize = new Sequelize({ dialect: 'sqlite', storage, logging: false });
  const audit = attachAudit(sequelize);
  const Country = defineCountry(sequelize);
  await sequelize.sync();
  console.log(`Write each release over the one before it, by ${way}`);
  const ends = new Map<string, Date>();
  for (const { version, countries } of releases) {
    const label = `${way} ${version}`;
    await audit.run({ actor: 'importer', reason: `release ${version}` }, () => write(Country, countries, label));
    ends.set(version, await instant());
  }
  return { way, sequelize, audit, Country, ends };
}

/** Compares what the log says of each release with its file, and the table with the last one. */
async function rebuild({ way, audit, Country, ends }: Moved): Promise<void> {
  const check = async (title: string, name: string, find: (key: string) => Promise<CountryRow | null>) => {
    const { countries, different } = await compare(audit, `${way} ${title}`, name, find);
    table.push([way, title, `${countries - different.length} of ${countries}`]);
    differences.push(...different);
  };
  for (const { version, name } of releases)
    await check(version, name, (key) => audit.history(Country, key).at(ends.get(version) as Date));
  // The table itself must still be what the last release says, the country that came back included.
  await check('5.1.0, rows now', packages['5.1.0'], (key) => Country.findByPk(key));
}

/** An instant after all entries so far and before all later ones: entries carry milliseconds, so it waits for the next. */
async function instant(): Promise<Date> {
  const now = new Date();
  while (Date.now() <= now.getTime()) await setTimeout(1);
  return now;
}

/** The first country whose name is another one in each release. */
function twiceRenamed(): string {
  const names = (code: string) => releases.map(({ countries }) => JSON.stringify(countries.get(code)?.name));
  const codes = releases.flatMap(({ countries }) => [...countries.keys()]);
  const code = codes.find((code) => new Set(names(code)).size === releases.length);
  if (code === undefined) throw new Error('No country has another name in each release');
  return code;
}

/** The row goes for good, as the model is not paranoid, and comes back from the log alone. */
async function destroyAndRestore({ audit, Country }: Moved, code: string): Promise<void> {
  const history = audit.history(Country, code);
  const { length: last } = await history.revisions();
  const country = await Country.findByPk(code, { rejectOnEmpty: true });
  await audit.run({ actor: 'editor', reason: 'deleted by mistake' }, () => country.destroy());
  await audit.run({ actor: 'admin', reason: `back to revision ${last}` }, () => history.revertTo(last));
}

/** What `find` gives for every country of the file and of the log, against the file, which is read once more for it. */
async function compare(
  audit: Audit,
  title: string,
  packageName: string,
  find: (code: string) => Promise<CountryRow | null>,
) {
  const file = await readRelease(packageName);
  const logged = await audit.AuditLog.findAll({ attributes: ['recordId'], group: ['recordId'] });
  const codes = new Set([...file.keys(), ...logged.map(({ recordId }) => recordId)]);
  const different: string[] = [];
  for (const code of tracked(`compare ${title}`, [...codes])) {
    try {
      const found = await find(code);
      const isEqual = isDeepStrictEqual(found && dataOf(found), file.get(code) ?? null);
      if (!isEqual) different.push(`${title}: ${code} is not what the file says`);
    } catch (error) {
      // A history that does not fit together says so; the other countries are compared all the same.
      if (!(error instanceof AuditError)) throw error;
      different.push(`${title}: ${error.message}`);
    }
  }
  return { countries: codes.size, different };
}

async function printHistory({ audit, Country }: Moved, code: string): Promise<void> {
  const revisions = await audit.history(Country, code).revisions();
  const heads = aligned(
    revisions.map(({ revision, at, actor, reason }) => [revision, at.toISOString(), actor ?? '', reason ?? '']),
  );
  for (const [index, { patch }] of revisions.entries())
    console.log([heads[index], ...changesOf(patch).map((change) => `        ${change}`)].join('\n'));
}

async function printSizes(all: readonly Moved[]): Promise<void> {
  const rows: (string | number)[][] = [['written by', 'entries', 'bytes of patches', 'bytes with indexes']];
  for (const { way, sequelize, audit } of all) {
    const log = `'${String(audit.AuditLog.getTableName())}'`;
    const [size] = await sequelize.query<{ patches: number; pages: number }>(
      `SELECT (SELECT sum(length(CAST(patch AS BLOB))) FROM ${log}) AS patches,
        (SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ${log})) AS pages`,
      { type: QueryTypes.SELECT },
    );
    rows.push([way, await audit.AuditLog.count(), size?.patches ?? 0, size?.pages ?? 0]);
  }
  const files = releases.map(({ countries }) => Buffer.byteLength(JSON.stringify([...countries.values()])));
  const bytes = files.reduce((sum, length) => sum + length);
  console.log(`${aligned(rows).join('\n')}\n\n  The three files, without white space: ${bytes} bytes`);
}
