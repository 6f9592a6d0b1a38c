/** The countries of a release: as its file has them, and as rows of a model. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type DataType, DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import type { Json } from '../../../lib/index.js';

/** One country as JSON: attribute to value. */
export type CountryData = Record<string, Json>;
export type Country = Model<CountryData, CountryData>;

/** Attributes that came with a later release. A file has them for all its countries, never as null, or for none. */
const laterAttributes = ['unMember', 'unRegionalGroup'];

/** The countries in the file of a release, by three-letter code. Read anew each time, so that nothing is shared. */
export async function readRelease(packageName: string): Promise<Map<string, CountryData>> {
  const file = createRequire(import.meta.url).resolve(`${packageName}/countries.json`);
  const countries = JSON.parse(await readFile(file, 'utf8')) as CountryData[];
  return new Map(countries.map((country) => [String(country.cca3), country]));
}

export function defineCountry(sequelize: Sequelize): ModelStatic<Country> {
  const required = (type: DataType, names: string) =>
    Object.fromEntries(names.split(' ').map((name) => [name, { type, allowNull: false }]));
  const attributes = {
    cca3: { type: DataTypes.STRING(3), primaryKey: true },
    ...required(DataTypes.STRING, 'cca2 ccn3 cioc status region subregion flag'),
    ...required(DataTypes.BOOLEAN, 'landlocked'),
    ...required(DataTypes.DOUBLE, 'area'),
    ...required(DataTypes.JSON, 'name tld currencies idd capital altSpellings languages'),
    ...required(DataTypes.JSON, 'translations latlng borders demonyms'),
    independent: DataTypes.BOOLEAN,
    unMember: DataTypes.BOOLEAN,
    unRegionalGroup: DataTypes.STRING,
  };
  return sequelize.define<Country>('Country', attributes, { timestamps: false });
}

/**
 * A row as the file of its release has it. A file can leave an attribute out and a row cannot, so NULL in one of the
 * later attributes stands for "not there". Any other NULL is a value: `independent` is null for Kosovo.
 */
export function dataOf(row: Country): CountryData {
  const attributes = Object.entries(row.get({ plain: true }));
  return Object.fromEntries(attributes.filter(([name, value]) => value !== null || !laterAttributes.includes(name)));
}
