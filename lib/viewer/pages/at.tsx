/** The record as it was at a revision or a moment. */
import type { Json, PastDocument } from '../../index.js';
import { Actor, verbs } from '../parts/entry.js';
import { Notice } from '../parts/layout.js';
import { RecordFields, RecordHead } from '../parts/record-head.js';
import { Time } from '../parts/time.js';
import { Place, Value } from '../parts/value.js';
import { pointKey, pointOf, recordOf, type SeenPoint, type SeenRecord } from '../read/record.js';
import { Refusal } from '../refusal.js';
import { type Detail, named, type Page, to, type Visit } from '../visit.js';

export const atPage: Page = async (visit) => {
  const record = await recordOf(visit.audit, visit.sight, visit.params);
  const { point, past } = await pastOf(visit, record, visit.params.get('point') || String(record.count));
  const name = named(record, record.last.id);
  const revision = typeof point.point === 'number' ? point.point : null;
  const step = (label: string, next: number) => (
    <a href={to(visit, '/record/at', { ...name, point: String(next) })}>{label}</a>
  );
  return {
    title: `${record.modelName} ${record.recordId} as it was`,
    body: (detail) => (
      <>
        <RecordHead visit={visit} record={record} />
        <form class="inline" action={to(visit, '/record/at')} method="get">
          <RecordFields record={record} />
          <PointField id="point" name="point" label="Revision, or moment (UTC)" value={point.text} />
          <button type="submit">Show</button>
        </form>
        <h2>{revision === null ? 'Before its first revision' : `Revision ${revision}`}</h2>
        <PointWords visit={visit} point={point} />
        {revision !== null && (
          <p class="steps">
            {revision > 1 && step('← Earlier', revision - 1)}
            {revision < (record.count ?? 0) && step('Later →', revision + 1)}
            {visit.canWrite && <a href={to(visit, '/revert', { ...name, point: String(revision) })}>Revert to this</a>}
          </p>
        )}
        {past === null ? (
          <Notice title="The record did not exist then." />
        ) : (
          <Document visit={visit} record={record} point={point} past={past} detail={detail} />
        )}
      </>
    ),
  };
};

/** @throws Refusal 400 where the record cannot be rebuilt */
export async function pastOf(
  { audit, sight }: Visit,
  record: SeenRecord,
  text: string,
): Promise<{ point: SeenPoint; past: PastDocument | null }> {
  if (!record.history) throw new Refusal(400, `${record.modelName} is not audited any more.`);
  const point = await pointOf(audit, sight, record, text);
  return { point, past: await record.history.documentAt(point.point) };
}

interface DocumentProps {
  readonly visit: Visit;
  readonly record: SeenRecord;
  readonly point: SeenPoint;
  readonly past: PastDocument;
  readonly detail: Detail;
}

function Document({ visit, record, point, past, detail }: DocumentProps) {
  const all = Object.entries(past.document) as [string, Json][];
  const whole = (path?: string) =>
    to(visit, '/value', { ...named(record, record.last.id), point: pointKey(point), path });
  return (
    <>
      <table class="values">
        <caption class="sr">The record as it was</caption>
        <thead>
          <tr>
            <th scope="col">Attribute</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, detail.rows).map(([attribute, value]) => {
            const path = `/${attribute.replaceAll('~', '~0').replaceAll('/', '~1')}`;
            return (
              <tr>
                <th scope="row">
                  <Place path={path} length={detail.name} />
                  {past.unknown.includes(attribute) && <span class="note"> not in the model any more</span>}
                </th>
                <td>
                  <Value value={value} room={detail.characters} whole={whole(path)} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {all.length > detail.rows && (
        <p class="more">
          <a href={whole()}>and {all.length - detail.rows} more: the whole as JSON</a>
        </p>
      )}
    </>
  );
}

/** Who made a record what it was at a point, and when. */
export function PointWords({ visit, point: { entry } }: { readonly visit: Visit; readonly point: SeenPoint }) {
  if (!entry) return null;
  return (
    <p class="sub">
      <Time at={entry.at} /> · {verbs[entry.action]} by <Actor visit={visit} of={entry} />
    </p>
  );
}

interface PointFieldProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

export function PointField({ id, name, label, value }: PointFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} name={name} value={value} required autocomplete="off" placeholder="3 or 2026-03-01 10:00" />
    </div>
  );
}
