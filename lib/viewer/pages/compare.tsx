/** The difference between a record at one point and at another. */
import { changesOf } from '../../index.js';
import { ChangeTable } from '../parts/change-table.js';
import { Notice } from '../parts/layout.js';
import { RecordFields, RecordHead } from '../parts/record-head.js';
import { pointKey, pointOf, recordOf } from '../read/record.js';
import { Refusal } from '../refusal.js';
import { named, type Page, to } from '../visit.js';
import { PointField, PointWords } from './at.js';

export const comparePage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const record = await recordOf(audit, sight, params);
  const { history, modelName, recordId } = record;
  if (!history) throw new Refusal(400, `${modelName} is not audited any more.`);
  const latest = record.count ?? 1;
  const [from, until] = await Promise.all([
    pointOf(audit, sight, record, params.get('from') || String(Math.max(1, latest - 1))),
    pointOf(audit, sight, record, params.get('to') || String(latest)),
  ]);
  const changes = sight.changes(modelName, changesOf(await history.diff(from.point, until.point)));
  const nameOf = ({ point }: typeof from) => (typeof point === 'number' ? `revision ${point}` : 'before it existed');
  return {
    title: `${modelName} ${recordId} compared`,
    body: (detail) => (
      <>
        <RecordHead visit={visit} record={record} />
        <form class="inline" action={to(visit, '/record/compare')} method="get">
          <RecordFields record={record} />
          <PointField id="from" name="from" label="From (revision or moment)" value={from.text} />
          <PointField id="to" name="to" label="To (revision or moment)" value={until.text} />
          <button type="submit">Compare</button>
        </form>
        <h2>
          From {nameOf(from)} to {nameOf(until)}
        </h2>
        <PointWords visit={visit} point={from} />
        <PointWords visit={visit} point={until} />
        {changes.length === 0 ? (
          <Notice title="The two are the same." />
        ) : (
          <ChangeTable
            caption={`What differs between ${nameOf(from)} and ${nameOf(until)}`}
            isRuled
            changes={changes.slice(0, detail.rows)}
            detail={detail}
            whole={({ path }, _, side) =>
              to(visit, '/value', {
                ...named(record, record.last.id),
                point: pointKey(side === 'from' ? from : until),
                path: path.length > 300 ? null : path,
              })
            }
          />
        )}
        {changes.length > detail.rows && <p class="more">and {changes.length - detail.rows} more</p>}
      </>
    ),
  };
};
