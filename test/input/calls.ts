/** The public calls, each with odd arguments: to fuzz a new one, add a line. */
import fc from 'fast-check';
import { anything, json, objectWith, text } from './odd.js';
import type { Any, Side, World } from './world.js';

/** A call that is ours alone: it answers, or rejects with an AuditError. */
export interface OurCall {
  readonly arguments: readonly fc.Arbitrary<unknown>[];
  readonly run: (given: World, ...args: never[]) => unknown;
  /** Hands the same arguments to Sequelize alone, where they go on to it: what it refuses, it refuses here too. */
  readonly like?: (given: World, ...args: never[]) => unknown;
  /** Whether it may change a record; else it must change nothing. */
  readonly isWrite?: true;
}

/** A write, done with the plugin and without: `audit` is only given to the first. */
export interface Write {
  readonly arguments: readonly fc.Arbitrary<unknown>[];
  readonly run: (side: Side, options: { readonly audit?: never }, ...args: never[]) => Promise<unknown>;
  /** Whether it may fail where Sequelize alone does not, or the other way: in a condition that hardly is one. */
  readonly mayDiffer?: true;
}

/** An object with one of these keys, so that the others do not get in its way. */
function one(names: string): fc.Arbitrary<unknown> {
  return fc.constantFrom(...names.split(' ')).chain((name) => anything.map((value) => ({ [name]: value })));
}

const context = objectWith('actor', 'reason', 'meta');
const point = fc.oneof(fc.constantFrom<unknown>(1, 2, new Date()), anything);
const historyOptions = objectWith('transaction');
const revisionsOptions = fc.oneof(
  objectWith('where', 'limit', 'order', 'transaction'),
  one('where since until attributes limit order transaction'),
);
const key = fc.oneof(fc.constant('first'), text, anything, objectWith('key'));
/** The driver of MariaDB never answers again after an object with a bigint in it, so no object is a size. */
const note = fc.oneof(
  objectWith('name', 'data'),
  fc.record({ name: anything, size: fc.oneof(text, fc.double(), fc.maxSafeInteger(), fc.bigInt(), fc.constant(null)) }),
);
const first = async ({ Note }: Side) => (await Note.findOne({ order: [['id', 'ASC']] })) as Any;
/** As a record is found without us, by its key or by an object that names it. */
const found = (model: 'Note' | 'Keyed', name: string) => (given: World, id: unknown) =>
  given[model].findOne({ where: (typeof id === 'object' && id !== null && name in id ? id : { [name]: id }) as never });
const history = (given: World) => given.audit.history(given.Keyed, 'first');

export const ourCalls: Readonly<Record<string, OurCall>> = {
  'audit.run': { arguments: [context, anything], run: ({ audit }, who: never, fn: never) => audit.run(who, fn) },
  'audit.run with a function': {
    arguments: [context, context],
    run: ({ audit }, outer: never, inner: never) => audit.run(outer, () => audit.run(inner, () => 'done')),
  },
  'audit.unaudited': {
    arguments: [anything, anything],
    run: ({ audit }, reason: never, fn: never) => audit.unaudited(reason, fn),
  },
  'audit.history': {
    arguments: [anything, anything],
    run: ({ audit }, model: never, id: never) => audit.history(model, id),
  },
  'audit.history of a model': {
    arguments: [key],
    run: ({ audit, Keyed }, id: never) => audit.history(Keyed, id).revisions(),
    like: found('Keyed', 'key'),
  },
  'audit.history of a counted model': {
    arguments: [key],
    run: ({ audit, Note }, id: never) => audit.history(Note, id).at(new Date()),
    like: found('Note', 'id'),
  },
  'audit.history of an instance': {
    arguments: [key],
    run: ({ audit, Keyed }, value: never) => audit.history(Keyed.build({ key: value }, { raw: true })).at(new Date()),
    like: found('Keyed', 'key'),
  },
  'history.at': {
    arguments: [point, historyOptions],
    run: (given, at: never, options: never) => history(given).at(at, options),
  },
  'history.diff': {
    arguments: [point, point, historyOptions],
    run: (given, from: never, to: never, options: never) => history(given).diff(from, to, options),
  },
  'history.revisions': {
    arguments: [revisionsOptions],
    run: (given, options: never) => history(given).revisions(options),
    like: ({ audit }, options: object) => audit.AuditLog.findAll({ ...options }),
  },
  'history.revertTo': {
    arguments: [point, historyOptions],
    run: (given, at: never, options: never) => history(given).revertTo(at, options),
    isWrite: true,
  },
  'history.documentAt': {
    arguments: [point, historyOptions],
    run: (given, at: never, options: never) => history(given).documentAt(at, options),
  },
  'audit.entries': {
    arguments: [one('model recordId actor action attribute changesetId since until meta limit after order')],
    run: ({ audit }, query: never) => audit.entries(query),
  },
  'audit.entries, by what they hold': {
    arguments: [text, text, json],
    run: ({ audit }, actor: never, name: string, value) => audit.entries({ actor, meta: { [name]: value } as never }),
  },
  'audit.undo': {
    arguments: [fc.oneof(fc.constant(1), anything), one('dryRun onConflict transaction')],
    run: ({ audit }, what: never, options: never) => audit.undo(what, options),
    isWrite: true,
  },
  'audit.blame': {
    arguments: [anything, anything, anything],
    run: ({ audit }, model: never, id: never, options: never) => audit.blame(model, id, options),
  },
  'audit.blame of a model': {
    arguments: [key, historyOptions],
    run: ({ audit, Keyed }, id: never, options: never) => audit.blame(Keyed, id, options),
    like: found('Keyed', 'key'),
  },
  'audit.verify': {
    arguments: [one('models limit onProgress transaction')],
    run: ({ audit }, options: never) => audit.verify(options),
  },
  'audit.asOf': {
    arguments: [fc.oneof(fc.constant(new Date()), anything), one('models onProgress transaction')],
    run: async ({ audit }, at: never, options: never) => (await audit.asOf(at, options)).close(),
  },
  'audit.baseline': {
    arguments: [anything, one('batchSize differing onProgress transaction')],
    run: ({ audit }, models: never, options: never) => audit.baseline(models, options),
    isWrite: true,
  },
};

