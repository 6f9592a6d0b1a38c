/** One entry with all that it says. */

import type { Json } from '../../index.js';
import { Actor, Changes, RecordLink } from '../parts/entry.js';
import { Time } from '../parts/time.js';
import { short, Value } from '../parts/value.js';
import { entryOf } from '../read/record.js';
import { notFound } from '../refusal.js';
import { type Page, to } from '../visit.js';

export const entryPage: Page = async (visit) => {
  const id = visit.params.get('id') ?? '';
  const entry = await entryOf(visit.audit, visit.sight, id);
  if (!entry) throw notFound('entry');
  const { action, reason, meta, changesetId, at } = entry;
  const whole = to(visit, '/value', { entry: id });
  return {
    title: `Entry ${id}`,
    body: (detail) => (
      <>
        <h1>Entry {id}</h1>
        <dl class="facts">
          <dt>Record</dt>
          <dd>
            <RecordLink visit={visit} entry={entry} />
          </dd>
          <dt>Action</dt>
          <dd>
            <span class={`action ${action}`}>{action}</span>
          </dd>
          <dt>Actor</dt>
          <dd>
            <Actor visit={visit} of={entry} />
          </dd>
          <dt>Time</dt>
          <dd>
            <Time at={at} />
          </dd>
          <dt>Reason</dt>
          <dd>{reason === null ? <span class="none">none was given</span> : short(reason, detail.characters)}</dd>
          <dt>Changeset</dt>
          <dd>
            <a href={to(visit, '/changeset', { id: changesetId })}>
              <code>{changesetId}</code>
            </a>
          </dd>
          {meta !== null && (
            <>
              <dt>Meta</dt>
              <dd>
                <Value value={meta as Json} room={detail.characters} whole={whole} />
              </dd>
            </>
          )}
        </dl>
        <h2>What changed</h2>
        <Changes entry={entry} visit={visit} detail={{ ...detail, changes: detail.rows }} />
        <p class="steps">
          <a href={whole}>The whole entry as JSON</a>
          {visit.canWrite && action !== 'baseline' && <a href={to(visit, '/undo', { entry: id })}>Undo this change</a>}
        </p>
      </>
    ),
  };
};
