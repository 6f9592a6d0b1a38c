/** Foreign keys in every shape: trees, circles, two ways to one row, parents that are not audited; and Sequelize's own cascades. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type AnyModel, type Area, load, onMysql } from '../area.js';

export function shapes(sequelize: Sequelize): Area {
  const define = (name: string, more = {}): AnyModel =>
    sequelize.define<Any>(name, { name: DataTypes.STRING }, { timestamps: false, ...more });
  const link = (child: AnyModel, parent: AnyModel, foreignKey: string, onDelete: string, hasConstraint = true) => {
    const action = hasConstraint ? { onDelete, onUpdate: 'CASCADE' } : { constraints: false };
    child.belongsTo(parent, { foreignKey, as: foreignKey.replace('Id', ''), ...action });
  };
  // Only SQLite lets a table refer to one that is not there yet.
  const isSqlite = sequelize.getDialect() === 'sqlite';
  const close = (child: string, field: string, parent: string, onDelete: string) =>
    sequelize.getQueryInterface().addConstraint(child, {
      ...{ type: 'foreign key', fields: [field], references: { table: parent, field: 'id' } },
      ...{ onDelete, onUpdate: 'CASCADE' },
    });
  const [Node, Staff, Ship, Sailor, Left, Right] = ['Node', 'Staff', 'Ship', 'Sailor', 'Left', 'Right'].map((name) =>
    define(name),
  ) as [...[AnyModel, AnyModel, AnyModel, AnyModel, AnyModel, AnyModel]];
  const [Side, Match, Arm, Leg, Limb] = ['Side', 'Match', 'Arm', 'Leg', 'Limb'].map((name) => define(name)) as [
    ...[AnyModel, AnyModel, AnyModel, AnyModel, AnyModel],
  ];
  const [Store, Crate, Pallet, Box] = [
    define('Store', { audit: false }),
    define('Crate'),
    define('Pallet', { audit: false }),
    define('Box'),
  ];
  const [Album, Photo, Cover] = [
    define('Album'),
    define('Photo'),
    define('Cover', { paranoid: true, timestamps: true }),
  ];
  link(Node, Node, 'parentId', 'CASCADE');
  link(Staff, Staff, 'managerId', 'SET NULL');
  link(Ship, Sailor, 'captainId', 'SET NULL', isSqlite);
  link(Sailor, Ship, 'shipId', 'CASCADE');
  link(Left, Right, 'rightId', 'CASCADE', isSqlite);
  link(Right, Left, 'leftId', 'CASCADE');
  link(Match, Side, 'homeId', 'CASCADE');
  link(Match, Side, 'awayId', 'SET NULL');
  link(Arm, Side, 'sideId', 'CASCADE');
  link(Leg, Side, 'sideId', 'CASCADE');
  link(Limb, Arm, 'armId', 'CASCADE');
  link(Limb, Leg, 'legId', 'SET NULL');
  link(Crate, Store, 'storeId', 'CASCADE');
  link(Pallet, Crate, 'crateId', 'CASCADE');
  link(Box, Pallet, 'palletId', 'CASCADE');
  Album.hasMany(Photo, { foreignKey: 'albumId', onDelete: 'cascade', hooks: true });
  // No foreign key, so that the soft destroy of the child stays.
  const cover = Album.hasOne(Cover, { foreignKey: 'albumId', hooks: true, constraints: false });
  Object.assign((cover as unknown as { options: object }).options, { onDelete: 'cascade' });
  const reached = 'an entry for each row that foreign keys reach';
  const all = `a destroy, and ${reached}`;
  const moved = `a destroy and a create, and ${reached}`;
  const inward = onMysql('InnoDB changes no row twice in one cascade');

  return {
    title: 'Foreign keys in every shape',
    models: [
      Node,
      Staff,
      Ship,
      Sailor,
      Left,
      Right,
      Side,
      Match,
      Arm,
      Leg,
      Limb,
      Store,
      Crate,
      Pallet,
      Box,
      Album,
      Photo,
      Cover,
    ],
    rows: {
      Node: [{ id: 1 }, { id: 2, parentId: 1 }, { id: 3, parentId: 2 }, { id: 4, parentId: 1 }, { id: 5, parentId: 5 }],
      Staff: [{ id: 1 }, { id: 2, managerId: 1 }, { id: 3, managerId: 1 }, { id: 4, managerId: 2 }],
      Ship: [
        { id: 1, captainId: 1 },
        { id: 2, captainId: 1 },
      ],
      Sailor: [
        { id: 1, shipId: 1 },
        { id: 2, shipId: 1 },
      ],
      Left: [
        { id: 1, rightId: 1 },
        { id: 2, rightId: 1 },
      ],
      Right: [
        { id: 1, leftId: 1 },
        { id: 2, leftId: 2 },
      ],
      Side: [{ id: 1 }, { id: 2 }],
      Match: [
        { id: 1, homeId: 1, awayId: 1 },
        { id: 2, homeId: 2, awayId: 1 },
        { id: 3, homeId: 1, awayId: 2 },
      ],
      Arm: [
        { id: 1, sideId: 1 },
        { id: 2, sideId: 2 },
      ],
      Leg: [
        { id: 1, sideId: 1 },
        { id: 2, sideId: 2 },
      ],
      Limb: [
        { id: 1, armId: 1, legId: 1 },
        { id: 2, armId: 2, legId: 1 },
        { id: 3, armId: 1, legId: 2 },
      ],
      Store: [{ id: 1 }, { id: 2 }],
      Crate: [
        { id: 1, storeId: 1 },
        { id: 2, storeId: 2 },
      ],
      Pallet: [{ id: 1, crateId: 1 }],
      Box: [{ id: 1, palletId: 1 }],
      Album: [{ id: 1 }, { id: 2 }],
      Photo: [
        { id: 1, albumId: 1 },
        { id: 2, albumId: 1 },
        { id: 3, albumId: 2 },
      ],
      Cover: [
        { id: 1, albumId: 1 },
        { id: 2, albumId: 2 },
      ],
    },
    finish: async () => {
      if (isSqlite) return;
      await close('Ships', 'captainId', 'Sailors', 'SET NULL');
      await close('Lefts', 'rightId', 'Rights', 'CASCADE');
    },
    paths: {
      'node.destroy() of a tree, CASCADE': {
        entry: all,
        write: async (options) => (await load(Node, options)).destroy(options),
      },
      'Node.destroy({ where }) of a branch and its root': {
        entry: all,
        write: (options) => Node.destroy({ ...options, where: { id: [1, 2, 5] } }),
      },
      'node.destroy() of a row that refers to itself': {
        entry: 'a destroy',
        write: async (options) => (await load(Node, options, 5)).destroy(options),
      },
      'Node.update({ id }) of a tree': {
        entry: moved,
        fails: inward,
        write: (options) => Node.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Node.truncate({ cascade: true })': {
        entry: 'a destroy for each row',
        isCommit: true,
        write: (options) => Node.truncate({ ...options, cascade: true }),
      },
      'staff.destroy() of a tree, SET NULL': {
        entry: all,
        write: async (options) => (await load(Staff, options)).destroy(options),
      },
      'Staff.destroy({ where }) of two levels, SET NULL': {
        entry: all,
        write: (options) => Staff.destroy({ ...options, where: { id: [1, 2] } }),
      },
      'ship.destroy(), two tables that refer to each other': {
        entry: all,
        write: async (options) => (await load(Ship, options)).destroy(options),
      },
      'sailor.destroy(), two tables that refer to each other': {
        entry: all,
        write: async (options) => (await load(Sailor, options)).destroy(options),
      },
      'Ship.update({ id }), two tables that refer to each other': {
        entry: moved,
        write: (options) => Ship.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'left.destroy(), a circle of CASCADE': {
        entry: all,
        write: async (options) => (await load(Left, options)).destroy(options),
      },
      'Right.destroy({ where }), a circle of CASCADE': {
        entry: all,
        write: (options) => Right.destroy({ ...options, where: { id: 2 } }),
      },
      'side.destroy(), two ways to one row': {
        entry: all,
        write: async (options) => (await load(Side, options)).destroy(options),
      },
      'Side.destroy({ where }), two ways to one row': {
        entry: all,
        write: (options) => Side.destroy({ ...options, where: { id: [1, 2] } }),
      },
      'Side.update({ id }), two foreign keys in one row': {
        entry: moved,
        write: (options) => Side.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Side.truncate({ cascade: true })': {
        entry: all,
        fails: onMysql('other tables refer to it'),
        write: (options) => Side.truncate({ ...options, cascade: true }),
      },
      'store.destroy(), a parent not audited': {
        entry: reached,
        write: async (options) => (await load(Store, options)).destroy(options),
      },
      'Store.destroy({ where }), a parent not audited': {
        entry: reached,
        write: (options) => Store.destroy({ ...options, where: { id: [1, 2] } }),
      },
      'Store.update({ id }), a parent not audited': {
        entry: reached,
        write: (options) => Store.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Store.truncate({ cascade: true }), a parent not audited': {
        entry: reached,
        fails: onMysql('other tables refer to it'),
        write: (options) => Store.truncate({ ...options, cascade: true }),
      },
      'crate.destroy(), through a table that is not audited': {
        entry: all,
        write: async (options) => (await load(Crate, options)).destroy(options),
      },
      "album.destroy(), onDelete: 'cascade', hooks: true": {
        entry: 'a destroy of each child, soft or not, and of the parent',
        isSeveral: true,
        write: async (options) => (await load(Album, options)).destroy(options),
      },
      "Album.destroy({ where }), onDelete: 'cascade', hooks: true": {
        entry: 'a destroy of each child that the foreign key reaches, and of the parent',
        write: (options) => Album.destroy({ ...options, where: { id: 1 } }),
      },
    },
  };
}