export const writes: Readonly<Record<string, Write>> = {
  create: {
    arguments: [anything, anything],
    run: ({ Note }, options, name, data) => Note.create({ name, data }, options),
  },
  'create, of JSON': { arguments: [json], run: ({ Note }, options, data) => Note.create({ data }, options) },
  'create, by a key': {
    arguments: [fc.oneof(text, anything), text],
    run: ({ Keyed }, options, id, name) => Keyed.create({ key: id, name }, options),
  },
  'create, of anything': {
    arguments: [note],
    run: ({ Note }, options, values) => Note.create(values, options),
  },
  update: {
    arguments: [note],
    run: async (side, options, values) => (await first(side)).update(values, options),
  },
  'update, of JSON': {
    arguments: [json],
    run: async (side, options, data) => (await first(side)).update({ data }, options),
  },
  'update, of a path in JSON': {
    arguments: [text, json],
    run: async (side, options, path, value) => (await first(side)).set(`data.${path}` as never, value).save(options),
  },
  bulkCreate: {
    arguments: [fc.array(objectWith('name', 'data'), { maxLength: 3 })],
    run: ({ Note }, options, rows) => Note.bulkCreate(rows, options),
  },
  'bulkCreate, over rows that are there': {
    arguments: [text, text],
    run: ({ Keyed }, options, id: string, name) =>
      Keyed.bulkCreate(
        [
          { key: 'first', name },
          { key: id, name },
        ],
        { updateOnDuplicate: ['name'], ...options },
      ),
  },
  'Model.update': {
    arguments: [text, text],
    run: ({ Keyed }, options, id, name) => Keyed.update({ name }, { where: { key: id }, ...options }),
  },
  'Model.update, of a key': {
    arguments: [text, text],
    run: ({ Keyed }, options, from, to) => Keyed.update({ key: to }, { where: { key: from }, ...options }),
  },
  'Model.update, where anything': {
    arguments: [note, note],
    run: ({ Note }, options, values, where) => Note.update(values, { where, ...options }),
    mayDiffer: true,
  },
  'Model.destroy': {
    arguments: [objectWith('key', 'name')],
    run: ({ Keyed }, options, where) => Keyed.destroy({ where, ...options }),
  },
  upsert: {
    arguments: [text, text],
    run: ({ Keyed }, options, id, name) => Keyed.upsert({ key: id, name }, options),
  },
  increment: {
    arguments: [anything],
    run: ({ Note }, options, by) => Note.increment('size', { by, where: { id: 1 }, ...options }),
  },
};

/** The `audit` option of a write; false leaves a gap, as it is meant to. */
export const auditOption = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: context.filter((audit) => audit !== false) },
);
