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

async function stackOf(sequelize: Sequelize, write: Write, isWithin: boolean): Promise<string> {
  const User = sequelize.define<Any>('User', { name: { type: DataTypes.STRING(50), unique: true } });
  await sequelize.sync({ force: true });
  await User.create({ name: 'taken' });
  const user = await User.create({ name: 'free' });
  const callOfTheApplication = async (transaction: Transaction | null) => {
    await write(User, user, transaction);
  };
  const done = isWithin ? sequelize.transaction(callOfTheApplication) : callOfTheApplication(null);
  return done.then(
    () => 'Nothing was refused',
    (error: Error) => String(error.stack),
  );
}

onEachDatabase('the stack of an error', (database) => {
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

  it('is as long as the application wants it, in its own code and after a write', async () => {
    const { stackTraceLimit } = Error;
    const seen: unknown[] = [];
    const audited = await connect(database, { logging: () => seen.push(Error.stackTraceLimit) });
    attachAudit(audited);
    for (const write of Object.values(refused)) {
      await stackOf(audited, write, false);
      await stackOf(audited, write, true);
    }
    seen.push(Error.stackTraceLimit);
    expect(new Set(seen)).to.deep.equal(new Set([stackTraceLimit]));
  });
});
