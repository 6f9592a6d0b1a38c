/**
 * Three releases again, each written as one transaction, with a table of borders beside the countries. Then the world is
 * opened as of the first of them, the changes of the second are undone while those of the third stay, and the log is held against
 * the tables.
 */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DataTypes, type Model, type ModelStatic, Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../../lib/index.js';
import { type CountryData, type Country as CountryRow, dataOf, defineCountry } from './country.js';
import { aligned } from './report.js';
import { bulkCreateAll } from './ways.js';

export interface Release {
  readonly version: string;
  readonly countries: ReadonlyMap<string, CountryData>;
}

type Border = Model<{ from: string; to: string }, { from: string; to: string }>;

interface World {
  readonly audit: Audit;
  readonly Country: ModelStatic<CountryRow>;
  readonly Border: ModelStatic<Border>;
}

/** @returns what is not as it should be; empty when all is */
export async function travel(releases: readonly Release[], folder: string): Promise<string[]> {
  const storage = path.join(folder, 'past.sqlite');
  const sequelize = new Sequelize({ dialect: 'sqlite', storage, logging: false });
  const audit = attachAudit(sequelize);
  const Country = defineCountry(sequelize);
  const Border = sequelize.define<Border>(
    'Border',
    { from: { type: DataTypes.STRING(3), primaryKey: true }, to: { type: DataTypes.STRING(3), primaryKey: true } },
    { timestamps: false },
  );
  Country.hasMany(Border, { as: 'crossings', foreignKey: 'from' });
  Border.belongsTo(Country, { as: 'neighbour', foreignKey: 'to' });
  await sequelize.sync();
  const world = { audit, Country, Border };

  console.log('Write each release as one transaction, with its borders');
  const changesets: string[] = [];
  for (const release of releases) changesets.push(await write(world, release));

  const different = [
    ...(await openFirst(world, releases, changesets[0] as string)),
    ...(await undoSecond(world, releases, changesets[1] as string)),
    ...(await verify(audit)),
  ];
  await sequelize.close();
  return different;
}

/** @returns the changeset */
async function write({ audit, Country, Border }: World, { version, countries }: Release): Promise<string> {
  const sequelize = Country.sequelize as Sequelize;
  const pairs = [...countries].flatMap(([from, { borders }]) => (borders as string[]).map((to) => ({ from, to })));
  await audit.run({ actor: 'importer', reason: `release ${version}` }, () =>
    sequelize.transaction(async (transaction) => {
      await bulkCreateAll(Country, countries, version, { transaction });
      await Border.bulkCreate(pairs, { ignoreDuplicates: true, transaction });
      const known = new Set(pairs.map(({ from, to }) => `${from} ${to}`));
      for (const row of await Border.findAll({ transaction }))
        if (!known.has(`${row.get('from')} ${row.get('to')}`)) await row.destroy({ transaction });
    }),
  );
  const [last] = await audit.entries({ limit: 1 });
  return String(last?.changesetId);
}

/** The whole of the first release as a database of the same models. */
async function openFirst({ audit }: World, [first]: readonly Release[], changeset: string): Promise<string[]> {
  const past = await audit.asOf(changeset);
  const { Country, Border } = past.models as unknown as Omit<World, 'audit'>;
  console.log(
    `\nThe world as of ${first?.version}: ${await Country.count()} countries, ${await Border.count()} borders`,
  );
  const landlocked = await Country.findAll({
    where: { landlocked: true, region: 'Europe' },
    include: [{ association: 'crossings', include: ['neighbour'] }],
    order: [['area', 'DESC']],
    limit: 3,
  });
  const nameOf = (country: Model) => (country.get('name') as { common: string }).common;
  const rows = landlocked.map((country) => {
    const crossings = country.get('crossings') as unknown as { neighbour: Model }[];
    return [nameOf(country), crossings.length, crossings.map(({ neighbour }) => nameOf(neighbour)).join(', ')];
  });
  console.log(aligned([['the largest without a coast', 'borders', 'with'], ...rows]).join('\n'));

  const found = new Map((await Country.findAll()).map((country) => [String(country.get('cca3')), dataOf(country)]));
  await past.close();
  const wrong = [...(first?.countries ?? [])].filter(([code, data]) => !isDeepStrictEqual(found.get(code), data));
  console.log(`  ${found.size - wrong.length} of ${first?.countries.size} are what the file says`);
  return wrong.map(([code]) => `as of ${first?.version}: ${code} is not what the file says`);
}

/** Undoes the second release, and keeps the third: what both of them changed is in the way, and stays. */
async function undoSecond(
  { audit, Country }: World,
  releases: readonly Release[],
  changeset: string,
): Promise<string[]> {
  const [first, second, third] = releases as [Release, Release, Release];
  console.log(`\nUndo ${second.version}, and keep ${third.version}`);
  const refused = await audit.undo(changeset).catch((error: unknown) => error);
  if (!(refused instanceof AuditError)) return ['an undo with conflicts was not refused'];
  console.log(`  ${refused.code}: ${refused.conflicts?.length} places have been changed again since`);

  const { changes, changesetId } = await audit.undo(changeset, { onConflict: 'skip' });
  console.log(`  ${changes.length} records changed, without those places`);
  const rows = new Map((await Country.findAll()).map((row) => [String(row.get('cca3')), dataOf(row)]));
  const different: string[] = [];
  for (const [code, now] of rows) {
    const [old, middle, last] = [first, second, third].map(({ countries }) => countries.get(code) ?? {}) as [
      CountryData,
      CountryData,
      CountryData,
    ];
    for (const attribute of new Set([...Object.keys(old), ...Object.keys(last)])) {
      // What both releases have changed is mixed, path by path.
      const isOurs = isDeepStrictEqual(middle[attribute], last[attribute]);
      if (!isOurs && !isDeepStrictEqual(old[attribute], middle[attribute])) continue;
      const expected = isOurs ? old[attribute] : last[attribute];
      if (!isDeepStrictEqual(now[attribute], expected))
        different.push(`undo: ${attribute} of ${code} is ${JSON.stringify(now[attribute])}`);
    }
  }
  await audit.undo(String(changesetId));
  for (const row of await Country.findAll()) {
    const code = String(row.get('cca3'));
    if (!isDeepStrictEqual(dataOf(row), third.countries.get(code)))
      different.push(`redo: ${code} is not what ${third.version} says`);
  }
  console.log(
    `  ${rows.size} countries compared, ${different.length} wrong; undone again, they are what ${third.version} says`,
  );
  return different;
}

async function verify(audit: Audit): Promise<string[]> {
  const { counts, differences } = await audit.verify();
  console.log(
    `\nThe log against the tables: ${counts.entries} entries, ${counts.records} records, ${differences.length} differ`,
  );
  return differences.map((difference) => `verify: ${JSON.stringify(difference)}`);
}
