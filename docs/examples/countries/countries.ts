/**
 * Three releases of the data set `world-countries` are saved over each other, into one audited table. Then each of them
 * is rebuilt from the log and compared with its own file, value for value; if one value differs, the exit code is 1.
 * Last comes the history of one country, and what the log takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { QueryTypes, Sequelize } from 'sequelize';
import { AuditError, attachAudit } from '../../../lib/index.js';
import { type CountryData, type Country as CountryRow, dataOf, defineCountry, readRelease } from './country.js';
import { aligned, changesOf, tracked } from './report.js';

const packages = { '4.0.0': 'world-countries-4', '5.0.0': 'world-countries-5.0', '5.1.0': 'world-countries-5.1' };
const releases = await Promise.all(
  Object.entries(packages).map(async ([version, name]) => ({ version, name, countries: await readRelease(name) })),
);

const folder = await mkdtemp(path.join(tmpdir(), 'countries-'));
const sequelize = new Sequelize({ dialect: 'sqlite', storage: path.join(folder, 'countries.sqlite'), logging: false });
const audit = attachAudit(sequelize);
const Country = defineCountry(sequelize);

try {
  await sequelize.sync();

  console.log('Save each release over the one before it');
  const ends = new Map<string, Date>();
  for (const { version, countries } of releases) {
    await audit.run({ actor: 'importer', reason: `release ${version}` }, () => save(version, countries));
    ends.set(version, await instant());
  }
  const code = twiceRenamed();
  await destroyAndRestore(code);

  console.log('\nRebuild each release from the log, and compare it with its file');
  const table: string[][] = [['release', 'countries that are equal']];
  const differences: string[] = [];
  const check = async (title: string, name: string, find: (key: string) => Promise<CountryRow | null>) => {
    const { countries, different } = await compare(title, name, find);
    table.push([title, `${countries - different.length} of ${countries}`]);
    differences.push(...different);
  };
  for (const { version, name } of releases)
    await check(version, name, (key) => audit.history(Country, key).at(ends.get(version) as Date));
  // The table itself must still be what the last release says, the country that came back included.
  await check('5.1.0, rows now', packages['5.1.0'], (key) => Country.findByPk(key));
  console.log(`\n${aligned(table).join('\n')}`);
  for (const difference of differences.slice(0, 10)) console.log(`  ${difference}`);
  if (differences.length > 0) process.exitCode = 1;

  console.log(`\nThe history of ${code}, which has another name in each release`);
  await printHistory(code);

  console.log('\nWhat the log takes');
  await printSize();
} finally {
  await sequelize.close();
  await rm(folder, { recursive: true });
}

/** Brings the table to what a release says, one row after the other. */
async function save(version: string, countries: ReadonlyMap<string, CountryData>): Promise<void> {
  const nulls = Object.fromEntries(Object.keys(Country.getAttributes()).map((attribute) => [attribute, null]));
  for (const [code, data] of tracked(`save ${version}`, [...countries])) {
    const country = (await Country.findByPk(code)) ?? Country.build();
    // Over nulls, so that an attribute which a release does not have any more would go from the row as well.
    await country.set({ ...nulls, ...data }).save();
  }
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
async function destroyAndRestore(code: string): Promise<void> {
  const history = audit.history(Country, code);
  const { length: last } = await history.revisions();
  const country = await Country.findByPk(code, { rejectOnEmpty: true });
  await audit.run({ actor: 'editor', reason: 'deleted by mistake' }, () => country.destroy());
  await audit.run({ actor: 'admin', reason: `back to revision ${last}` }, () => history.revertTo(last));
}

/** What `find` gives for every country of the file and of the log, against the file, which is read once more for it. */
async function compare(title: string, packageName: string, find: (code: string) => Promise<CountryRow | null>) {
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

async function printHistory(code: string): Promise<void> {
  const revisions = await audit.history(Country, code).revisions();
  const heads = aligned(
    revisions.map(({ revision, at, actor, reason }) => [revision, at.toISOString(), actor ?? '', reason ?? '']),
  );
  for (const [index, { patch }] of revisions.entries())
    console.log([heads[index], ...changesOf(patch).map((change) => `        ${change}`)].join('\n'));
}

async function printSize(): Promise<void> {
  const log = `'${String(audit.AuditLog.getTableName())}'`;
  const [size] = await sequelize.query<{ patches: number; pages: number }>(
    `SELECT (SELECT sum(length(CAST(patch AS BLOB))) FROM ${log}) AS patches,
      (SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ${log})) AS pages`,
    { type: QueryTypes.SELECT },
  );
  const files = releases.map(({ countries }) => Buffer.byteLength(JSON.stringify([...countries.values()])));
  const rows = [
    ['entries', await audit.AuditLog.count()],
    ['bytes of their patches', size?.patches ?? 0],
    ['bytes of the table and its indexes', size?.pages ?? 0],
    ['bytes of the three files, without white space', files.reduce((sum, bytes) => sum + bytes)],
  ];
  console.log(aligned(rows).join('\n'));
}
