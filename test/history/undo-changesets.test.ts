import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Sequelize, type Transaction } from 'sequelize';
import { type Audit, type AuditError, attachAudit } from '../../lib/index.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly models: Readonly<Record<string, ModelStatic<Any>>>;
}

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error as AuditError,
  );

onEachDatabase('audit.undo of a changeset', (database) => {
  /** Teams with players that go with them and fans that stay, a tree of nodes, and ships and captains in a circle. */
  const world = async () => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const define = (name: string, attributes: object, settings: object = {}) =>
      sequelize.define<Any>(name, attributes as never, { timestamps: false, ...settings });
    const key = (model: string, onDelete: string) => ({
      type: DataTypes.INTEGER,
      references: { model: `${model}s`, key: 'id' },
      onDelete,
      onUpdate: 'CASCADE',
    });
    const models = {
      Team: define('Team', { name: { type: DataTypes.STRING, unique: true } }),
      Player: define('Player', {
        name: DataTypes.STRING,
        TeamId: { ...key('Team', 'CASCADE'), allowNull: false },
      }),
      Fan: define('Fan', { name: DataTypes.STRING, TeamId: key('Team', 'SET NULL') }),
      Node: define('Node', { name: DataTypes.STRING, NodeId: key('Node', 'CASCADE') }),
      Ship: define('Ship', { name: DataTypes.STRING, CaptainId: DataTypes.INTEGER }),
      Captain: define('Captain', { name: DataTypes.STRING, ShipId: key('Ship', 'NO ACTION') }),
    };
    await sequelize.sync();
    const isSqlite = database.dialect === 'sqlite';
    // SQLite knows a foreign key only from the definition of its table.
    if (!isSqlite) {
      await sequelize.getQueryInterface().addConstraint('Ships', {
        fields: ['CaptainId'],
        type: 'foreign key',
        name: 'ship_captain',
        references: { table: 'Captains', field: 'id' },
        onDelete: 'NO ACTION',
        onUpdate: 'CASCADE',
      });
    }
    Object.assign((models.Ship.getAttributes() as Record<string, object>).CaptainId as object, {
      references: { model: 'Captains', key: 'id' },
    });
    return { sequelize, audit, models } satisfies World;
  };
  const tables = ({ models }: World) => readTables(Object.values(models));
  const changesetOf = async ({ sequelize }: World) => (await readLog(sequelize)).at(-1)?.changesetId as string;
  const isConsistent = async (given: World) =>
    expect(foldLog(await readLog(given.sequelize))).to.deep.equal(await tables(given));
  /** Undoes the last changeset, does it again, and undoes that. */
  const undoAndRedo = async (given: World, before: object) => {
    const after = await tables(given);
    const { changesetId, conflicts } = await given.audit.undo(await changesetOf(given));
    expect(conflicts).to.deep.equal([]);
    expect(await tables(given)).to.deep.equal(before);
    await isConsistent(given);
    const again = await given.audit.undo(changesetId as string);
    expect(await tables(given)).to.deep.equal(after);
    await given.audit.undo(again.changesetId as string);
    expect(await tables(given)).to.deep.equal(before);
    await isConsistent(given);
  };
  const within = ({ sequelize }: World, work: (transaction: Transaction) => Promise<unknown>) =>
    sequelize.transaction(work);

  it('brings back parents before children, with all that foreign keys took along', async () => {
    const given = await world();
    const { Team, Player, Fan } = given.models;
    const team = await Team.create({ name: 'Reds' });
    await Player.bulkCreate([1, 2].map((n) => ({ name: `p${n}`, TeamId: team.id as number })));
    await Fan.create({ name: 'f', TeamId: team.id as number });
    const before = await tables(given);
    await team.destroy();
    expect(Object.keys(await tables(given))).to.have.length(1);

    const plan = await given.audit.undo(await changesetOf(given), { dryRun: true });

    expect(plan.changes.map(({ modelName, action }) => `${action} ${modelName}`)).to.have.members([
      'create Team',
      'create Player',
      'create Player',
      'update Fan',
    ]);
    await undoAndRedo(given, before);
  });

  it('removes children before the parents they were created with', async () => {
    const given = await world();
    const { Team, Player, Fan, Node } = given.models;
    const fan = await Fan.create({ name: 'f' });
    const before = await tables(given);
    await within(given, async (transaction) => {
      const team = await Team.create({ name: 'Reds' }, { transaction });
      await Player.create({ name: 'p', TeamId: team.id as number }, { transaction });
      await fan.update({ TeamId: team.id }, { transaction });
      const root = await Node.create({ name: 'root' }, { transaction });
      const leaf = await Node.create({ name: 'leaf', NodeId: root.id as number }, { transaction });
      await Node.create({ name: 'leaf of leaf', NodeId: leaf.id as number }, { transaction });
      await Node.create({ name: 'other', NodeId: root.id as number }, { transaction });
    });

    await undoAndRedo(given, before);
  });

  it('brings back a tree, and a row that refers to itself', async () => {
    const given = await world();
    const { Node } = given.models;
    const root = await Node.create({ name: 'root' });
    const leaf = await Node.create({ name: 'leaf', NodeId: root.id as number });
    await Node.create({ name: 'leaf of leaf', NodeId: leaf.id as number });
    const self = await Node.create({ name: 'self' });
    await self.update({ NodeId: self.id });
    const before = await tables(given);
    await within(given, async (transaction) => {
      await root.destroy({ transaction });
      await self.destroy({ transaction });
    });
    expect(await tables(given)).to.deep.equal({});

    await undoAndRedo(given, before);
  });

  it('brings back and removes what refers to each other, through a foreign key that is null for a while', async () => {
    const given = await world();
    const { Ship, Captain } = given.models;
    const empty = await tables(given);
    await within(given, async (transaction) => {
      const ship = await Ship.create({ name: 's' }, { transaction });
      const captain = await Captain.create({ name: 'c', ShipId: ship.id as number }, { transaction });
      await ship.update({ CaptainId: captain.id }, { transaction });
    });

    await undoAndRedo(given, empty);
  });

  it('takes all entries of a record as one change', async () => {
    const given = await world();
    const { Team, Player } = given.models;
    const team = await Team.create({ name: 'a' });
    const before = await tables(given);
    await within(given, async (transaction) => {
      await team.update({ name: 'b' }, { transaction });
      await team.update({ name: 'c' }, { transaction });
      const player = await Player.create({ name: 'p', TeamId: team.id as number }, { transaction });
      await player.update({ name: 'q' }, { transaction });
      const gone = await Player.create({ name: 'gone', TeamId: team.id as number }, { transaction });
      await gone.destroy({ transaction });
    });

    const { changes } = await given.audit.undo(await changesetOf(given));

    expect(changes.map(({ modelName, action }) => `${action} ${modelName}`)).to.have.members([
      'update Team',
      'destroy Player',
    ]);
    expect(await tables(given)).to.deep.equal(before);
  });

  it('gives a unique value back to the record that had it', async () => {
    const given = await world();
    const { Team } = given.models;
    const [one, two] = [await Team.create({ name: 'a' }), await Team.create({ name: 'b' })];
    const before = await tables(given);
    await within(given, async (transaction) => {
      await one.destroy({ transaction });
      await two.update({ name: 'a' }, { transaction });
      await Team.create({ name: 'b' }, { transaction });
    });

    await undoAndRedo(given, before);
  });

  it('takes a changed primary key as the end of one record and the beginning of another', async () => {
    const given = await world();
    const { Team, Player, Fan } = given.models;
    const team = await Team.create({ name: 'unique' });
    await Player.create({ name: 'p', TeamId: team.id as number });
    await Fan.create({ name: 'f', TeamId: team.id as number });
    const before = await tables(given);
    await Team.update({ id: 77 }, { where: { id: team.id as number } });
    expect(Object.keys(await tables(given))).to.have.members(['Team 77', 'Player 1', 'Fan 1']);

    await undoAndRedo(given, before);
  });

  it('does not remove what later rows refer to, and names them', async () => {
    const given = await world();
    const { Team, Player, Fan } = given.models;
    await within(given, async (transaction) => {
      const team = await Team.create({ name: 'Reds' }, { transaction });
      await Player.create({ name: 'p', TeamId: team.id as number }, { transaction });
      await Team.create({ name: 'Blues' }, { transaction });
    });
    const changeset = await changesetOf(given);
    const [team] = (await select(given.sequelize, 'Teams')) as [Any];
    const player = await Player.create({ name: 'later', TeamId: team.id as number });
    const fan = await Fan.create({ name: 'later', TeamId: team.id as number });
    const before = await tables(given);

    const error = await caught(given.audit.undo(changeset));

    const found = { path: '/TeamId', expected: undefined, found: team.id };
    expect(error.code).to.equal('ERR_AUDIT_UNDO_CONFLICT');
    expect(error.conflicts).to.have.deep.members([
      { modelName: 'Player', recordId: String(player.id), ...found },
      { modelName: 'Fan', recordId: String(fan.id), ...found },
    ]);
    expect(await tables(given)).to.deep.equal(before);
    await given.audit.undo(changeset, { onConflict: 'skip' });
    expect(Object.values(await tables(given)).map(({ name }) => name)).to.deep.equal(['Reds', 'later', 'later']);
    await isConsistent(given);
  });

  it('removes them all the same when forced, as the foreign keys say', async () => {
    const given = await world();
    const { Team, Player, Fan } = given.models;
    const team = await Team.create({ name: 'Reds' });
    const changeset = await changesetOf(given);
    await Player.create({ name: 'later', TeamId: team.id as number });
    await Fan.create({ name: 'later', TeamId: team.id as number });

    const { changes } = await given.audit.undo(changeset, { onConflict: 'force' });

    expect(changes.map(({ modelName, action }) => `${action} ${modelName}`)).to.have.members([
      'destroy Team',
      'destroy Player',
      'update Fan',
    ]);
    expect(Object.values(await tables(given))).to.deep.equal([{ id: 1, name: 'later', TeamId: null }]);
    await isConsistent(given);
  });

  it('rejects where the parent of what comes back is gone, and writes nothing', async () => {
    const given = await world();
    const { Team, Player } = given.models;
    const team = await Team.create({ name: 'Reds' });
    const player = await Player.create({ name: 'p', TeamId: team.id as number });
    const other = await Team.create({ name: 'Blues' });
    await within(given, async (transaction) => {
      await other.update({ name: 'Greens' }, { transaction });
      await player.destroy({ transaction });
    });
    const changeset = await changesetOf(given);
    await team.destroy();
    const before = await tables(given);

    const error = await caught(given.audit.undo(changeset));

    expect(error.name).to.equal('SequelizeForeignKeyConstraintError');
    expect(await tables(given)).to.deep.equal(before);
    await isConsistent(given);
  });

  it('undoes nothing of a changeset when one record of it changed since', async () => {
    const given = await world();
    const { Team } = given.models;
    const [one, two] = [await Team.create({ name: 'a' }), await Team.create({ name: 'b' })];
    await within(given, async (transaction) => {
      await one.update({ name: 'c' }, { transaction });
      await two.update({ name: 'd' }, { transaction });
    });
    const changeset = await changesetOf(given);
    await two.update({ name: 'e' });
    const before = await tables(given);

    const error = await caught(given.audit.undo(changeset));
    expect(error.conflicts).to.deep.equal([
      { modelName: 'Team', recordId: String(two.id), path: '/name', expected: 'd', found: 'e' },
    ]);
    expect(await tables(given)).to.deep.equal(before);

    await given.audit.undo(changeset, { onConflict: 'skip' });
    expect(Object.values(await tables(given)).map(({ name }) => name)).to.deep.equal(['a', 'e']);
  });
});
