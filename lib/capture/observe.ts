/** Performs one write between two looks at the rows it reaches, and says what it changed. */
import { AuditError, messageOf } from '../errors.js';
import { isDeadlock } from '../internals.js';
import { type Entry, entriesOf } from '../log/entry.js';
import { isDoneInBlock } from './blocks.js';
import type { Call, Send } from './call.js';
import { Changes } from './changes.js';
import { Inserts } from './inserts.js';
import { isRefusal, type ObservationParts, Raced, type Seen, Unrecorded } from './observation.js';
import { isUnfit } from './prepared.js';

export interface Observed {
  readonly result: unknown;
  /** Made while they are read, so that those of many rows are never all in memory. */
  readonly entries: Iterable<Entry>;
  /** A statement that has to follow, and that commits by itself. */
  readonly end: string | null;
}

/**
 * Sends the write of a call and works out its entries from the stored rows. What the database refuses is thrown as it
 * is, as without us.
 *
 * @param guard runs the write and the look after it so that they can be undone together
 * @throws Unrecorded when the row is written and its entry cannot be made
 * @throws Raced
 */
export async function observe(
  parts: ObservationParts,
  send: Send,
  guard: <T>(canRace: boolean, task: () => Promise<T>) => Promise<T>,
): Promise<Observed> {
  const { sequelize, call } = parts;
  const observation = call.kind === 'insert' ? new Inserts(parts) : new Changes(parts);
  const request = await observation.before();
  return guard(observation.canRace, async () => {
    const sent = await send(request).catch(async (error: unknown) => {
      if (isUnfit(error)) parts.prepared.forget();
      // What is not an answer of the database (a logger that throws) says nothing of whether the row was written.
      if (!isRefusal(sequelize, error)) throw new Unrecorded(error);
      const isLookRefused =
        request.looks?.after && !isDeadlock(error) && (await isDoneInBlock(parts.run, request.looks));
      throw isLookRefused ? new Unrecorded(unread(call, error)) : error;
    });
    try {
      const seen = await observation.after(sent);
      return { result: sent.result, entries: entriesOfAll(seen, call), end: observation.end };
    } catch (error) {
      throw error instanceof Raced ? error : new Unrecorded(unread(call, error));
    }
  });
}

/** @throws Unrecorded while it is read */
function* entriesOfAll(seen: readonly Seen[], call: Call): Generator<Entry> {
  try {
    for (const each of seen) yield* entriesOfSeen(each, call);
  } catch (error) {
    throw new Unrecorded(unread(call, error));
  }
}

function* entriesOfSeen({ modelName, before, after, isWhole }: Seen, { context }: Call): Generator<Entry> {
  const images = before.size > 0 ? [...after] : after;
  if (isWhole && before.size > 0) {
    const left = new Map(before);
    for (const { recordId } of images) left.delete(recordId);
    for (const { snapshot } of left.values()) yield* entriesOf({ modelName, before: snapshot, after: null }, context);
  }
  for (const image of images) {
    const old = before.get(image.recordId);
    const change = old ? image.since(old) : { before: null, after: image.snapshot };
    yield* entriesOf({ modelName, ...change }, context);
  }
}

function unread({ modelName, kind }: Call, error: unknown): AuditError {
  if (error instanceof AuditError) return error;
  const message = `What the ${kind} of ${modelName} wrote could not be read back: ${messageOf(error)}`;
  return new AuditError('ERR_AUDIT_ENTRY_NOT_WRITTEN', message, error);
}
