/** The kinds of kill, and how each is run on a database. */
import { type Campaign, killProcesses, outlive } from './campaign.js';
import { ConnectionKiller } from './connections.js';
import { open, type Place } from './places.js';
import { OwnMariadb, OwnPostgres } from './servers.js';

export const kinds = ['process', 'connection', 'server'] as const;

export type Kind = (typeof kinds)[number];

/** Of all kills; to start a server takes the longest. */
const shares: Readonly<Record<Kind, number>> = { process: 0.45, connection: 0.5, server: 0.05 };

/** What can be killed: SQLite has neither connections that others could end nor a server. */
export function kindsOf({ database: { dialect } }: Place): readonly Kind[] {
  if (dialect === 'sqlite') return ['process'];
  return dialect === 'mysql' ? ['process', 'connection'] : kinds;
}

/** How many of `kills` fall to one kind of those that are run. */
export function shareOf(kind: Kind, all: readonly Kind[], kills: number): number {
  const total = all.reduce((sum, each) => sum + shares[each], 0);
  return Math.ceil((kills * shares[kind]) / total);
}

/** @returns false when it has been left out: there is no program to start a server with */
export async function run(place: Place, kind: Kind, campaign: Omit<Campaign, 'options' | 'isWal'>): Promise<boolean> {
  if (kind === 'server') return stopServer(place, campaign);
  const options = await open(place);
  const whole = { ...campaign, options, isWal: place.isWal ?? false };
  if (kind === 'process') await killProcesses(whole);
  else {
    const killer = new ConnectionKiller(options);
    await outlive(whole, killer).finally(() => killer.close());
  }
  return true;
}

async function stopServer(
  { database: { dialect } }: Place,
  campaign: Omit<Campaign, 'options' | 'isWal'>,
): Promise<boolean> {
  const server = dialect === 'postgres' ? await OwnPostgres.create() : await OwnMariadb.create();
  if (!server) return false;
  await outlive({ ...campaign, options: server.options }, server).finally(() => server.close());
  return true;
}
