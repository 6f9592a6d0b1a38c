import { expect } from 'chai';
import { DataTypes, type Model } from 'sequelize';
import { type AuditOptions, attachAudit } from '../../lib/index.js';
import { readLog, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

const options: AuditOptions = {
  models: { User: { exclude: ['lastSeen', 'secretPlan'], redact: ['password', 'tokens'] } },
};

onEachDatabase('Excluded and redacted attributes', (database) => {
  for (const capture of ['complete', 'hooks'] as const) {
    const given = async () => {
      const sequelize = await connect(database);
      const audit = attachAudit(sequelize, { ...options, capture });
      const User = sequelize.define<Any>(
        'User',
        {
          name: DataTypes.STRING,
          password: DataTypes.STRING,
          tokens: DataTypes.JSON,
          lastSeen: { type: DataTypes.STRING, field: 'last_seen' },
          secretPlan: DataTypes.JSON,
        },
        { audit: { redact: ['pin'] } },
      );
      const pin = { pin: { type: DataTypes.STRING } };
      Object.assign(User.rawAttributes, pin);
      (User as unknown as { refreshAttributes(): void }).refreshAttributes();
      await sequelize.sync();
      return { sequelize, audit, User };
    };

    it(`are nowhere in the log, on neither side of a change, with capture: '${capture}'`, async () => {
      const { sequelize, User } = await given();
      const secrets = ['hunter', 'plan-', 'seen-', 'token-', 'pin-'];

      const user = await User.create({
        name: 'visible',
        password: 'hunter1',
        tokens: ['token-1'],
        pin: 'pin-1',
        lastSeen: 'seen-1',
        secretPlan: { a: 'plan-1' },
      });
      await user.update({
        password: 'hunter2',
        tokens: ['token-1', 'token-2'],
        pin: 'pin-2',
        lastSeen: 'seen-2',
        secretPlan: { a: 'plan-2' },
      });
      await user.update({ name: 'still visible', password: null });
      await user.destroy();

      const text = JSON.stringify(await select(sequelize, 'AuditLogs'));
      expect(await readLog(sequelize)).to.have.length(4);
      expect(text).to.include('visible');
      for (const secret of secrets) expect(text).not.to.include(secret);
      for (const name of ['lastSeen', 'last_seen', 'secretPlan']) expect(text).not.to.include(name);
    });

    it(`show that a redacted value changed, and nothing of what it was, with capture: '${capture}'`, async () => {
      const { sequelize, User } = await given();
      const user = await User.create({ name: 'a', password: 'hunter1' });

      await user.update({ password: 'hunter2' }, { silent: true });

      const [, update] = await readLog(sequelize);
      expect(update).to.deep.include({
        action: 'update',
        patch: [
          { op: 'test', path: '/password', value: { $redacted: true } },
          { op: 'replace', path: '/password', value: { $redacted: true } },
        ],
      });
    });

    it(`make no entry when only excluded ones change, with capture: '${capture}'`, async () => {
      const { sequelize, User } = await given();
      const user = await User.create({ name: 'a', lastSeen: 'never' });

      await user.update({ lastSeen: 'now', secretPlan: { b: 1 } }, { silent: true });

      expect(await readLog(sequelize)).to.have.length(1);
    });

    it(`are absent from the rebuilt record, never null, with capture: '${capture}'`, async () => {
      const { audit, User } = await given();
      const user = await User.create({ name: 'a', password: 'hunter1', lastSeen: 'never' });
      await user.update({ name: 'b', password: 'hunter2' });

      for (const revision of [1, 2]) {
        const past = await audit.history(user).at(revision);
        expect(past?.get()).to.have.all.keys('id', 'name', 'createdAt', 'updatedAt');
      }
    });
  }

  it('can be included again: what is not known yet stays absent, and what changes is known from then on', async () => {
    const sequelize = await connect(database);
    const User = sequelize.define<Any>('User', {
      name: DataTypes.STRING,
      password: DataTypes.STRING,
      city: DataTypes.STRING,
    });
    const first = attachAudit(sequelize, { models: { User: { redact: ['password'], exclude: ['city'] } } });
    await sequelize.sync();
    const user = await User.create({ name: 'a', password: 'one', city: 'Ghent' });
    first.detach();
    const audit = attachAudit(sequelize);

    await user.update({ password: 'two' });
    await user.update({ city: 'Delft' });
    await user.destroy();

    const history = audit.history(User, user.id);
    expect((await history.at(1))?.get()).to.have.all.keys('id', 'name', 'createdAt', 'updatedAt');
    expect((await history.at(2))?.get())
      .to.include({ password: 'two' })
      .and.not.to.have.property('city');
    expect((await history.at(3))?.get()).to.include({ password: 'two', city: 'Delft' });
    expect(await history.at(4)).to.equal(null);
  });

  it('can be taken out later: the record ends without them', async () => {
    const sequelize = await connect(database);
    const User = sequelize.define<Any>('User', {
      name: DataTypes.STRING,
      password: DataTypes.STRING,
      city: DataTypes.STRING,
    });
    const first = attachAudit(sequelize);
    await sequelize.sync();
    const user = await User.create({ name: 'a', password: 'one', city: 'Ghent' });
    first.detach();
    const audit = attachAudit(sequelize, { models: { User: { redact: ['password'], exclude: ['city'] } } });

    await user.update({ password: 'two', city: 'Delft' });
    await user.destroy();

    const history = audit.history(User, user.id);
    expect((await history.at(2))?.get()).to.have.all.keys('id', 'name', 'createdAt', 'updatedAt');
    expect(await history.at(3)).to.equal(null);
  });
});
