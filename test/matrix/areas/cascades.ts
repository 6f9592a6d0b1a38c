/** What foreign keys do to other rows: CASCADE, SET NULL, SET DEFAULT, over several levels. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type AnyModel, type Area, load, onAll, onMysql } from '../area.js';

export function cascades(sequelize: Sequelize): Area {
  const isMysql = ['mariadb', 'mysql'].includes(sequelize.getDialect());
  const define = (name: string, more = {}): AnyModel =>
    sequelize.define<Any>(name, { name: DataTypes.STRING }, { timestamps: false, ...more });
  const [Team, Player, Goal, Video, Fan] = ['Team', 'Player', 'Goal', 'Video', 'Fan'].map((name) => define(name)) as [
    ...[AnyModel, AnyModel, AnyModel, AnyModel, AnyModel],
  ];
  const Locker = define('Locker', { paranoid: true, timestamps: true });
  const [Club, Sponsor, Badge, Ticket, Shelf] = ['Club', 'Sponsor', 'Badge', 'Ticket', 'Shelf'].map((name) =>
    define(name),
  ) as [...[AnyModel, AnyModel, AnyModel, AnyModel, AnyModel]];
  const Stock = sequelize.define<Any>(
    'Stock',
    { name: DataTypes.STRING, shelfId: { type: DataTypes.INTEGER, defaultValue: 1 } },
    { timestamps: false },
  );
  const key = { type: DataTypes.STRING(8), primaryKey: true };
  const Country = sequelize.define<Any>('Country', { code: key }, { timestamps: false });
  const follow = { onDelete: 'CASCADE', onUpdate: 'CASCADE' };
  const [Capital, Mayor] = (
    [
      ['Capital', Country],
      ['Mayor', 'Capitals'],
    ] as const
  ).map(([name, model]) =>
    sequelize.define<Any>(
      name,
      { code: { ...key, references: { model, key: 'code' }, ...follow }, name: DataTypes.STRING },
      { timestamps: false },
    ),
  ) as [AnyModel, AnyModel];
  Player.belongsTo(Team, { foreignKey: 'teamId', ...follow });
  Goal.belongsTo(Player, { foreignKey: { name: 'playerId', field: 'player_id' }, ...follow });
  Video.belongsTo(Goal, { foreignKey: 'goalId', onDelete: 'SET NULL', onUpdate: 'CASCADE' });
  Fan.belongsTo(Team, { foreignKey: 'teamId', onDelete: 'SET NULL', onUpdate: 'SET NULL' });
  Locker.belongsTo(Team, { foreignKey: 'teamId', ...follow });
  Sponsor.belongsTo(Club, { foreignKey: 'clubId', onDelete: 'RESTRICT', onUpdate: 'RESTRICT' });
  Badge.belongsTo(Club, { foreignKey: 'clubId', onDelete: 'NO ACTION', onUpdate: 'CASCADE' });
  Ticket.belongsTo(Club, { foreignKey: 'clubId', onDelete: 'CASCADE', onUpdate: 'NO ACTION' });
  const action = isMysql ? 'NO ACTION' : 'SET DEFAULT';
  Stock.belongsTo(Shelf, { foreignKey: 'shelfId', onDelete: action, onUpdate: action });
  const reached = 'an entry for each row that foreign keys reach';
  const all = `a destroy, and ${reached}`;
  const moved = `a destroy and a create, and ${reached}`;
  const refers = 'other tables refer to it';
  const noDefault = onMysql('InnoDB has no SET DEFAULT');

  return {
    title: 'Foreign keys',
    models: [
      Team,
      Player,
      Goal,
      Video,
      Fan,
      Locker,
      Club,
      Sponsor,
      Badge,
      Ticket,
      Shelf,
      Stock,
      Country,
      Capital,
      Mayor,
    ],
    rows: {
      Team: [{ id: 1, name: 'T1' }, { id: 2, name: 'T2' }, { id: 3 }],
      Player: [
        { id: 1, name: 'p', teamId: 1 },
        { id: 2, teamId: 1 },
        { id: 3, teamId: 2 },
      ],
      Goal: [
        { id: 1, playerId: 1 },
        { id: 2, playerId: 2 },
        { id: 3, playerId: 3 },
      ],
      Video: [
        { id: 1, goalId: 1 },
        { id: 2, goalId: 3 },
      ],
      Fan: [
        { id: 1, teamId: 1 },
        { id: 2, teamId: 2 },
      ],
      Locker: [
        { id: 1, teamId: 1 },
        { id: 2, teamId: 1, deletedAt: new Date('2021-01-01T00:00:00Z') },
      ],
      Club: [{ id: 1 }, { id: 2 }, { id: 3 }],
      Sponsor: [{ id: 1, clubId: 1 }],
      Badge: [{ id: 1, clubId: 2 }],
      Ticket: [{ id: 1, clubId: 3 }],
      Shelf: [{ id: 1 }, { id: 2 }, { id: 3 }],
      Stock: [
        { id: 1, shelfId: 2 },
        { id: 2, shelfId: 2 },
        { id: 3, shelfId: 3 },
      ],
      Country: [{ code: 'fr' }, { code: 'de' }],
      Capital: [{ code: 'fr', name: 'Paris' }],
      Mayor: [{ code: 'fr', name: 'A' }],
    },
    paths: {
      'team.destroy()': {
        entry: all,
        write: async (options) => (await load(Team, options)).destroy(options),
      },
      'Team.destroy({ where })': {
        entry: all,
        write: (options) => Team.destroy({ ...options, where: { id: [1, 2] } }),
      },
      'Team.destroy({ where, limit })': {
        entry: all,
        write: (options) => Team.destroy({ ...options, where: { id: [1, 2] }, limit: 1 }),
      },
      'Team.destroy({ where, individualHooks })': {
        entry: all,
        write: (options) => Team.destroy({ ...options, where: {}, individualHooks: true }),
      },
      'Team.destroy({ where: a row that none refers to })': {
        entry: 'a destroy',
        write: (options) => Team.destroy({ ...options, where: { id: 3 } }),
      },
      'goal.destroy()': {
        entry: all,
        write: async (options) => (await load(Goal, options)).destroy(options),
      },
      'Team.truncate({ cascade: true })': {
        entry: all,
        fails: onMysql(refers),
        write: (options) => Team.truncate({ ...options, cascade: true }),
      },
      'Team.destroy({ truncate: true, cascade: true })': {
        entry: all,
        fails: onMysql(refers),
        write: (options) => Team.destroy({ ...options, truncate: true, cascade: true }),
      },
      'Team.truncate()': {
        entry: all,
        fails: { postgres: refers, ...onMysql(refers) },
        write: (options) => Team.truncate(options),
      },
      'Team.update({ id }, { where: { id } })': {
        entry: moved,
        write: (options) => Team.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Team.update({ id: literal }, { where })': {
        entry: moved,
        write: (options) => Team.update({ id: sequelize.literal('id + 100') }, { ...options, where: { id: [1, 2] } }),
      },
      'Team.update(another attribute, { where })': {
        entry: 'an update for each row',
        write: (options) => Team.update({ name: 'new' }, { ...options, where: { id: [1, 2] } }),
      },
      'country.destroy(), children with it as their key': {
        entry: all,
        write: async (options) => (await load(Country, options, 'fr')).destroy(options),
      },
      'Country.update({ code }), children with it as their key': {
        entry: moved,
        write: (options) => Country.update({ code: 'xx' }, { ...options, where: { code: 'fr' } }),
      },
      'shelf.destroy(), SET DEFAULT': {
        entry: all,
        fails: noDefault,
        write: async (options) => (await load(Shelf, options, 2)).destroy(options),
      },
      'Shelf.destroy({ where }), SET DEFAULT': {
        entry: all,
        fails: noDefault,
        write: (options) => Shelf.destroy({ ...options, where: { id: [2, 3] } }),
      },
      'Shelf.update({ id }, { where }), SET DEFAULT': {
        entry: moved,
        fails: noDefault,
        write: (options) => Shelf.update({ id: 51 }, { ...options, where: { id: 2 } }),
      },
      'Goal.update({ id }, { where }), SET NULL on delete alone': {
        entry: moved,
        write: (options) => Goal.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
      'Club.update({ id }, { where }), NO ACTION on delete alone': {
        entry: moved,
        write: (options) => Club.update({ id: 51 }, { ...options, where: { id: 2 } }),
      },
      'Club.destroy({ where }), CASCADE on delete alone': {
        entry: all,
        write: (options) => Club.destroy({ ...options, where: { id: 3 } }),
      },
      'Club.destroy({ where }), NO ACTION': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('a badge refers to it'),
        write: (options) => Club.destroy({ ...options, where: { id: 2 } }),
      },
      'club.destroy(), RESTRICT': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('a sponsor refers to it'),
        write: async (options) => (await load(Club, options)).destroy(options),
      },
      'Club.destroy({ where: {} }), RESTRICT': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('a sponsor refers to it'),
        write: (options) => Club.destroy({ ...options, where: {} }),
      },
      'Club.update({ id }, { where }), RESTRICT': {
        entry: 'nothing',
        isIdle: true,
        fails: onAll('a sponsor refers to it'),
        write: (options) => Club.update({ id: 51 }, { ...options, where: { id: 1 } }),
      },
    },
  };
}
