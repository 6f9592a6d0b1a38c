/** The same writes of models whose keys, columns or audited attributes are out of the ordinary. */
import { DataTypes, type Sequelize } from 'sequelize';
import type { Any, AnyModel, Area, CallOptions, Path, Row } from '../area.js';

/** A model, and what its writes take. */
interface Kind {
  readonly title: string;
  readonly model: AnyModel;
  /** The primary key of a row by its number. */
  readonly key: (number: number) => Row;
  /** The other attributes. */
  readonly values: Row;
  readonly change: Row;
  readonly counter: string;
}

export function keys(sequelize: Sequelize): Area {
  const define = (name: string, attributes: object, more = {}): AnyModel =>
    sequelize.define<Any>(name, attributes as never, { timestamps: false, ...more });
  const common = { name: DataTypes.STRING, count: { type: DataTypes.INTEGER, defaultValue: 0 } };
  const key = (type: object, more = {}) => ({ type, primaryKey: true, ...more });
  const [id, values, change, counter] = [
    (number: number): Row => ({ id: number }),
    { name: 'x', count: 1 },
    { name: 'new' },
    'count',
  ];
  const usual = { key: id, values, change, counter };
  const Swapped = define('Swapped', {
    id: key(DataTypes.INTEGER, { autoIncrement: true, field: 'swapped_id' }),
    a: { type: DataTypes.INTEGER, field: 'b' },
    b: { type: DataTypes.INTEGER, field: 'a' },
  });
  const Seat = define('Seat', {
    row: key(DataTypes.INTEGER),
    place: key(DataTypes.STRING(32), { field: 'seat_place' }),
    ...common,
  });
  const Token = define('Token', { id: key(DataTypes.UUID, { defaultValue: DataTypes.UUIDV4 }), ...common });
  const Word = define('Word', { word: key(DataTypes.STRING(64)), ...common });
  const Ledger = define('Ledger', { id: key(DataTypes.BIGINT, { autoIncrement: true }), ...common });
  // To MariaDB a schema is a database.
  const schema = sequelize.getDialect() === 'mariadb' ? sequelize.config.database : 'acme';
  const Ware = define('Ware', common, { schema });
  const Vault = define(
    'Vault',
    { ...common, secret: DataTypes.STRING, seenAt: DataTypes.INTEGER },
    { audit: { exclude: ['seenAt'], redact: ['secret'] } },
  );
  const uuid = (number: number) => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const kinds: readonly Kind[] = [
    {
      title: 'swapped column names',
      ...{ model: Swapped, key: id, values: { a: 1, b: 2 }, change: { a: 7, b: 1 }, counter: 'a' },
    },
    {
      title: 'a composite key',
      ...{ ...usual, model: Seat, key: (number) => ({ row: number, place: `[${number},"/~"]` }) },
    },
    { title: 'a uuid as key', ...usual, model: Token, key: (number) => ({ id: uuid(number) }) },
    { title: 'a text as key', ...usual, model: Word, key: (number) => ({ word: `a/b~ "ß" ${number}` }) },
    { title: 'a big integer as key', ...usual, model: Ledger },
    { title: 'a schema', ...usual, model: Ware },
    {
      title: 'excluded and redacted',
      ...usual,
      ...{
        model: Vault,
        values: { ...values, secret: 's', seenAt: 1 },
        change: { name: 'new', secret: 't', seenAt: 9 },
      },
    },
  ];

  return {
    title: 'Keys, columns and attributes of every kind',
    models: kinds.map(({ model }) => model),
    rows: Object.fromEntries(
      kinds.map((kind) => [
        kind.model.name,
        [1, 2, 3, 4, 5, 6].map((number) => ({ ...kind.key(number), ...kind.values })),
      ]),
    ),
    paths: {
      ...Object.assign({}, ...kinds.map(writesOf)),
      'Swapped.update(values, { where }), swapped columns': {
        entry: 'an update',
        write: (options) => Swapped.update({ b: 9 }, { ...options, where: { a: 1 } }),
      },
      'Swapped.destroy({ where }), swapped columns': {
        entry: 'a destroy',
        write: (options) => Swapped.destroy({ ...options, where: { a: 1 } }),
      },
      'Seat.update({ row }, { where }), half of a composite key': {
        entry: 'a destroy under the old key, a create under the new',
        write: (options) => Seat.update({ row: 51 }, { ...options, where: { row: [1] } }),
      },
      'Vault.update(values), an excluded attribute': {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Vault.update({ seenAt: 9 }, { ...options, where: { id: 1 } }),
      },
      'Vault.update(values), a redacted attribute': {
        entry: 'an update that hides the value',
        write: (options) => Vault.update({ secret: 'new' }, { ...options, where: { id: 1 } }),
      },
    },
  };
}

/** Each write has a row of its own, so that each has to leave an entry of its own. */
function writesOf({ title, model, key, values, change, counter }: Kind): Record<string, Path> {
  const find = (number: number, options: CallOptions) =>
    model.findOne({ ...options, where: key(number), rejectOnEmpty: true });
  const isGenerated = Object.values(model.getAttributes()).some(
    ({ primaryKey, autoIncrement, defaultValue }) => primaryKey && (autoIncrement || defaultValue),
  );
  const fresh = (number: number) => (isGenerated ? values : { ...key(number), ...values });
  return {
    [`${title}: create, update, destroy, increment`]: {
      entry: 'one for each row',
      isSeveral: true,
      write: async (options) => {
        await model.create(fresh(51), options);
        await model.create({ ...key(52), ...values }, options);
        await (await find(1, options)).update(change, options);
        await (await find(2, options)).destroy(options);
        await (await find(3, options)).increment(counter, options);
      },
    },
    [`${title}: bulk writes and upserts`]: {
      entry: 'one for each row',
      isSeveral: true,
      write: async (options) => {
        await model.bulkCreate([fresh(51), { ...key(52), ...values }, fresh(53)], options);
        const rows = [
          { ...key(1), ...values, ...change },
          { ...key(54), ...values },
        ];
        await model.bulkCreate(rows, { ...options, updateOnDuplicate: Object.keys(change) });
        await model.update(change, { ...options, where: key(2) });
        await model.destroy({ ...options, where: key(3) });
        const taken = [
          { ...key(4), ...values },
          { ...key(56), ...values },
        ];
        await model.bulkCreate(taken, { ...options, ignoreDuplicates: true });
        await model.update(key(57), { ...options, where: key(6) });
        await model.upsert({ ...key(4), ...values, ...change }, options);
        await model.upsert({ ...key(55), ...values }, options);
        await model.increment(counter, { ...options, where: key(5) });
      },
    },
  };
}
