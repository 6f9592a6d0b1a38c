import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { Contexts } from '../lib/context.js';
import { type AuditContext, attachAudit } from '../lib/index.js';
import { sqliteMemory } from './setup/databases.js';
import { connect } from './setup/suite.js';

const nobody = () => undefined;

describe('audit.run', () => {
  it('returns what the function returns, and gives its context up afterwards', async () => {
    const contexts = new Contexts(nobody);

    expect(contexts.run({ actor: 'a' }, () => 42)).to.equal(42);
    expect(await contexts.run({ actor: 'a' }, async () => 'later')).to.equal('later');
    expect(contexts.current(undefined)).to.deep.equal({ actor: null, reason: null, meta: null });
  });

  it('nests: inner keys win, and meta is joined key by key', () => {
    const contexts = new Contexts(() => 'default');

    const inner = contexts.run({ actor: 'outer', reason: 'why', meta: { request: 1, step: 1 } }, () =>
      contexts.run({ actor: 'inner', meta: { step: 2 } }, () => contexts.current(undefined)),
    );

    expect(inner).to.deep.equal({ actor: 'inner', reason: 'why', meta: '{"request":1,"step":2}' });
  });

  it('is of one instance, whichever others run something inside or around it', () => {
    const [one, other] = [new Contexts(nobody), new Contexts(nobody)];

    const actors = one.run({ actor: 'a' }, () =>
      other.run({ actor: 'b', meta: { n: 1 } }, () =>
        one.run({ reason: 'why' }, () => [one.current(undefined), other.current(undefined)]),
      ),
    );

    expect(actors).to.deep.equal([
      { actor: 'a', reason: 'why', meta: null },
      { actor: 'b', reason: null, meta: '{"n":1}' },
    ]);
  });

  it('gives Node one storage to ask at each promise, however many instances there are', async () => {
    const { run } = AsyncLocalStorage.prototype;
    const storages = new Set<unknown>();
    AsyncLocalStorage.prototype.run = function (this: unknown, ...args: never[]) {
      storages.add(this);
      return run.apply(this as never, args as never);
    } as never;
    try {
      for (let turn = 0; turn < 3; turn += 1) {
        const audit = attachAudit(await connect(sqliteMemory));
        audit.run({ actor: 'Ada' }, () => audit.unaudited('a test', () => undefined));
      }
    } finally {
      AsyncLocalStorage.prototype.run = run;
    }

    expect(storages.size).to.equal(1);
  });

  it('wins over the actor option, and the audit option of a call wins over both', () => {
    const contexts = new Contexts(() => 'option');

    expect(contexts.current(undefined).actor).to.equal('option');
    expect(contexts.run({ actor: 'run' }, () => contexts.current(undefined)).actor).to.equal('run');
    expect(contexts.run({ actor: 'run' }, () => contexts.current({ actor: 'call' })).actor).to.equal('call');
    expect(contexts.run({ actor: null }, () => contexts.current(undefined)).actor).to.equal(null);
  });

  it('keeps an actor that is falsy', () => {
    expect(new Contexts(() => 0).current(undefined).actor).to.equal('0');
    expect(new Contexts(() => 10n ** 20n).current(undefined).actor).to.equal('100000000000000000000');
  });

  it('keeps ten thousand interleaved flows apart', async () => {
    const contexts = new Contexts(nobody);
    const flow = async (actor: number) =>
      contexts.run({ actor }, async () => {
        for (let turn = 0; turn < actor % 4; turn += 1) await nextTurn();
        return contexts.current(undefined).actor;
      });

    const seen = await Promise.all(Array.from({ length: 10_000 }, (_, actor) => flow(actor)));

    expect(seen).to.deep.equal(Array.from({ length: 10_000 }, (_, actor) => String(actor)));
  });

  it('keeps parallel writes through one database apart', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Note = sequelize.define('Note', { title: DataTypes.STRING });
    await sequelize.sync();

    await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        audit.run({ actor: `user:${index}` }, () => Note.create({ title: `user:${index}` })),
      ),
    );

    for (const entry of await audit.AuditLog.findAll()) {
      expect((entry.patch[0] as unknown as { value: { title: string } }).value.title).to.equal(entry.actor);
    }
  });

  for (const [title, context, message] of [
    ['no object', 'me', 'audit.run: expected an object { actor, reason, meta }, got "me"'],
    ['null', null, 'audit.run: expected an object { actor, reason, meta }, got null'],
    ['an unknown key', { user: 'me' }, 'audit.run: expected actor, reason and meta, got "user"'],
    ['an actor that is an object', { actor: { id: 1 } }, 'actor: expected a string or a number, got an object'],
    [
      'an actor that is too long',
      { actor: 'x'.repeat(256) },
      `actor: expected at most 255 characters, got "${'x'.repeat(57)}..."`,
    ],
    ['a reason that is no text', { reason: 7 }, 'reason: expected a string, got 7'],
    ['meta that is a list', { meta: [1] }, 'meta: expected an object, got an array of 1'],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(() => new Contexts(nobody).run(context as AuditContext, () => undefined))
        .to.throw(message)
        .with.property('code', 'ERR_AUDIT_CONTEXT_INVALID');
    });
  }

  it('refuses meta that is no JSON before anything is written', async () => {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Note = sequelize.define('Note', { title: DataTypes.STRING });
    await sequelize.sync();
    const circular: Record<string, unknown> = {};
    circular.self = circular;

    for (const meta of [circular, { big: 1n }]) {
      const error = await Note.create({ title: 'never' }, { audit: { meta } }).catch((caught: unknown) => caught);
      expect(error).to.include({ code: 'ERR_AUDIT_CONTEXT_INVALID' });
    }

    expect(await Note.count()).to.equal(0);
    expect(await audit.AuditLog.count()).to.equal(0);
  });
});
