/** All that was written in one transaction, in its order. */
import { Entry } from '../parts/entry.js';
import { Notice } from '../parts/layout.js';
import { Pager } from '../parts/pager.js';
import { Time } from '../parts/time.js';
import { afterOf } from '../read/filter.js';
import { most } from '../read/find.js';
import type { SeenEntry } from '../read/sight.js';
import { notFound, Refusal } from '../refusal.js';
import { type Page, to, type Visit } from '../visit.js';
import { pageSize } from './changes.js';

export const changesetPage: Page = async (visit) => {
  const changesetId = changesetIdOf(visit.params.get('id'));
  const after = afterOf(visit.params);
  const { entries, next } = await entriesOf(visit, changesetId, after, pageSize);
  const [first] = entries;
  if (!first && after === undefined) throw notFound('changeset');
  return {
    title: `Changeset ${changesetId}`,
    body: (detail) => (
      <>
        <h1>Changeset</h1>
        <p class="sub">
          <code>{changesetId}</code>
          {first && (
            <>
              {' · '}
              <Time at={first.at} />
            </>
          )}
        </p>
        {entries.length === 0 && <Notice title="There is nothing more in it." />}
        <ol class="entries">
          {entries.map((entry) => (
            <li>
              <Entry entry={entry} visit={visit} detail={detail} about="changeset" />
            </li>
          ))}
        </ol>
        {visit.canWrite && (
          <p class="steps">
            <a href={to(visit, '/undo', { changeset: changesetId })}>Undo the whole changeset</a>
          </p>
        )}
        <Pager visit={visit} next={next} label="More of it" />
      </>
    ),
  };
};

/** Entries of a changeset that may be seen, oldest first. */
export async function entriesOf(
  { audit, sight }: Visit,
  changesetId: string,
  after: string | undefined,
  limit: number,
): Promise<{ readonly entries: readonly SeenEntry[]; readonly next: string | null }> {
  const entries: SeenEntry[] = [];
  let cursor = after;
  for (let looked = 0; looked < most; ) {
    const batch = await audit.entries({ changesetId, order: 'ASC', after: cursor, limit: limit + 1 });
    entries.push(...(await sight.entries(batch)));
    looked += batch.length;
    cursor = batch.at(-1)?.id;
    if (entries.length > limit) return { entries: entries.slice(0, limit), next: entries[limit - 1]?.id ?? null };
    if (batch.length <= limit) return { entries, next: null };
  }
  return { entries, next: cursor ?? null };
}

/** @throws Refusal 400 for what names no changeset */
export function changesetIdOf(id: string | null): string {
  if (!id || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id))
    throw new Refusal(400, 'A changeset is named by its UUID.');
  return id.toLowerCase();
}
