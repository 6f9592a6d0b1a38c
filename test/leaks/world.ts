/** The models that are written over and over, and how they are emptied without the plugin noticing. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';

export type Row = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface World {
  readonly sequelize: Sequelize;
  readonly audit: ReturnType<typeof attachAudit>;
  readonly Note: ModelStatic<Row>;
  readonly Parent: ModelStatic<Row>;
  readonly Child: ModelStatic<Row>;
  readonly Account: ModelStatic<Row>;
}

/** The reason of entries that the database refuses. */
export const refused = 'refused';

const refusals: Readonly<Record<Database['dialect'], string>> = {
  sqlite: `CREATE TRIGGER refuse BEFORE INSERT ON AuditLogs WHEN NEW.reason = '${refused}'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  postgres: `ALTER TABLE "AuditLogs" ADD CHECK (reason <> '${refused}')`,
  mariadb: `ALTER TABLE AuditLogs ADD CHECK (reason <> '${refused}')`,
  mysql: `ALTER TABLE AuditLogs ADD CHECK (reason <> '${refused}')`,
};

export async function worldOn(database: Database): Promise<World> {
  const sequelize = await database.connect({ pool: { max: 5 } });
  const audit = attachAudit(sequelize);
  const { BIGINT, BLOB, DATE, INTEGER, STRING } = DataTypes;
  const Note = sequelize.define<Row>('Note', {
    title: STRING,
    data: DataTypes.JSON,
    seenAt: DATE,
    size: BIGINT,
    picture: BLOB,
  });
  const Parent = sequelize.define<Row>('Parent', { name: STRING, count: INTEGER }, { timestamps: false });
  const Child = sequelize.define<Row>('Child', { label: STRING }, { paranoid: true });
  const Account = sequelize.define<Row>('Account', { code: { type: STRING, unique: true }, count: INTEGER });
  Parent.hasMany(Child, { as: 'children', foreignKey: 'parentId', onDelete: 'CASCADE' });
  Child.belongsTo(Parent, { as: 'parent', foreignKey: 'parentId' });
  await sequelize.sync();
  await sequelize.query(refusals[database.dialect]);
  return { sequelize, audit, Note, Parent, Child, Account };
}

/** So that neither the tables nor the log grow. */
export async function empty({ sequelize }: World): Promise<void> {
  const tables = ['Children', 'Parents', 'Notes', 'Accounts', 'AuditLogs'];
  const quote = sequelize.getDialect() === 'postgres' ? '"' : '`';
  for (const table of tables) await sequelize.query(`DELETE FROM ${quote}${table}${quote}`);
}
