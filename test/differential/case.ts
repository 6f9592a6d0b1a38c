/** One call of the application, as data: what is called with what, so that its arguments can be looked at afterwards. */
import type { Sequelize, Transaction } from 'sequelize';
import type { Any, Models } from './models.js';
import type { Effects } from './world.js';

export type Call = readonly [target: object, method: string, ...args: unknown[]];
export type Options = { readonly transaction?: Transaction };
export type Given = Models & { readonly sequelize: Sequelize };

export interface Case {
  /** Makes the rows that the call finds, and the instance it is about. */
  readonly prepare?: (given: Given) => Promise<Any>;
  readonly call: (given: Given, options: Options, it: Any) => Call;
  /** What the hooks of the application do meanwhile. */
  readonly effects?: Effects;
  /** Whether it has statements under way at once, whose answers may come in any order. */
  readonly isParallel?: boolean;
  /** The dialects on which Sequelize itself refuses the call. @default none */
  readonly rejectsOn?: readonly string[];
}

export type Cases = Readonly<Record<string, Case>>;

export const everyDialect = ['sqlite', 'postgres', 'mariadb', 'mysql'];

const then = new Date('2001-02-03T04:05:06.000Z');
/** Times that are not those of the run. */
export const aged = { createdAt: then, updatedAt: then };

const ann = () => ({ email: 'ann@example.org', name: 'Ann', count: 1, data: { a: [1, { b: 2 }] }, ...aged });

export async function user({ User }: Given): Promise<Any> {
  return User.create(ann(), { silent: true });
}

/** Three users; the first of them. */
export async function users(given: Given): Promise<Any> {
  const first = await user(given);
  await given.User.create({ email: 'bob@example.org', name: 'Bob', count: 2, ...aged }, { silent: true });
  await given.User.create(
    { email: 'cyd@example.org', name: 'Cyd', count: 3, isOpen: false, ...aged },
    { silent: true },
  );
  return first;
}

export async function post(given: Given): Promise<Any> {
  const { id } = await user(given);
  return given.Post.create({ title: 'one', slug: 'one', UserId: id, ...aged }, { silent: true });
}

/** Three posts, the second of them destroyed; the first of them. */
export async function posts(given: Given): Promise<Any> {
  const first = await post(given);
  const second = await given.Post.create({ title: 'two', slug: 'two', ...aged }, { silent: true });
  await given.Post.create({ title: 'three', slug: 'three', ...aged }, { silent: true });
  await second.destroy();
  return first;
}

/** A post with two tags of three. */
export async function taggedPost(given: Given): Promise<Any> {
  const first = await post(given);
  for (const name of ['red', 'green', 'blue']) await given.Tag.create({ name });
  for (const TagName of ['red', 'green'])
    await given.PostTag.create({ PostId: first.id, TagName, position: 1, ...aged }, { silent: true });
  return first;
}

/** A user with all that can belong to one. */
export async function household(given: Given): Promise<Any> {
  const { id } = await post(given);
  const owner = (await given.User.findOne()) as Any;
  await given.Account.create({ code: 'acc', UserId: owner.id, ...aged }, { silent: true });
  await given.Item.create({ UserId: owner.id, size: 1 });
  await given.Item.create({ UserId: owner.id, size: 2 });
  await given.Tag.create({ name: 'red' });
  await given.PostTag.create({ PostId: id, TagName: 'red', ...aged }, { silent: true });
  return owner;
}

export async function account({ Account }: Given): Promise<Any> {
  return Account.create({ code: 'acc', ...aged }, { silent: true });
}

export async function draft({ Draft }: Given): Promise<Any> {
  return Draft.create({ size: 5, ...aged }, { silent: true });
}

export async function settings({ Setting }: Given): Promise<Any> {
  await Setting.create({ scope: 'b', key: 'x', value: 'other' });
  return Setting.create({ scope: 'a', key: 'x', value: 'old' });
}
