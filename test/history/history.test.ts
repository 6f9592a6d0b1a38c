import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, Op, type Sequelize } from 'sequelize';
import { type Audit, AuditError, attachAudit } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
}

onEachDatabase('history', (database) => {
  let given: World;
  beforeEach(async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>(
      'User',
      {
        name: DataTypes.STRING,
        address: DataTypes.JSON,
        born: DataTypes.DATEONLY,
        shout: {
          type: DataTypes.STRING,
          get() {
            return `${this.getDataValue('shout' as never)}!`;
          },
          set(value: string) {
            this.setDataValue('shout' as never, value.toUpperCase() as never);
          },
        },
      },
      { paranoid: true },
    );
    await sequelize.sync();
    given = { sequelize, audit, User };
  });

  /** A user with four revisions, the last of them its soft destroy. */
  const lived = async () => {
    const user = await given.User.create({ name: 'Ada', address: { city: 'London' }, born: '1815-12-10', shout: 'hi' });
    await user.update({ name: 'Ada L.' });
    await user.update({ address: { city: 'London', zip: 'SW1' } });
    await user.destroy();
    return user;
  };

  describe('history.revisions', () => {
    it('is the entries of the record, oldest first, with who and why', async () => {
      const user = await given.audit.run({ actor: 'ops', reason: 'sign-up', meta: { request: 7 } }, () =>
        given.User.create({ name: 'Ada' }),
      );
      await user.update({ name: 'Ada L.' }, { silent: true, audit: { actor: 42, reason: 'typo' } });

      const [create, update, ...rest] = await given.audit.history(user).revisions();

      expect(rest).to.deep.equal([]);
      expect(create).to.deep.include({
        revision: 1,
        action: 'create',
        actor: 'ops',
        reason: 'sign-up',
        meta: { request: 7 },
      });
      expect(create?.id).to.be.a('string');
      expect(create?.changesetId).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(create?.at).to.be.instanceOf(Date);
      expect(update).to.deep.include({ revision: 2, action: 'update', actor: '42', reason: 'typo', meta: null });
      expect(update?.patch).to.deep.equal([
        { op: 'test', path: '/name', value: 'Ada' },
        { op: 'replace', path: '/name', value: 'Ada L.' },
      ]);
    });

    it('keeps the numbers of revisions that where, limit and order choose', async () => {
      const user = await lived();
      const history = given.audit.history(user);

      const last = await history.revisions({ order: [['id', 'DESC']], limit: 2 });
      const updates = await history.revisions({ where: { action: 'update' } });
      const later = await history.revisions({ where: { createdAt: { [Op.gt]: new Date(Date.now() + 60_000) } } });

      expect(last.map(({ revision, action }) => [revision, action])).to.deep.equal([
        [4, 'destroy'],
        [3, 'update'],
      ]);
      expect(updates.map(({ revision }) => revision)).to.deep.equal([2, 3]);
      expect(later).to.deep.equal([]);
    });

    it('is empty for a record that never was', async () => {
      expect(await given.audit.history(given.User, 999).revisions()).to.deep.equal([]);
      expect(await given.audit.history(given.User, 999).at(new Date())).to.equal(null);
    });
  });

  describe('history.at', () => {
    it('is the record as Sequelize read it then, at every revision', async () => {
      const states: unknown[] = [];
      const read = async (id: unknown) => states.push((await given.User.findByPk(id as number))?.dataValues);
      const user = await given.User.create({
        name: 'Ada',
        address: { city: 'London' },
        born: '1815-12-10',
        shout: 'hi',
      });
      await read(user.id);
      await user.update({ name: null, address: { city: 'London', 'a/b': ['~'] } });
      await read(user.id);
      await user.update({ address: null, born: null });
      await read(user.id);

      for (const [index, state] of states.entries()) {
        const past = await given.audit.history(user).at(index + 1);

        expect(past).to.be.instanceOf(given.User);
        expect(past?.isNewRecord).to.equal(true);
        expect(past?.dataValues).to.deep.equal(state);
        expect(past?.changed()).to.equal(false);
      }
      expect((await given.audit.history(user).at(1))?.shout).to.equal('HI!');
    });

    it('is null between a destroy and its restore', async () => {
      const user = await lived();
      await user.restore();
      const history = given.audit.history(user);

      expect(await history.at(4)).to.equal(null);
      expect((await history.at(3))?.get('address')).to.deep.equal({ city: 'London', zip: 'SW1' });
      expect((await history.at(5))?.get()).to.include({ name: 'Ada L.', deletedAt: null });
    });

    it('is null after a hard destroy and before the creation', async () => {
      const before = new Date(Date.now() - 60_000);
      const user = await given.User.create({ name: 'Ada' });
      await user.destroy({ force: true });
      const history = given.audit.history(given.User, user.id);

      expect(await history.at(before)).to.equal(null);
      expect((await history.at(1))?.get('name')).to.equal('Ada');
      expect(await history.at(2)).to.equal(null);
      expect(await history.at(new Date(Date.now() + 60_000))).to.equal(null);
    });

    it('takes an instant as inclusive, to the millisecond', async () => {
      const user = await lived();
      const history = given.audit.history(user);
      const revisions = await history.revisions();

      for (const { at } of revisions) {
        const last = revisions.findLast((revision) => revision.at <= at);
        const expected = await history.at(last?.revision as number);
        expect((await history.at(at))?.get('name')).to.equal(expected?.get('name'));
      }
    });

    it('says that the history is incomplete rather than invent a state', async () => {
      const quote = (name: string) => (database.dialect === 'postgres' ? `"${name}"` : `\`${name}\``);
      const lost = await lived();
      await given.sequelize.query(`DELETE FROM ${quote('AuditLogs')} WHERE action = 'create'`);
      const unseen = await given.User.create({ name: 'Grace' });
      await given.sequelize.query(`UPDATE ${quote('Users')} SET name = 'Hopper' WHERE id = ${unseen.id}`);
      await unseen.update({ name: 'Grace H.' });
      const older = await given.User.create({ name: 'Emmy' }, { audit: false });

      for (const attempt of [
        () => given.audit.history(lost).at(1),
        () => given.audit.history(lost).at(new Date()),
        () => given.audit.history(lost).at(new Date(0)),
        () => given.audit.history(unseen).at(2),
        () => given.audit.history(older).at(new Date()),
      ]) {
        expect(await attempt().catch((caught: unknown) => caught)).to.include({ code: 'ERR_AUDIT_HISTORY_INCOMPLETE' });
      }
      expect((await given.audit.history(unseen).at(1))?.get('name')).to.equal('Grace');
    });

    for (const point of [0, -1, 1.5, Number.NaN, '1', null, undefined, new Date(Number.NaN), {}] as never[]) {
      it(`refuses the point ${String(point)}`, async () => {
        const user = await lived();

        const error = await given.audit
          .history(user)
          .at(point)
          .catch((caught: unknown) => caught);

        expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
        expect((error as Error).message).to.include('expected a revision from 1 or a valid Date, got ');
      });
    }

    it('refuses a revision that is not there yet, and says how many there are', async () => {
      const user = await lived();

      const error = await given.audit
        .history(user)
        .at(5)
        .catch((caught: unknown) => caught);

      expect(error).to.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
      expect((error as Error).message).to.equal(`User ${user.id} has 4 revisions: expected one of them, got 5`);
    });
  });

  describe('history.diff', () => {
    it('is the patch between two points, in either direction', async () => {
      const user = await given.User.create({ name: 'Ada', address: { city: 'London' } });
      await user.update({ name: 'Ada L.', address: { city: 'Paris' } }, { silent: true });
      await user.update({ name: 'Ada' }, { silent: true });
      const history = given.audit.history(user);

      expect(await history.diff(1, 3)).to.deep.equal([
        { op: 'test', path: '/address/city', value: 'London' },
        { op: 'replace', path: '/address/city', value: 'Paris' },
      ]);
      expect(await history.diff(3, 1)).to.deep.equal([
        { op: 'test', path: '/address/city', value: 'Paris' },
        { op: 'replace', path: '/address/city', value: 'London' },
      ]);
      expect(await history.diff(2, 2)).to.deep.equal([]);
    });

    it('begins with nothing before the creation, and ends with nothing after a destroy', async () => {
      const user = await lived();
      const history = given.audit.history(user);

      expect((await history.diff(new Date(0), 1)).map(({ op, path }) => [op, path])).to.deep.equal([['add', '']]);
      expect((await history.diff(1, 4)).map(({ op, path }) => [op, path])).to.deep.equal([
        ['test', ''],
        ['remove', ''],
      ]);
    });
  });

  for (const options of [
    null,
    5,
    { foo: 1 },
    { limit: 'x' },
    { limit: -1 },
    { where: null },
    { order: 'id' },
    { transaction: {} },
  ] as never[]) {
    it(`refuses the options ${JSON.stringify(options)}`, async () => {
      const user = await lived();

      const error = await given.audit
        .history(user)
        .revisions(options)
        .catch((caught: unknown) => caught);

      expect(error).to.be.instanceOf(AuditError).and.include({ code: 'ERR_AUDIT_HISTORY_INVALID' });
    });
  }

  describe('audit.history', () => {
    it('refuses what is no record, a key that names none, and a model that is not audited', async () => {
      const Off = given.sequelize.define('Off', { name: DataTypes.STRING }, { audit: false });
      for (const [attempt, message] of [
        [
          () => given.audit.history('User' as never, 1),
          'expected a record or a model of this Sequelize instance, got "User"',
        ],
        [
          () => given.audit.history(given.User, undefined),
          'A record of User is named by id: expected a value, got undefined',
        ],
        [
          () => given.audit.history(given.User, { key: 1 }),
          'A record of User is named by id: expected a value, got an object with key',
        ],
        [
          () => given.audit.history(given.User, Number.NaN),
          'A record of User is named by id: expected a value, got NaN',
        ],
        [() => given.audit.history(given.User.build({ id: 1 }) as never, 1), 'expected no key beside a record, got 1'],
        [() => given.audit.history(given.User.build()), 'A record of User is named by id'],
        [() => given.audit.history(Off, 1), 'Off is not audited'],
      ] as const) {
        expect(attempt).to.throw(message).with.property('code', 'ERR_AUDIT_HISTORY_INVALID');
      }
    });
  });
});
