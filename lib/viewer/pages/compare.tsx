/** The difference between a record at one point and at another. */
import { Notice } from '../parts/layout.js';
import { RecordFields, RecordHead } from '../parts/record-head.js';
import { Difference, Place } from '../parts/value.js';
import { changesOf } from '../read/changes-of.js';
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
          <table class="changes ruled">
            <caption class="sr">
              What differs between {nameOf(from)} and {nameOf(until)}
            </caption>
            <colgroup>
              <col class="names" />
              <col />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">Attribute</th>
                <th scope="col">Change</th>
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, detail.rows).map((change) => (
                <tr>
                  <th scope="row">
                    <Place path={change.path} length={detail.name} />
                  </th>
                  <td>
                    <Difference
                      change={change}
                      room={detail.characters}
                      whole={(side) =>
                        to(visit, '/value', {
                          ...named(record, record.last.id),
                          point: pointKey(side === 'from' ? from : until),
                          path: change.path.length > 300 ? null : change.path,
                        })
                      }
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {changes.length > detail.rows && <p class="more">and {changes.length - detail.rows} more</p>}
      </>
    ),
  };
};
