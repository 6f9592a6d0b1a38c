/** Shows entries: who did what to which record, when and why. */

import type { RecordName as RecordKey, SeenEntry } from '../read/sight.js';
import { type Detail, named, namedActor, to, type Visit } from '../visit.js';
import { ChangeTable } from './change-table.js';
import { dayOf, Time } from './time.js';
import { short } from './value.js';

/** What is left out of each entry, as the page says it at its head. */
interface Shown {
  readonly visit: Visit;
  readonly detail: Detail;
  /** The page is about this record, actor or changeset. */
  readonly about?: 'record' | 'actor' | 'changeset';
}

export const verbs = {
  create: 'created',
  update: 'updated',
  destroy: 'destroyed',
  restore: 'restored',
  baseline: 'found',
} as const;

/** Entries under the days on which they were written. */
export function Entries({ entries, ...shown }: Shown & { readonly entries: readonly SeenEntry[] }) {
  const days: { day: string; entries: SeenEntry[] }[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return (
    <>
      {days.map(({ day, entries: ofDay }) => (
        <section class="day">
          <h2>{day}</h2>
          <ol class="entries">
            {ofDay.map((entry) => (
              <li>
                <Entry entry={entry} {...shown} />
              </li>
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

export function Entry({ entry, visit, detail, about }: Shown & { readonly entry: SeenEntry }) {
  const { id, action, reason, revision, changesetId, at } = entry;
  const record = named(entry, id);
  return (
    <article class="entry">
      <header>
        <Time at={at} isWhole={false} />
        {about !== 'actor' && <Actor visit={visit} of={entry} length={detail.name} />}
        <span class={`action ${action}`}>{verbs[action]}</span>
        {about === 'record' ? (
          revision !== undefined && (
            <a href={to(visit, '/record/at', { ...record, point: String(revision) })}>revision {revision}</a>
          )
        ) : (
          <RecordLink visit={visit} entry={entry} length={detail.name} />
        )}
      </header>
      {reason !== null && (
        <p class="reason">
          <span class="sr">Reason: </span>
          <q>{short(reason, detail.characters)}</q>
        </p>
      )}
      <Changes entry={entry} visit={visit} detail={detail} />
      <footer>
        <a href={to(visit, '/entry', { id })}>
          Entry <span class="number">{id}</span>
        </a>
        {about !== 'changeset' && (
          <a href={to(visit, '/changeset', { id: changesetId })}>
            Changeset<span class="sr"> of entry {id}</span>
          </a>
        )}
        {about === 'record' && revision !== undefined && revision > 1 && (
          <a href={to(visit, '/record/compare', { ...record, from: String(revision - 1), to: String(revision) })}>
            Compare<span class="sr"> revision {revision} with the one before</span>
          </a>
        )}
        {visit.canWrite && action !== 'baseline' && (
          <a href={to(visit, '/undo', { entry: id })}>
            Undo<span class="sr"> entry {id}</span>
          </a>
        )}
        {about === 'record' && visit.canWrite && revision !== undefined && (
          <a href={to(visit, '/revert', { ...record, point: String(revision) })}>
            Revert to this<span class="sr"> revision {revision}</span>
          </a>
        )}
      </footer>
    </article>
  );
}

interface ActorProps {
  readonly visit: Visit;
  /** An entry of theirs. */
  readonly of: Pick<SeenEntry, 'id' | 'actor'>;
  readonly length?: number;
}

export function Actor({ visit, of: { id, actor }, length = 60 }: ActorProps) {
  const place = to(visit, '/actor', namedActor(actor, id));
  return actor === null ? (
    <a class="actor none" href={place}>
      nobody
    </a>
  ) : (
    <a class="actor" href={place}>
      <bdi>{actor === '' ? 'empty name' : short(actor, length)}</bdi>
    </a>
  );
}

interface RecordLinkProps {
  readonly visit: Visit;
  readonly entry: SeenEntry;
  readonly length?: number;
}

export function RecordLink({ visit, entry, length = 60 }: RecordLinkProps) {
  return (
    <a class="record" href={to(visit, '/record', named(entry, entry.id))}>
      <RecordName visit={visit} of={entry} length={length} />
    </a>
  );
}

interface RecordNameProps {
  readonly visit: Visit;
  readonly of: RecordKey;
  readonly length?: number;
}

/** The name of a record; the parts of a composite key as a list. */
export function RecordName({ visit, of: { modelName, recordId }, length = 60 }: RecordNameProps) {
  const keys = visit.sight.models.find((each) => each.modelName === modelName)?.model.primaryKeyAttributes ?? [];
  const text = keys.length > 1 ? (partsOf(recordId)?.join(' / ') ?? recordId) : recordId;
  return (
    <>
      {short(modelName, length)} <bdi>{short(text, length)}</bdi>
    </>
  );
}

/** @param detail `changes` says how many are shown */
export function Changes({ entry, visit, detail }: Pick<Shown, 'visit' | 'detail'> & { readonly entry: SeenEntry }) {
  const { id, changes } = entry;
  const shown = changes.slice(0, detail.changes);
  if (changes.length === 0) return <p class="none">Nothing that is shown here has changed.</p>;
  return (
    <>
      <ChangeTable
        caption={`What entry ${id} changed`}
        changes={shown}
        detail={detail}
        whole={(_, index, side) => to(visit, '/value', { entry: id, change: String(index), side })}
      />
      {changes.length > shown.length && (
        <p class="more">
          <a href={to(visit, '/entry', { id })}>
            and {changes.length - shown.length} more<span class="sr"> changes of entry {id}</span>
          </a>
        </p>
      )}
    </>
  );
}

/** The values of a composite key; null for text that is none. */
function partsOf(recordId: string): unknown[] | null {
  try {
    const parts: unknown = JSON.parse(recordId);
    return Array.isArray(parts) ? parts.map((part) => (typeof part === 'object' ? JSON.stringify(part) : part)) : null;
  } catch {
    return null;
  }
}
