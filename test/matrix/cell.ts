/** One cell of the matrix: a path in a mode, with hooks or without, held to the law. */
import type { Database } from '../setup/databases.js';
import type { Area, CallOptions, Path } from './area.js';
import { breaches, firstLine } from './law.js';
import type { Mode } from './modes.js';
import type { Snapshot, World } from './world.js';

/** `refused` where the database does not take the call, and nothing was left behind. */
export type Mark = 'holds' | 'refused' | 'hole';

export interface CellResult {
  readonly mark: Mark;
  /** What was expected and what was found, one line each. */
  readonly holes: readonly string[];
}

export async function runCell(
  world: World,
  area: Area,
  path: Path,
  mode: Mode,
  hasHooks: boolean,
): Promise<CellResult> {
  await world.reset(area);
  const before = await world.read(area);
  const write = (options: CallOptions) => path.write(hasHooks ? options : { ...options, hooks: false });

  const error = await mode.run(world.sequelize, write, world.mark).then(
    () => null,
    (reason: unknown) => reason ?? new Error('nothing'),
  );

  const after = await world.read(area);
  const holes = [
    ...outcome(path, error, world, mode),
    ...world.reports.map((report) => `expected no complaint, found "${report}"`),
    ...breaches({ before: before.records, ...after, after: after.records }, path.isChain),
    ...(error === null && mode.isKept ? vacuity(path, before, after) : []),
    ...changesets(after, mode.isTransaction || !path.isSeveral, commits(path, world)),
  ];
  return { mark: holes.length > 0 ? 'hole' : error === null ? 'holds' : 'refused', holes };
}

/** Whether the database commits the open transaction with the call. */
function commits({ isCommit }: Path, { sequelize }: World): boolean {
  return isCommit === true && ['mariadb', 'mysql'].includes(sequelize.getDialect());
}

function outcome(path: Path, error: unknown, world: World, { isKept }: Mode): string[] {
  const dialect = world.sequelize.getDialect() as Database['dialect'];
  const reason = commits(path, world) && !isKept ? 'the savepoint is gone' : path.fails?.[dialect];
  if (error !== null && !reason) return [`expected the call to resolve, found the error "${firstLine(error)}"`];
  return error === null && reason ? [`expected an error (${reason}), found none`] : [];
}

/** A write that does not do what it says proves nothing. */
function vacuity(path: Path, before: Snapshot, after: Snapshot): string[] {
  const text = ({ records }: Snapshot) =>
    JSON.stringify([...records].filter(([name]) => !name.startsWith('Mark ')).sort(([a], [b]) => (a < b ? -1 : 1)));
  const isIdle = path.isIdle === true;
  const hasChanged = text(before) !== text(after);
  return hasChanged === isIdle ? [`expected ${isIdle ? 'no row' : 'some row'} to change, found otherwise`] : [];
}

/** @param isCommitted whether the transaction has ended with the call, and what follows it is another */
function changesets({ entries }: Snapshot, isOne: boolean, isCommitted: boolean): string[] {
  const count = new Set(entries.map(({ changesetId }) => changesetId)).size;
  const most = isCommitted ? 2 : 1;
  return isOne && count > most ? [`expected no more than ${most} changesetId for all entries, found ${count}`] : [];
}
