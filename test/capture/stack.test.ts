import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>>;
type Write = (User: ModelStatic<Any>, user: Any, transaction: Transaction | null) => Promise<unknown>;

/** Each breaks the unique key of `name`. */
const refused: Readonly<Record<string, Write>> = {
  create: (User, _, transaction) => User.create({ name: 'taken' }, { transaction }),
  update: (_, user, transaction) => user.update({ name: 'taken' }, { transaction }),
  bulkCreate: (User, _, transaction) => User.bulkCreate([{ name: 'new' }, { name: 'taken' }], { transaction }),
  'Model.update': (User, _, transaction) => User.update({ name: 'taken' }, { where: { name: 'free' }, transaction }),
};

/** Each cannot be recorded once the log is gone. */
const unrecorded: Readonly<Record<string, Write>> = {
  create: (User, _, transaction) => User.create({ name: 'new' }, { transaction }),
  update: (_, user, transaction) => user.update({ name: 'new' }, { transaction }),
  destroy: (_, user, transaction) => user.destroy({ transaction }),
  bulkCreate: (User, _, transaction) => User.bulkCreate([{ name: 'new' }, { name: 'newer' }], { transaction }),
};

async function stackOf(sequelize: Sequelize, write: Write, isWithin: boolean, hasLog = true): Promise<string> {
  const User = sequelize.define<Any>('User', { name: { type: DataTypes.STRING(50), unique: true } });
  await sequelize.sync({ force: true });
  await User.create({ name: 'taken' });
  const user = await User.create({ name: 'free' });
  if (!hasLog) await sequelize.getQueryInterface().dropTable('AuditLogs');
  const callOfTheApplication = async (transaction: Transaction | null) => {
    await write(User, user, transaction);
  };
  const transactionOfTheApplication = async () => {
    await sequelize.transaction(callOfTheApplication);
  };
  return (isWithin ? transactionOfTheApplication() : callOfTheApplication(null)).then(
    () => 'Nothing was refused',
    (error: Error) => String(error.stack),
  );
}

onEachDatabase('the stack of an error', (database) => {
  const { stackTraceLimit } = Error;
  // As it comes with Node; mocha wants more.
  beforeEach(() => {
    Error.stackTraceLimit = 10;
  });
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  for (const [name, write] of Object.entries(refused)) {
    for (const isWithin of [false, true]) {
      it(`leads to the ${name} of the application${isWithin ? ' in a transaction' : ''}, as without us`, async () => {
        const bare = await connect(database);
        expect(await stackOf(bare, write, isWithin)).to.include('callOfTheApplication');

        const audited = await connect(database);
        attachAudit(audited);
        expect(await stackOf(audited, write, isWithin)).to.include('callOfTheApplication');
      });
    }
  }

  for (const [name, write] of Object.entries(unrecorded)) {
    for (const isWithin of [false, true]) {
      it(`leads to the ${isWithin ? 'transaction of a ' : ''}${name} that cannot be recorded`, async () => {
        const audited = await connect(database);
        attachAudit(audited);
        const stack = await stackOf(audited, write, isWithin, false);
        expect(stack).to.match(/^AuditError: The entr(?:y|ies) of .* could not be written/);
        expect(stack).to.include(isWithin ? 'transactionOfTheApplication' : 'callOfTheApplication');
      });
    }
  }

  it('is as long as the application wants it, in its own code and after a write', async () => {
    const seen: unknown[] = [];
    const audited = await connect(database, { logging: () => seen.push(Error.stackTraceLimit) });
    attachAudit(audited);
    for (const write of Object.values(refused)) {
      await stackOf(audited, write, false);
      await stackOf(audited, write, true);
    }
    seen.push(Error.stackTraceLimit);
    expect(new Set(seen)).to.deep.equal(new Set([10]));
  });
});
