/** Says of each value of a record which entry last set it. */
import { AuditError } from '../errors.js';
import { isEqual } from '../patch/diff.js';
import type { Document, Json } from '../patch/operation.js';
import { isContainer, memberOf, pointer, segmentsOf } from '../patch/pointer.js';
import type { AuditedModel } from '../record/audited-model.js';
import { isRedacted } from '../record/redact.js';
import { checkOptions } from './arguments.js';
import { advance, nameOf, type State, unborn } from './fold.js';
import { type HistoryOptions, type HistoryParts, LogReader } from './log-reader.js';
import { inTodaysNames } from './names.js';
import { type Revision, revisionOf } from './revision.js';
import type { Target } from './target.js';
import { transactionFor } from './transaction-for.js';

/** A value of a record, with the entry after which it became what it is. */
export interface Blame {
  readonly attribute: string;
  /** JSON Pointer (RFC 6901) into the record: of the attribute, or of a value inside it that was set by itself. */
  readonly path: string;
  /** As the log holds it. */
  readonly value: Json;
  readonly entry: Revision;
}

/** When a value became what it is, and those inside it. */
interface Origin {
  readonly since: Revision;
  /** null when all that is inside came with it. */
  readonly members: ReadonlyMap<string, Origin> | null;
}

/** @returns null when the record does not exist, or is destroyed */
export async function blame(
  parts: HistoryParts,
  { model, audited, key }: Target,
  options: HistoryOptions,
): Promise<Blame[] | null> {
  checkOptions(options, ['transaction']);
  const { modelName } = audited;
  const recordId = audited.recordId(key);
  const rows = await new LogReader(parts).find({ where: { modelName, recordId } }, options);
  let state: State = unborn;
  let origin: Origin | null = null;
  // A baseline is what was found, whatever the entries before it say or lack.
  const start = rows.findLastIndex(({ action }) => action === 'baseline');
  for (const [index, row] of rows.entries()) {
    if (index < start) continue;
    const next = advance(audited, state, row, () => nameOf(audited, recordId, index + 1));
    const entry = revisionOf(row, index + 1);
    origin = next.document && originOf(audited, origin, state.document, next.document, entry);
    state = next;
  }
  if (rows.length === 0) {
    const transaction = transactionFor(parts.sequelize, options) ?? null;
    const query = { where: key, paranoid: false, hooks: false, useMaster: true, transaction };
    if (await model.unscoped().findOne(query as never))
      throw new AuditError('ERR_AUDIT_HISTORY_INCOMPLETE', `The log holds no entry of ${modelName} ${recordId}`);
  }
  if (!origin || !state.document || state.isDestroyed) return null;
  // The document keeps what the model has no more.
  return blamesOf(state.document, origin).filter(({ attribute }) => audited.column(attribute));
}

/** The origin of a record after one more entry. */
function originOf(
  audited: AuditedModel,
  origin: Origin | null,
  before: Document | null,
  after: Document,
  entry: Revision,
): Origin {
  const next = inside(origin, before ?? undefined, after, entry);
  // The value of a redacted attribute changes unseen.
  const hidden = inTodaysNames(audited, entry.patch).flatMap(({ op, path }) =>
    op === 'replace' ? segmentsOf(path).slice(0, 1) : [],
  );
  const unseen = hidden.filter((attribute) => isRedacted(after[attribute]));
  if (unseen.length === 0) return next;
  const members = new Map(membersOf(next, after));
  for (const attribute of unseen) members.set(attribute, { since: entry, members: null });
  return { since: entry, members };
}

/** What did not change keeps its origin, whatever changed around it. */
function inside(origin: Origin | null, before: Json | undefined, after: Json, since: Revision): Origin {
  if (origin && isEqual(before, after)) return origin;
  if (!origin || !isContainer(before) || !isContainer(after)) return { since, members: null };
  const known = membersOf(origin, before);
  const members = Object.entries(after).map(([name, value]): [string, Origin] => [
    name,
    inside(known.get(name) ?? null, memberOf(before, name), value as Json, since),
  ]);
  return { since, members: new Map(members) };
}

function membersOf({ since, members }: Origin, value: Json): ReadonlyMap<string, Origin> {
  return members ?? new Map(Object.keys(value as object).map((name) => [name, { since, members: null }]));
}

function blamesOf(document: Document, origin: Origin): Blame[] {
  return [...membersOf(origin, document)].flatMap(([attribute, member]) =>
    within([attribute], document[attribute] as Json, member),
  );
}

/** The parts of a value that came together are one. */
function within(segments: readonly string[], value: Json, origin: Origin): Blame[] {
  const members = [...membersOf(origin, isContainer(value) ? value : {})];
  const parts = members.flatMap(([name, member]) => within([...segments, name], memberOf(value, name) as Json, member));
  if (!parts.every(({ entry }) => entry === origin.since)) return parts;
  return [{ attribute: segments[0] as string, path: pointer(...segments), value, entry: origin.since }];
}
