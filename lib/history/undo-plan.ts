/** Works out what undoing some entries writes, and which later changes stand in the way. */
import type { Transaction } from 'sequelize';
import { AuditError, type Conflict } from '../errors.js';
import type { AuditLogAttributes } from '../log/model.js';
import { invert } from '../patch/invert.js';
import type { Document, Patch } from '../patch/operation.js';
import { pointer, segmentsOf } from '../patch/pointer.js';
import { isRedacted } from '../record/redact.js';
import { advance, fold, type State } from './fold.js';
import { type HistoryParts, LogReader } from './log-reader.js';
import { inTodaysNames } from './names.js';
import { type Present, presentOf } from './present.js';
import { referrersOf } from './referrers.js';
import { type Change, reverse } from './reverse.js';
import { checkComplete, ongoingOf, plannedChange } from './rewrite.js';
import { type Target, targetNamed } from './target.js';
import type { Write } from './write-order.js';

/** What happens where a later change stands in the way. */
export type OnConflict = 'reject' | 'skip' | 'force';

export interface Plan {
  readonly writes: readonly Write[];
  readonly conflicts: readonly Conflict[];
  readonly presents: ReadonlyMap<Target, Present | null>;
  /** The last entry of these records before anything is written. */
  readonly lastId: bigint;
}

/** One record among those of the change. */
interface Part {
  readonly target: Target;
  readonly present: Present | null;
  /** All its entries. */
  readonly history: readonly AuditLogAttributes[];
  /** Where in them the change begins and ends. */
  readonly first: number;
  readonly last: number;
}

/**
 * @param asked the entries to undo, as one change for each record
 * @param isLocked whether the rows stay as they are until the transaction ends
 * @throws AuditError ERR_AUDIT_REVERT_IMPOSSIBLE, ERR_AUDIT_HISTORY_INCOMPLETE
 */
export async function planOf(
  parts: HistoryParts,
  asked: readonly AuditLogAttributes[],
  onConflict: OnConflict,
  transaction: Transaction,
  isLocked: boolean,
): Promise<Plan> {
  const conflicts: Conflict[] = [];
  const presents = new Map<Target, Present | null>();
  let writes: Write[] = [];
  let lastId = 0n;
  for (const entries of byRecord(asked)) {
    const part = await partOf(parts, entries, transaction, isLocked);
    const { target, present, history } = part;
    presents.set(target, present);
    const id = BigInt(history.at(-1)?.id ?? 0);
    if (id > lastId) lastId = id;
    const { write, found } = undone(part, onConflict);
    conflicts.push(...found);
    if (plannedChange(target, write.present, write.wanted)) writes.push(write);
  }
  let referrers = await referrersOf(parts, writes, transaction);
  conflicts.push(...[...referrers.values()].flat());
  // A record that stays may itself refer to one that was to go.
  while (onConflict === 'skip' && referrers.size > 0) {
    writes = writes.filter((write) => !referrers.has(write));
    referrers = await referrersOf(parts, writes, transaction);
    conflicts.push(...[...referrers.values()].flat());
  }
  for (const { target, present, wanted } of writes) {
    if (!present && wanted.document) checkComplete(target, wanted.document);
  }
  return { writes, conflicts, presents, lastId };
}

function byRecord(entries: readonly AuditLogAttributes[]): AuditLogAttributes[][] {
  const groups = new Map<string, AuditLogAttributes[]>();
  for (const entry of entries) {
    const name = JSON.stringify([entry.modelName, entry.recordId]);
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups.values()];
}

async function partOf(
  parts: HistoryParts,
  entries: readonly AuditLogAttributes[],
  transaction: Transaction,
  isLocked: boolean,
): Promise<Part> {
  const [{ modelName, recordId, id }] = entries as [AuditLogAttributes];
  const target = targetNamed(parts, modelName, recordId);
  if (!target) throw impossible(`${modelName} ${recordId}`, 'its model is not defined, or not audited any more');
  // Before the log is read: while the row is locked, nobody adds to its history.
  const present = await presentOf(target, transaction, isLocked);
  const history = await new LogReader(parts).find({ where: { modelName, recordId } }, { transaction });
  const first = history.findIndex((entry) => String(entry.id) === String(id));
  const last = history.findIndex((entry) => String(entry.id) === String(entries.at(-1)?.id));
  return { target, present, history, first, last };
}

