import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { ForeignKeys } from '../../lib/capture/foreign-keys.js';
import type { Tables } from '../../lib/capture/tables.js';
import { attachAudit } from '../../lib/index.js';
import { internalsOf, runOn } from '../../lib/internals.js';
import { sqliteMemory } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

describe('Foreign keys', () => {
  it('are kept by a write that has looked at them while the schema changes, and read again by the next', async () => {
    const sequelize = await connect(sqliteMemory);
    await sequelize.query('CREATE TABLE parents (id INTEGER PRIMARY KEY)');
    await sequelize.query('CREATE TABLE children (parentId INTEGER REFERENCES parents (id) ON DELETE CASCADE)');
    const connection = await internalsOf(sequelize).connectionManager.getConnection({});
    const names = {
      schemas: [],
      keyOfName: ({ table }: { table: string }) => table,
      fieldOf: (_: unknown, c: string) => c,
    };
    const keys = new ForeignKeys(sequelize, names as unknown as Tables);
    let reads = 0;
    const run = (sql: string) => {
      reads += 1;
      return runOn(sequelize, connection, sql);
    };

    await keys.load(run, 'parents');
    keys.forget();
    expect(keys.to('parents').map(({ childKey }) => childKey)).to.deep.equal(['children']);

    await sequelize.query('CREATE TABLE others (parentId INTEGER REFERENCES parents (id))');
    await keys.load(run, 'parents');
    expect(keys.to('parents').map(({ childKey }) => childKey)).to.have.members(['children', 'others']);

    await keys.load(run, 'parents');
    expect(reads).to.equal(2);
  });
});

onEachDatabase('A cascade', (database) => {
  it('is followed along a foreign key that raw SQL has made since the last write', async () => {
    const sequelize = await connect(database);
    attachAudit(sequelize);
    const options = { timestamps: false, underscored: true };
    const Parent = sequelize.define('Parent', {}, { ...options, tableName: 'parents' });
    const Child = sequelize.define('Child', { parentId: DataTypes.INTEGER }, { ...options, tableName: 'children' });
    for (const model of [Parent, sequelize.models.AuditLog]) await model?.sync();
    await Parent.bulkCreate([{}, {}]);
    await Parent.destroy({ where: { id: 1 } });
    await sequelize.query(
      'CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER, FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE)',
    );
    await Child.bulkCreate([{ id: 1, parentId: 2 }] as never);

    await Parent.destroy({ where: { id: 2 } });

    expect(await readTables([Parent, Child])).to.deep.equal({});
    expect(foldLog(await readLog(sequelize))).to.deep.equal({});
  });

  it('is followed while tables are made beside it', async () => {
    const sequelize = await connect(database, { pool: { max: 5 } });
    attachAudit(sequelize);
    const Parent = sequelize.define('Parent', {}, { timestamps: false });
    const Child = sequelize.define('Child', { name: DataTypes.STRING }, { timestamps: false });
    Child.belongsTo(Parent, { foreignKey: 'parentId', onDelete: 'CASCADE' });
    await sequelize.sync();
    const parents = await Promise.all(Array.from({ length: 20 }, () => Parent.create()));
    for (const parent of parents) await Child.create({ parentId: parent.get('id') } as never);
    let isDone = false;
    const definitions = (async () => {
      for (let count = 0; !isDone; count += 1) await sequelize.query(`CREATE TABLE made${count} (id INTEGER)`);
    })();

    for (const parent of parents) await parent.destroy();
    isDone = true;
    await definitions;

    expect(await readTables([Parent, Child])).to.deep.equal({});
    expect(foldLog(await readLog(sequelize))).to.deep.equal({});
  });
});
