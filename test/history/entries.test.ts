import { expect } from 'chai';
import fc from 'fast-check';
import type { Sequelize } from 'sequelize';
import { type Action, type Audit, attachAudit, type EntriesQuery, type IndexOptions } from '../../lib/index.js';
import { select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Row = Record<string, unknown>;

const names = [
  'name',
  'Name',
  'name ',
  'a/b',
  'a~b',
  'it\'s "so"',
  'back\\slash',
  '100%',
  'n_me',
  'ключ',
  '日本🎉',
  '__proto__',
  'constructor',
  '',
  'a.b',
  '$',
  ':id',
  '?',
];
const models = ['User', 'user', 'User ', 'acme.User', 'Gone'];
const recordIds = ['1', '2', '1 ', '[1,2]'];
const actors = ['ada', 'Ada', 'ada ', "o'hara", 'ünï', '7', '\\', null];
const changesets = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a'];
const times = [0, 1, 999, 1000, 60_000, 86_400_000].map((time) => new Date(Date.UTC(2024, 1, 29) + time));
const actions: Action[] = ['create', 'update', 'destroy', 'restore', 'baseline'];

const text = fc.constantFrom(...names);
const scalar = fc.constantFrom<Json>(
  null,
  true,
  false,
  0,
  1,
  -1.5,
  1e21,
  0.1,
  '',
  '1',
  'true',
  'null',
  'x',
  'x ',
  'X',
  '[1]',
  'it\'s "q" \\',
);
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(text, tie('value'), { maxKeys: 2 }),
  ) as fc.Arbitrary<Json>,
}));
const object = fc.dictionary(text, json, { maxKeys: 3 });
const pointer = (...path: string[]) =>
  path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const patch = fc.oneof(
  object.map((value) => [{ op: 'add', path: '', value }]),
  object.map((value) => [
    { op: 'test', path: '', value },
    { op: 'remove', path: '' },
  ]),
  fc.array(fc.tuple(text, fc.option(text), json, json), { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.flatMap(([attribute, inside, before, after]) => {
      const path = inside === null ? pointer(attribute) : pointer(attribute, inside);
      return [
        { op: 'test', path, value: before },
        { op: 'replace', path, value: after },
      ];
    }),
  ),
);
const entry = fc.record({
  modelName: fc.constantFrom(...models),
  recordId: fc.constantFrom(...recordIds),
  action: fc.constantFrom(...actions),
  patch,
  changesetId: fc.constantFrom(...changesets),
  actor: fc.constantFrom(...actors),
  meta: fc.option(object),
  createdAt: fc.constantFrom(...times),
});
const oneOrMore = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { maxLength: 3 }));
const conditions = {
  model: oneOrMore(fc.constantFrom(...models)),
  actor: oneOrMore(fc.constantFrom(...actors)),
  action: oneOrMore(fc.constantFrom(...actions)),
  attribute: oneOrMore(text),
  changesetId: fc.constantFrom(...changesets),
  since: fc.constantFrom(...times),
  until: fc.constantFrom(...times),
  meta: object,
};
const record = fc.record({ model: fc.constantFrom(...models), recordId: fc.constantFrom(...recordIds) });
/** Few conditions find something, so most queries have few. */
const query = fc
  .record({
    some: fc.subarray(Object.keys(conditions) as (keyof typeof conditions)[], { maxLength: 3 }),
    all: fc.record(conditions),
    record: fc.option(record, { freq: 5 }),
    order: fc.constantFrom('ASC' as const, 'DESC' as const),
  })
  .map(({ some, all, record, order }): EntriesQuery => {
    return { ...Object.fromEntries(some.map((name) => [name, all[name]])), ...record, order };
  });

/** The log as the database holds it, filtered by hand: what `entries` has to give. */
function filtered(log: readonly Row[], asked: EntriesQuery): string[] {
  const isOne = (value: unknown, of: unknown) => of === undefined || [of].flat().includes(value as never);
  const found = log.filter(
    (row) =>
      isOne(row.modelName, asked.model) &&
      isOne(row.recordId, asked.recordId) &&
      isOne(row.actor, asked.actor) &&
      isOne(row.action, asked.action) &&
      isOne(row.changesetId, asked.changesetId) &&
      (asked.since === undefined || (row.createdAt as Date) >= asked.since) &&
      (asked.until === undefined || (row.createdAt as Date) <= asked.until) &&
      (asked.attribute === undefined || [asked.attribute].flat().some((name) => touches(row.patch as Row[], name))) &&
      (asked.meta === undefined || holds(row.meta as Json, asked.meta as Json)),
  );
  const ids = found.map(({ id }) => String(id));
  return asked.order === 'ASC' ? ids : ids.reverse();
}

function touches(operations: readonly Row[], attribute: string): boolean {
  const path = pointer(attribute);
  return operations.some((operation) =>
    operation.path === ''
      ? typeof operation.value === 'object' && Object.hasOwn(operation.value as object, attribute)
      : operation.path === path || String(operation.path).startsWith(`${path}/`),
  );
}

function holds(found: Json | undefined, wanted: Json): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null || Array.isArray(found) !== Array.isArray(wanted)) return false;
  if (Array.isArray(wanted) && wanted.length !== (found as Json[]).length) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(found, key) && holds((found as { [key: string]: Json })[key], value),
  );
}

/** The rows of the log, oldest first, with JSON and times read by hand. */
async function readRows(sequelize: Sequelize): Promise<Row[]> {
  const rows = await select(sequelize, 'AuditLogs');
  const parse = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  return rows.map((row) => ({
    ...row,
    patch: parse(row.patch),
    meta: parse(row.meta),
    createdAt: row.createdAt instanceof Date ? row.createdAt : new Date(String(row.createdAt)),
  }));
}

async function attached(sequelize: Sequelize, indexes: IndexOptions = {}): Promise<Audit> {
  const audit = attachAudit(sequelize, { indexes });
  await audit.AuditLog.sync();
  return audit;
}

const everyIndex: IndexOptions = {
  model: true,
  action: true,
  attributes: names,
  meta: names.filter((name) => !/["\\]/.test(name)),
};

onEachDatabase('audit.entries', (database) => {
  for (const [title, indexes] of [
    ['the indexes it has', {}],
    ['every index there is', everyIndex],
  ] as const) {
    it(`gives with ${title} what a filter over the whole log gives, in pages that make up the whole`, async function () {
      this.timeout(120_000);
      const sequelize = await connect(database);
      const audit = await attached(sequelize, indexes);
      const log = fc.sample(entry, { numRuns: 120, seed: 5 });
      await audit.AuditLog.bulkCreate(log.map((one) => ({ ...one, reason: null })) as never);
      const rows = await readRows(sequelize);
      let found = 0;

      await fc.assert(
        fc.asyncProperty(query, fc.integer({ min: 3, max: 30 }), async (asked, limit) => {
          const expected = filtered(rows, asked);
          const whole = await audit.entries({ ...asked, limit: 1000 });
          const pages: string[] = [];
          for (let page = await audit.entries({ ...asked, limit }); page.length > 0; ) {
            pages.push(...page.map(({ id }) => id));
            page = await audit.entries({ ...asked, limit, after: pages.at(-1) });
          }

          found += expected.length;
          expect(whole.map(({ id }) => id)).to.deep.equal(expected);
          expect(pages).to.deep.equal(expected);
        }),
        { numRuns: 100, seed: 7 },
      );
      expect(found).to.be.greaterThan(300);
    });
  }
});
