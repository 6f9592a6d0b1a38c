/** The table that everything is measured on: twelve columns, as an application might have them. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';

export type Row = Model<Record<string, unknown>, Record<string, unknown>>;

/** Besides the key and the two timestamps. */
export const columns = ['email', 'name', 'city', 'bio', 'visits', 'score', 'isActive', 'price', 'seenAt'] as const;

export function defineUser(sequelize: Sequelize, name = 'User'): ModelStatic<Row> {
  const { STRING, TEXT, INTEGER, DOUBLE, BOOLEAN, DECIMAL, DATE } = DataTypes;
  return sequelize.define<Row>(name, {
    email: STRING,
    name: STRING,
    city: STRING,
    bio: TEXT,
    visits: INTEGER,
    score: DOUBLE,
    isActive: BOOLEAN,
    price: DECIMAL(10, 2),
    seenAt: DATE(3),
  });
}

export function valuesOf(index: number): Record<string, unknown> {
  return {
    email: `user${index}@example.org`,
    name: `User ${index}`,
    city: 'Utrecht',
    bio: 'Likes long walks, short functions and tables with few columns.',
    visits: index,
    score: index / 7,
    isActive: index % 2 === 0,
    price: '12.50',
    seenAt: new Date(1_767_225_600_000 + index),
  };
}