/** What undoing makes of one record. */
function undone(part: Part, onConflict: OnConflict): { write: Write; found: Conflict[] } {
  const { target, present, history, first, last } = part;
  const { audited } = target;
  const recordId = audited.recordId(target.key);
  const change = changeOf(part);
  const own = history.slice(first, last + 1);
  const later = history.slice(last + 1);
  const document = present?.document ?? null;
  const isForced = onConflict === 'force';
  const ongoing = ongoingOf(target.model);
  const inToday = ({ patch }: AuditLogAttributes) => inTodaysNames(audited, patch);
  const { document: next, clashes } = reverse(change, document, ongoing, isForced);

  const hidden = change.before && change.after ? hiddenIn(own.map(inToday), ongoing) : [];
  if (hidden.length > 0 && onConflict !== 'skip')
    throw impossible(`${audited.modelName} ${recordId}`, `the log does not hold what ${hidden.join(', ')} was before`);
  const isBegun = change.before === null && change.after !== null;
  const laterHidden = isBegun ? touchedUnseen(later.map(inToday), change.after ?? {}, ongoing) : [];
  const found = [
    ...clashes,
    ...[...hidden, ...laterHidden].map((attribute) => ({
      path: pointer(attribute),
      expected: change.after?.[attribute],
      found: document?.[attribute],
    })),
  ].map((clash) => ({ modelName: audited.modelName, recordId, ...clash }));
  const kept = isBegun && laterHidden.length > 0 && !isForced ? document : next;
  const isDestroyed = kept === null || audited.isDestroyed(kept);
  return { write: { target, present: document, wanted: { document: kept, isDestroyed } }, found };
}

/** The record before and after the change. */
function changeOf(part: Part): Change {
  const { audited } = part.target;
  const after = afterOf(part);
  const found = before(part.target, after, part.history.slice(part.first, part.last + 1));
  return { before: found && audited.inTodaysShape(found), after: after && audited.inTodaysShape(after) };
}

function afterOf({ target, present, history, last }: Part): Document | null {
  const { audited } = target;
  try {
    return fold(audited, audited.recordId(target.key), history.slice(0, last + 1)).document;
  } catch (error) {
    try {
      // Of a record that was there before the log, the row as it is leads back.
      return before(target, present?.document ?? null, history.slice(last + 1));
    } catch {
      throw error;
    }
  }
}

/** The record as it was before some entries, by what they say they found. */
function before(
  { audited, key }: Target,
  after: Document | null,
  entries: readonly AuditLogAttributes[],
): Document | null {
  const start: State = { document: after, isDestroyed: after === null };
  return entries.reduceRight((state, { action, patch, id }) => {
    const { document, isDestroyed } = state;
    // A baseline says nothing of what was before.
    if (action === 'baseline') return state;
    return advance(
      audited,
      // Backwards the earlier names of attributes come after the later ones.
      { document, isDestroyed },
      { action: 'update', patch: invert(patch) },
      () => `the state before entry ${id}, of ${audited.recordId(key)}`,
    );
  }, start).document;
}

/** The attributes whose values the log hides, and that some patches changed. */
function hiddenIn(patches: readonly Patch[], ignored: readonly string[]): string[] {
  const replaced = patches.flat().filter(({ op }) => op === 'replace');
  const hidden = replaced.filter((operation) => 'value' in operation && isRedacted(operation.value));
  const names = hidden.map(({ path }) => segmentsOf(path)).filter(({ length }) => length === 1);
  return [...new Set(names.flat())].filter((name) => !ignored.includes(name));
}

/** The attributes that some patches changed while the comparison of two documents does not show it. */
function touchedUnseen(patches: readonly Patch[], known: Document, ignored: readonly string[]): string[] {
  const operations = patches.flat().filter(({ op }) => op !== 'test');
  const names = operations.flatMap(({ path }) => segmentsOf(path).slice(0, 1));
  return [...new Set(names)]
    .filter((name) => !ignored.includes(name))
    .filter((name) => known[name] === undefined || isRedacted(known[name]));
}

function impossible(record: string, why: string): AuditError {
  return new AuditError('ERR_AUDIT_REVERT_IMPOSSIBLE', `The change of ${record} cannot be undone: ${why}`);
}
