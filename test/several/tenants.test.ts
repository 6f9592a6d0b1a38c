import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

/** To the dialect `mariadb` these are databases, which others who test on the same server must not share. */
const tenants = Array.from({ length: 6 }, (_, index) => `tenant_${process.pid}_${index}`);
const [tenant = ''] = tenants;

/** Makes room for a tenant. To the dialect `mariadb` a schema is a database, elsewhere but in PostgreSQL a prefix. */
async function createSchema(sequelize: Sequelize, { dialect }: Database, schema: string): Promise<void> {
  if (dialect === 'postgres') await sequelize.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  if (dialect === 'mariadb') await sequelize.query(`DROP DATABASE IF EXISTS ${schema}`);
  await sequelize.createSchema(schema, {});
}

/** Rows of a table of a tenant, by their id. */
async function rowsOf(sequelize: Sequelize, model: ModelStatic<Any>, schema: string): Promise<Record<string, unknown>> {
  const { queryGenerator } = sequelize.getQueryInterface() as unknown as {
    queryGenerator: { quoteTable(table: unknown): string };
  };
  const table = queryGenerator.quoteTable(model.schema(schema).getTableName());
  const rows = await sequelize.query<{ id: number }>(`SELECT * FROM ${table}`, { type: QueryTypes.SELECT });
  return Object.fromEntries(rows.map((row) => [`${schema}.${model.name} ${row.id}`, row]));
}

onEachDatabase('Tenants whose schemas are made while others write', (database) => {
  afterEach(async () => {
    if (database.dialect !== 'mariadb') return;
    const sequelize = await connect(database);
    for (const schema of tenants) await sequelize.query(`DROP DATABASE IF EXISTS ${schema}`);
  });

  it('have each its records, which the log leads to', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const User = sequelize.define<Any>(
      'User',
      { name: DataTypes.STRING, size: DataTypes.INTEGER },
      { timestamps: false },
    );
    const Post = sequelize.define<Any>(
      'Post',
      { title: DataTypes.STRING, userId: DataTypes.INTEGER },
      { timestamps: false },
    );
    await audit.AuditLog.sync();
    const reference = async (schema: string) => {
      if (database.dialect !== 'postgres') return;
      await sequelize.query(
        `ALTER TABLE ${schema}."Posts" ADD FOREIGN KEY ("userId") REFERENCES ${schema}."Users" ON DELETE CASCADE`,
      );
    };

    await Promise.all(
      tenants.map(async (schema) => {
        await createSchema(sequelize, database, schema);
        const [Users, Posts] = [User.schema(schema), Post.schema(schema)];
        await Users.sync();
        await Posts.sync();
        await reference(schema);
        for (let count = 0; count < 4; count += 1) {
          const user = await Users.create({ name: `${schema} ${count}`, size: count });
          await Posts.bulkCreate([
            { title: 'a', userId: user.id },
            { title: 'b', userId: user.id },
          ]);
          await user.update({ size: count + 10 });
        }
        await Users.update({ size: 5 }, { where: { id: [1, 2] } });
        await Users.increment('size', { where: { id: 3 } });
        await Posts.destroy({ where: { title: 'b' } });
        await Users.destroy({ where: { id: 4 } });
      }),
    );

    const log = await readLog(sequelize);
    const rows = await Promise.all(
      tenants.flatMap((schema) => [rowsOf(sequelize, User, schema), rowsOf(sequelize, Post, schema)]),
    );
    expect(foldLog(log)).to.deep.equal(Object.assign({}, ...rows));
    const lost = log.filter(
      ({ modelName, recordId, action }) => `${modelName} ${recordId} ${action}` === `${tenant}.Post 7 destroy`,
    );
    expect(lost).to.have.length(database.dialect === 'postgres' ? 1 : 0);
    expect((await audit.history(User.schema(tenant), 2).at(2))?.get('size')).to.equal(11);
  });

  it('do not share a name with another model: the write that would is refused', async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const attributes = { name: DataTypes.STRING };
    const User = sequelize.define<Any>('User', attributes, { timestamps: false });
    const Dotted = sequelize.define<Any>(`${tenant}.User`, attributes, { timestamps: false, tableName: 'dotted' });
    await audit.AuditLog.sync();
    await createSchema(sequelize, database, tenant);
    await User.schema(tenant).sync();
    await Dotted.sync();
    await Dotted.create({ name: 'a' });

    const error = await User.schema(tenant)
      .create({ name: 'b' })
      .catch((caught: unknown) => caught);

    expect(error).to.include({ code: 'ERR_AUDIT_OPTION_INVALID' });
    expect(String(error)).to.include(`"${tenant}.User"`);
    expect(await rowsOf(sequelize, User, tenant)).to.deep.equal({});
    expect(await readLog(sequelize)).to.have.length(1);
  });
});
