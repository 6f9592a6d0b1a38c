/** What one actor did: over time, and entry by entry. */
import { Chart } from '../parts/chart.js';
import { Notice } from '../parts/layout.js';
import { short } from '../parts/value.js';
import { activityOf } from '../read/activity.js';
import { afterOf } from '../read/filter.js';
import { find } from '../read/find.js';
import { entryOf } from '../read/record.js';
import { notFound, Refusal } from '../refusal.js';
import type { Page, Visit } from '../visit.js';
import { FoundEntries, pageSize } from './changes.js';

export const actorPage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const actor = await actorOf(visit);
  const after = afterOf(params);
  const found = await find(audit, sight, { actor }, after, pageSize);
  const activity = after === undefined ? await activityOf(audit, sight, actor) : null;
  return {
    title: actor === null ? 'Nobody' : actor || 'Empty name',
    body: (detail) => (
      <>
        <h1>
          {actor === null ? (
            'Written by nobody'
          ) : (
            <>
              What <bdi>{short(actor || 'the empty name', 100)}</bdi> did
            </>
          )}
        </h1>
        {activity && <Chart activity={activity} />}
        {found.entries.length === 0 && found.lookedDownTo === null ? (
          <Notice title="Nothing of this actor is here to see." />
        ) : (
          <FoundEntries visit={visit} found={found} detail={detail} isFiltered about="actor" />
        )}
      </>
    ),
  };
};

async function actorOf({ audit, sight, params }: Visit): Promise<string | null> {
  const [name, id] = [params.get('name'), params.get('entry')];
  if (params.get('nobody')) return null;
  if (id !== null) {
    const entry = await entryOf(audit, sight, id);
    if (!entry) throw notFound('entry');
    return entry.actor;
  }
  if (!name || name.length > 255 || /[\0\p{Surrogate}]/u.test(name))
    throw new Refusal(400, 'An actor is named by at most 255 characters.');
  return name;
}
