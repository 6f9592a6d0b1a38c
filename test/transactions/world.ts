/** A model of notes, with the plugin or without, so that the same program can be run both ways. */
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, type Options, type Sequelize, type Transaction } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { foldLog, readLog, readTables, select } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';

export type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface World {
  readonly sequelize: Sequelize;
  /** null without the plugin. */
  readonly audit: Audit | null;
  readonly Note: ModelStatic<Any>;
}

export async function world(database: Database, options?: Options, isAttached = true): Promise<World> {
  const sequelize = await connect(database, options);
  const audit = isAttached ? attachAudit(sequelize) : null;
  const Note = sequelize.define<Any>(
    'Note',
    { title: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER },
    { timestamps: false },
  );
  await sequelize.sync();
  return { sequelize, audit, Note };
}

/** What a program does to the database and what its caller sees of it. */
export interface Outcome {
  readonly result: unknown;
  readonly titles: readonly unknown[];
}

export type Program = (given: World, transaction: Transaction) => Promise<unknown>;

/** Runs a program in an unmanaged transaction with the plugin and without; the caller must see no difference. */
export async function likeBare(database: Database, program: Program, options?: Options): Promise<World> {
  const bare = await world(database, options, false);
  const expected = await outcomeOf(bare, program);
  const given = await world(database, options);

  const outcome = await outcomeOf(given, program);

  expect(outcome).to.deep.equal(expected);
  await agrees(given);
  return given;
}

async function outcomeOf(given: World, program: Program): Promise<Outcome> {
  const transaction = await given.sequelize.transaction();
  const result = await settled(program(given, transaction));
  const titles = (await select(given.sequelize, 'Notes')).map(({ title }) => title);
  return { result, titles };
}

/** A result, or the text of an error. */
export function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => (value instanceof Object ? 'done' : value),
    // Without the ids of transactions and connections, and without the parameters that a driver names.
    (error: unknown) => {
      const text = String(error).replaceAll(/[\da-f]{8}-[-\da-f]+|conn:\d+/g, 'id');
      return `rejected: ${text.replace(/ - parameters:.*$/, '')}`;
    },
  );
}

/** The log, folded, is the table. */
export async function agrees({ sequelize, Note }: World): Promise<void> {
  expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Note]));
}

export async function entries({ sequelize }: World): Promise<string[]> {
  return (await readLog(sequelize)).map(({ action, recordId }) => `${action} ${recordId}`);
}
