/** The writes of a writer: each is one call of the application, in whatever transaction it is given. */
import type { ModelStatic, Transaction } from 'sequelize';
import type { Models, Row } from './models.js';
import type { Random } from './random.js';

export type Options = { readonly transaction?: Transaction };
export type Write = (options: Options) => Promise<unknown>;

/** Below this many rows are found again, so that writers meet. */
const reach = 25;

export function writesOf(models: Models, random: Random): readonly Write[] {
  return [...instanceWrites(models, random), ...bulkWrites(models, random)];
}

function instanceWrites({ Note, Parent, Child, Memo, Account }: Models, random: Random): Write[] {
  const find = <T>(model: ModelStatic<Row>, options: Options, use: (row: Row) => Promise<T>) =>
    findSome(model, random, options).then((row) => (row ? use(row) : undefined));
  const hooks = () => ({ hooks: !random.chance(0.2) });
  return [
    (options) => Note.create(note(random), { ...options, ...hooks() }),
    (options) => find(Note, options, (row) => row.update(note(random), { ...options, ...hooks() })),
    (options) => find(Note, options, (row) => row.set('data.inner.list', [word(random)]).save(options)),
    (options) => find(Note, options, (row) => row.destroy(options)),
    (options) => Parent.create(family(random), { ...options, include: ['children'] }),
    (options) => Parent.create(family(random), { ...options, include: ['children'] }),
    (options) => find(Parent, options, (row) => row.increment('count', options)),
    (options) => find(Parent, options, (row) => row.destroy(options)),
    (options) =>
      find(Parent, options, (row) => Child.create({ label: word(random), parentId: row.get('id') }, options)),
    (options) => find(Child, options, (row) => row.update({ label: word(random) }, options)),
    (options) => Memo.create({ text: word(random) }, options),
    (options) => find(Memo, options, (row) => row.update({ text: word(random) }, options)),
    (options) => find(Memo, options, (row) => row.destroy({ ...options, force: random.chance(0.3) })),
    (options) => find(Memo, options, (row) => row.restore(options)),
    (options) => Account.upsert({ code: code(random), count: random.integer(100) }, options),
    (options) => find(Account, options, (row) => row.update({ count: random.integer(100) }, options)),
    (options) => find(Account, options, (row) => row.increment({ count: 2 }, options)),
    (options) => find(Account, options, (row) => row.destroy(options)),
  ];
}

function bulkWrites({ Note, Parent, Child, Memo, Account }: Models, random: Random): Write[] {
  const accounts = () =>
    [...new Set(random.list(4, () => code(random)))].map((each) => ({ code: each, count: random.integer(100) }));
  return [
    (options) =>
      Note.bulkCreate(
        random.list(1 + random.integer(6), () => note(random)),
        options,
      ),
    (options) => Note.update({ title: word(random) }, { ...options, where: { title: word(random) } }),
    (options) => Note.destroy({ ...options, where: { title: word(random) } }),
    (options) => Parent.increment('count', { ...options, where: { name: word(random) } }),
    (options) => Parent.destroy({ ...options, where: { name: word(random) } }),
    (options) => Child.update({ count: random.integer(9) }, { ...options, where: { label: word(random) } }),
    (options) => Memo.update({ count: random.integer(9) }, { ...options, where: { text: word(random) } }),
    (options) => Memo.destroy({ ...options, where: { text: word(random) }, individualHooks: random.chance(0.3) }),
    (options) => Memo.restore({ ...options, where: { text: word(random) } }),
    (options) => Account.bulkCreate(accounts(), { ...options, updateOnDuplicate: ['count'] }),
    (options) => Account.bulkCreate(accounts(), { ...options, ignoreDuplicates: true }),
    (options) => Account.update({ count: random.integer(100) }, { ...options, where: { code: code(random) } }),
  ];
}

async function findSome(model: ModelStatic<Row>, random: Random, options: Options): Promise<Row | null> {
  const order: [string, string][] = [['id', random.pick(['ASC', 'DESC'])]];
  return model.findOne({ ...options, order, offset: random.integer(reach), paranoid: false });
}

function note(random: Random): Record<string, unknown> {
  return {
    title: word(random),
    data: { [word(random)]: random.integer(1000), inner: { list: random.list(random.integer(4), () => word(random)) } },
    seenAt: random.chance(0.1) ? null : new Date(random.integer(2 ** 41)),
  };
}

function family(random: Random): Record<string, unknown> {
  return { name: word(random), children: random.list(1 + random.integer(3), () => ({ label: word(random) })) };
}

function word(random: Random): string {
  return `word ${random.integer(60)}`;
}

function code(random: Random): string {
  return `code ${random.integer(40)}`;
}
