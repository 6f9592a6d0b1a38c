/** What is done, again and again, to each variant in turn. */
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { type Row, valuesOf } from './models.js';

/** One database of one variant. */
export interface Subject {
  readonly sequelize: Sequelize;
  readonly User: ModelStatic<Row>;
  /** Not audited by anybody. */
  readonly Other: ModelStatic<Row>;
}

export interface Load {
  readonly name: string;
  /** How often it is measured; a quick run takes a part of it. */
  readonly rounds: number;
  /** Entries that a plugin has to leave for one round. */
  readonly entries: number;
  /** Whether others that record row by row take minutes over it. */
  readonly isLong?: boolean;
  /** Done before the clock runs; what it gives is handed to `run`. */
  readonly prepare?: (subject: Subject, round: number) => Promise<unknown>;
  /** Whether `run` gives the milliseconds of each single write. */
  readonly hasWrites?: boolean;
  readonly run: (subject: Subject, prepared: never, round: number) => Promise<unknown>;
}

const bulk = 10_000;

export const loads = (share: number): readonly Load[] => {
  const rows = Math.ceil(bulk * share);
  const isQuick = share < 1;
  const crowd = isQuick ? 50 : 200;
  const turns = isQuick ? 1 : 2;
  const clients = isQuick ? 3 : 8;
  const fill = async ({ sequelize, User }: Subject) => {
    await User.destroy({ truncate: true, audit: false, hooks: false } as never);
    const table = sequelize.getQueryInterface().quoteIdentifier('Users');
    const isKept = await sequelize.getQueryInterface().tableExists('kept');
    if (isKept) await sequelize.query(`INSERT INTO ${table} SELECT * FROM kept`);
    else {
      await User.bulkCreate(many(rows), { hooks: false, audit: false } as never);
      await sequelize.query(`CREATE TABLE kept AS SELECT * FROM ${table}`);
    }
    // After a TRUNCATE the catalog is read again.
    await User.update({ name: 'nobody' }, { where: { id: -1 } });
  };
  const create = ({ User }: Subject, round: number) => User.create(valuesOf(round));
  return [
    { name: 'create', rounds: 200, entries: 1, run: (subject, _, round) => create(subject, round) },
    {
      name: 'update',
      rounds: 200,
      entries: 1,
      prepare: create,
      run: (_, user: Model, round) => user.update({ name: `Changed ${round}`, visits: -round }),
    },
    { name: 'destroy', rounds: 200, entries: 1, prepare: create, run: (_, user: Model) => user.destroy() },
    {
      name: '100 updates in a transaction',
      rounds: 40,
      entries: 100,
      prepare: create,
      run: ({ sequelize }, user: Model, round) =>
        sequelize.transaction(async (transaction) => {
          for (let turn = 0; turn < 100; turn += 1) await user.update({ name: `${round} ${turn}` }, { transaction });
        }),
    },
    {
      name: '8 updates at once',
      rounds: 30,
      entries: 8,
      prepare: (subject, round) => Promise.all(upTo(8).map((index) => create(subject, round + index))),
      run: (_, users: Model[], round) => Promise.all(users.map((user) => user.update({ name: `At once ${round}` }))),
    },
    {
      name: `${crowd} creates at once`,
      rounds: 6,
      entries: crowd,
      run: ({ User }) => Promise.all(many(crowd).map((values) => User.create(values))),
    },
    {
      name: `bulkCreate of ${rows}`,
      rounds: 5,
      entries: rows,
      isLong: true,
      run: ({ User }) => User.bulkCreate(many(rows)),
    },
    {
      name: `Model.update of ${rows}`,
      rounds: 7,
      entries: rows,
      isLong: true,
      prepare: fill,
      run: ({ User }, _, round) => User.update({ name: `All ${round}` }, { where: {} }),
    },
    {
      name: `Model.destroy of ${rows}`,
      rounds: 7,
      entries: rows,
      isLong: true,
      prepare: fill,
      run: ({ User }) => User.destroy({ where: {} }),
    },
    {
      name: `mixed load of ${clients} clients`,
      rounds: 20,
      entries: clients * (turns * 5 + 2),
      hasWrites: true,
      prepare: (subject, round) => Promise.all(upTo(clients).map((index) => create(subject, round + index))),
      run: async (subject, users: Model[], round) =>
        (await Promise.all(users.map((user) => client(subject, user, round, turns)))).flat(),
    },
    {
      // The first one after a write is another matter, of caches that the write has used otherwise.
      name: '10 findByPk',
      rounds: 100,
      entries: 0,
      prepare: create,
      run: async ({ User }, user: Model) => {
        for (let read = 0; read < 10; read += 1) await User.findByPk(user.get('id') as number);
      },
    },
    {
      name: '5 creates and updates of a model that is not audited',
      rounds: 80,
      entries: 0,
      run: async ({ Other }, _, round) => {
        for (let turn = 0; turn < 5; turn += 1)
          await (await Other.create(valuesOf(round))).update({ name: `Changed ${turn}` });
      },
    },
  ] as readonly Load[];
};

/**
 * In each of two turns ten reads, three updates, a create and a destroy; at the end a transaction with two updates.
 *
 * @returns milliseconds of each single write
 */
async function client({ sequelize, User }: Subject, user: Model, round: number, turns: number): Promise<number[]> {
  const times: number[] = [];
  const timed = async <T>(write: Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await write;
    times.push(performance.now() - start);
    return result;
  };
  for (let turn = 0; turn < turns; turn += 1) {
    for (let read = 0; read < 10; read += 1) await User.findByPk(user.get('id') as number);
    for (let update = 0; update < 3; update += 1) await timed(user.update({ name: `${round} ${turn} ${update}` }));
    const other = await timed(User.create(valuesOf(round)));
    await timed(other.destroy());
  }
  await sequelize.transaction(async (transaction) => {
    await user.update({ city: `Gouda ${round}` }, { transaction });
    await user.update({ city: `Delft ${round}` }, { transaction });
  });
  return times;
}

function many(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => valuesOf(index));
}

function upTo(count: number): number[] {
  return [...Array(count).keys()];
}
