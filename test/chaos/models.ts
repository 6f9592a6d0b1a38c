/** The models that are written while something is killed, defined alike by writers and by who looks. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';

export type Row = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export type Models = Readonly<Record<'Note' | 'Parent' | 'Child' | 'Memo' | 'Account', ModelStatic<Row>>>;

export function defineModels(sequelize: Sequelize): Models {
  const { DATE, INTEGER, STRING } = DataTypes;
  const count = { type: INTEGER, defaultValue: 0 };
  const Note = sequelize.define<Row>(
    'Note',
    { title: STRING, data: DataTypes.JSON, seenAt: DATE(3) },
    { timestamps: false },
  );
  const Parent = sequelize.define<Row>('Parent', { name: STRING, count }, { timestamps: false });
  const Child = sequelize.define<Row>('Child', { label: STRING, count }, { timestamps: false });
  const Memo = sequelize.define<Row>('Memo', { text: STRING, count }, { paranoid: true });
  const Account = sequelize.define<Row>('Account', { code: { type: STRING, unique: true }, count }, { version: true });
  Parent.hasMany(Child, { as: 'children', foreignKey: 'parentId', onDelete: 'CASCADE' });
  Child.belongsTo(Parent, { as: 'parent', foreignKey: 'parentId', onDelete: 'CASCADE' });
  return { Note, Parent, Child, Memo, Account };
}
