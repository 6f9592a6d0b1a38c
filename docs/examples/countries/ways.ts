/** Three ways to bring a table of countries to what a release says. */
import { isDeepStrictEqual } from 'node:util';
import type { ModelStatic, Transaction } from 'sequelize';
import { type Country, type CountryData, dataOf } from './country.js';
import { tracked } from './report.js';

/** @param label what the progress line says */
export type Write = (
  Country: ModelStatic<Country>,
  release: ReadonlyMap<string, CountryData>,
  label: string,
  options?: { readonly transaction?: Transaction },
) => Promise<void>;

/** One row after the other. */
export const saveEach: Write = async (Country, release, label) => {
  for (const [code, data] of tracked(label, [...release])) {
    const country = (await Country.findByPk(code)) ?? Country.build();
    await country.set({ ...nullsOf(Country), ...data }).save();
  }
};

/** All rows at once: those that are there are updated, and the log has the difference of each. */
export const bulkCreateAll: Write = async (Country, release, _, options) => {
  const rows = [...release.values()].map((data) => ({ ...nullsOf(Country), ...data }));
  await Country.bulkCreate(rows, { updateOnDuplicate: Object.keys(Country.getAttributes()), ...options });
};

/** New rows at once, then for each new value of an attribute all the rows that get it. */
export const updateGroups: Write = async (Country, release, label) => {
  const rows = new Map((await Country.findAll()).map((row) => [String(row.get('cca3')), dataOf(row)]));
  await Country.bulkCreate([...release].filter(([code]) => !rows.has(code)).map(([, data]) => data));

  const groups = new Map<string, { readonly values: CountryData; readonly codes: string[] }>();
  for (const [code, data] of release) {
    const row = rows.get(code);
    if (!row) continue;
    for (const [attribute, value] of Object.entries({ ...nullsOf(Country), ...data })) {
      if (isDeepStrictEqual(row[attribute] ?? null, value)) continue;
      const name = JSON.stringify([attribute, value]);
      const group = groups.get(name) ?? { values: { [attribute]: value }, codes: [] };
      groups.set(name, group);
      group.codes.push(code);
    }
  }
  for (const { values, codes } of tracked(label, [...groups.values()])) {
    await Country.update(values, { where: { cca3: codes } });
  }
};

/** Written beneath the data, so that an attribute which a release does not have any more goes from the row as well. */
function nullsOf(Country: ModelStatic<Country>): CountryData {
  return Object.fromEntries(Object.keys(Country.getAttributes()).map((attribute) => [attribute, null]));
}
