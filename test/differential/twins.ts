/** Two applications that differ in nothing but the plugin. */
import type { Model, ModelStatic, Options, Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { warnOfBusyConnections } from './warnings.js';
import { newWorld, type World } from './world.js';

export interface Twins<Models> {
  readonly bare: World<Models>;
  readonly audited: World<Models>;
}

/**
 * Both on the same database where there is a server; on SQLite each has its own. Close them with `closeTwins`.
 *
 * With a pool of one connection parallel statements have an order, and a second connection would be waited for in vain.
 */
export async function openTwins<Models extends Readonly<Record<string, ModelStatic<Model>>>>(
  database: Database,
  define: (sequelize: Sequelize, note: (what: string) => void) => Models,
  options: Options = {},
): Promise<Twins<Models>> {
  const all = { pool: { max: 1, acquire: 3000, idle: 600_000 }, ...options };
  const bare = await database.connect(all);
  const audited = await database.connect(all);
  for (const sequelize of [bare, audited]) warnOfBusyConnections(sequelize);
  let twins: Twins<Models> | undefined;
  attachAudit(audited, {
    // The tables are emptied by raw SQL, while nobody listens.
    onUnaudited: ({ message }) => twins?.audited.isListening && console.warn(message),
  });
  twins = { bare: newWorld(bare, define), audited: newWorld(audited, define) };
  await audited.sync();
  await bare.sync();
  return twins;
}

export async function closeTwins<Models>(twins: Twins<Models> | undefined): Promise<void> {
  await twins?.bare.sequelize.close();
  await twins?.audited.sequelize.close();
}
