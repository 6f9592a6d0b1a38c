import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { instant } from '../history/as-of-world.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { blocksOf, read } from './pages.js';

const page = read('docs/time-travel.md');

onEachDatabase('docs/time-travel.md', (database) => {
  it('prints with each example what stands beneath it', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define('User', { name: DataTypes.STRING }, { timestamps: false });
    const Post = sequelize.define('Post', { title: DataTypes.STRING }, { timestamps: false });
    User.hasMany(Post, { as: 'posts', foreignKey: 'authorId' });
    await sequelize.sync();
    const user = await User.create({ name: 'Ada' });
    const other = await User.create({ name: 'Ben' });
    await Post.bulkCreate(['first', 'second'].map((title) => ({ title, authorId: user.get('id') })));
    const point = await instant();
    await user.update({ name: 'Ada L.' });
    await other.destroy();
    const examples = blocksOf(page, 'ts');

    expect(examples).to.have.lengthOf(2);
    for (const [index, code] of examples.entries()) {
      const printed: string[] = [];
      const show = (...values: unknown[]) =>
        printed.push(...values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))));
      const names = { audit, user, User, Post, point, show };
      const run = new Function(...Object.keys(names), `return (async () => { ${code} })();`) as (
        ...values: unknown[]
      ) => Promise<void>;

      await run(...Object.values(names));

      expect(`${printed.join('\n')}\n`).to.equal(blocksOf(page, 'text')[index]);
    }
  });

  it('keeps snapshots as it says', async () => {
    const sequelize = await connect(database);
    const [code = ''] = blocksOf(page, 'js');
    const run = new Function('attachAudit', 'sequelize', `return (async () => { ${code} return audit; })();`);
    const before = attachAudit(sequelize, { snapshots: true });
    await sequelize.sync();
    before.detach();

    const { AuditLog } = await run(attachAudit, sequelize);

    expect(await AuditLog.count()).to.equal(0);
    expect(await sequelize.getQueryInterface().tableExists('AuditLogSnapshots')).to.equal(true);
  });
});
