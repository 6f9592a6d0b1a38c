/** Brings a record back to what it was: first what that would write, then, confirmed, the write. */
import { Notice } from '../parts/layout.js';
import { Confirm, digestOf, Plan } from '../parts/plan.js';
import { RecordHead } from '../parts/record-head.js';
import { pointOf, recordOf } from '../read/record.js';
import { Refusal } from '../refusal.js';
import { named, type Page, to } from '../visit.js';
import { PointWords } from './at.js';
import { asRefusal, checkCanWrite, write } from './write.js';

export const revertPage: Page = async (visit) => {
  checkCanWrite(visit);
  const { audit, sight, params, form, tokens, actor } = visit;
  const record = await recordOf(audit, sight, params);
  const { history, modelName, recordId } = record;
  if (!history) throw new Refusal(400, `${modelName} is not audited any more.`);
  const point = await pointOf(audit, sight, record, params.get('point') ?? '');
  const { point: revision } = point;
  if (typeof revision !== 'number') throw new Refusal(400, 'The record did not exist then: expected a revision of it.');
  const deed = JSON.stringify(['revert', modelName, recordId, revision]);
  const planned = await asRefusal(visit, () => history.revertTo(revision, { dryRun: true }));
  const changes = planned ? [planned] : [];
  const name = named(record, record.last.id);
  let hasChanged = false;
  if (form) {
    tokens.check(form.get('token') ?? '', actor, deed);
    hasChanged = form.get('plan') !== digestOf(changes);
    if (!hasChanged) {
      await write(visit, () => history.revertTo(revision));
      return { location: to(visit, '/record', name) };
    }
  }
  return {
    title: `Revert ${modelName} ${recordId}`,
    ...(hasChanged ? { status: 409 } : {}),
    body: (detail) => (
      <>
        <RecordHead visit={visit} record={record} />
        <h2>Revert to revision {revision}</h2>
        <PointWords visit={visit} point={point} />
        {hasChanged && <Changed />}
        {planned === null ? (
          <Notice title="Nothing would change: the record is what it was then." />
        ) : (
          <>
            <p>This would be written, as one more revision:</p>
            <Plan visit={visit} changes={changes} detail={{ ...detail, changes: detail.rows }} />
            <Confirm visit={visit} deed={deed} changes={changes} label={`Revert to revision ${revision}`} />
          </>
        )}
      </>
    ),
  };
};

export function Changed() {
  return (
    <p class="notice warning" role="alert">
      What would be written has changed since you saw it, and nothing was written. This is how it is now.
    </p>
  );
}
