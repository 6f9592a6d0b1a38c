/** A record's timeline: all that happened to it, newest first. */
import { Entries } from '../parts/entry.js';
import { Notice } from '../parts/layout.js';
import { Pager } from '../parts/pager.js';
import { RecordHead } from '../parts/record-head.js';
import { afterOf } from '../read/filter.js';
import { recordOf } from '../read/record.js';
import type { Page } from '../visit.js';
import { pageSize } from './changes.js';

export const recordPage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const record = await recordOf(audit, sight, params);
  const { modelName: model, recordId, history } = record;
  const after = afterOf(params);
  const page = { order: 'DESC', limit: pageSize + 1, after } as const;
  const found = history ? await history.revisions(page) : await audit.entries({ model, recordId, ...page });
  const entries = await sight.entries(found.slice(0, pageSize));
  const next = found.length > pageSize ? (entries.at(-1)?.id ?? null) : null;
  return {
    title: `${model} ${recordId}`,
    body: (detail) => (
      <>
        <RecordHead visit={visit} record={record} />
        <Entries entries={entries} visit={visit} detail={detail} about="record" />
        {entries.length === 0 && <Notice title="There is nothing older." />}
        <Pager visit={visit} next={next} label="Older" />
      </>
    ),
  };
};
