/** Takes a change or a changeset back: first what that would write, then, confirmed, the write. */
import type { Conflict } from '../../index.js';
import { Notice } from '../parts/layout.js';
import { Confirm, digestOf, Plan } from '../parts/plan.js';
import { Place, short } from '../parts/value.js';
import { entryOf } from '../read/record.js';
import { keyOf } from '../read/sight.js';
import { notFound, Refusal } from '../refusal.js';
import { type Page, to, type Visit } from '../visit.js';
import { changesetIdOf } from './changeset.js';
import { Changed } from './revert.js';
import { asRefusal, checkCanWrite, write } from './write.js';

/** Entries of a changeset that pages undo. */
const longest = 1000;

export const undoPage: Page = async (visit) => {
  checkCanWrite(visit);
  const { audit, form, tokens, actor } = visit;
  const { what, label, back } = await askedFor(visit);
  const deed = JSON.stringify(['undo', what]);
  const { changes, conflicts } = await asRefusal(visit, () => audit.undo(what, { dryRun: true }));
  let hasChanged = false;
  if (form) {
    tokens.check(form.get('token') ?? '', actor, deed);
    hasChanged = form.get('plan') !== digestOf(changes);
    if (!hasChanged) {
      const { changesetId } = await write(visit, () => audit.undo(what));
      return { location: changesetId === null ? back : to(visit, '/changeset', { id: changesetId }) };
    }
  }
  const known = await visit.sight.records(conflicts);
  return {
    title: `Undo ${label}`,
    ...(hasChanged ? { status: 409 } : {}),
    body: (detail) => (
      <>
        <h1>Undo {label}</h1>
        <p class="sub">
          <a href={back}>What it did</a> · later changes of other values stay.
        </p>
        {hasChanged && <Changed />}
        {conflicts.length > 0 ? (
          <Conflicts conflicts={conflicts} known={known} rows={detail.rows} />
        ) : changes.length === 0 ? (
          <Notice title="Nothing would change: it is undone already." />
        ) : (
          <>
            <p>This would be written, in one transaction:</p>
            <Plan visit={visit} changes={changes} detail={detail} />
            <Confirm visit={visit} deed={deed} changes={changes} label={`Undo ${label}`} />
          </>
        )}
      </>
    ),
  };
};

interface ConflictsProps {
  readonly conflicts: readonly Conflict[];
  /** Records that may be seen. */
  readonly known: ReadonlySet<string>;
  readonly rows: number;
}

function Conflicts({ conflicts, known, rows }: ConflictsProps) {
  return (
    <div class="notice warning" role="alert">
      <p class="notice-title">It cannot be undone: later changes stand in the way.</p>
      <ul>
        {conflicts.slice(0, Math.min(20, rows)).map((conflict) =>
          known.has(keyOf(conflict)) ? (
            <li>
              {short(conflict.modelName, 60)} <bdi>{short(conflict.recordId, 60)}</bdi>
              {': '}
              {conflict.path === '' ? 'the record itself' : <Place path={conflict.path} />}
            </li>
          ) : (
            <li>a record that is not yours to see</li>
          ),
        )}
      </ul>
      {conflicts.length > 20 && <p>and {conflicts.length - 20} more</p>}
    </div>
  );
}

async function askedFor(visit: Visit): Promise<{ what: string; label: string; back: string }> {
  const { audit, sight, params } = visit;
  const id = params.get('entry');
  if (id !== null) {
    if (!(await entryOf(audit, sight, id))) throw notFound('entry');
    return { what: id, label: `entry ${id}`, back: to(visit, '/entry', { id }) };
  }
  const changesetId = changesetIdOf(params.get('changeset'));
  const all = await audit.entries({ changesetId, limit: longest });
  const seen = await sight.entries(all);
  if (seen.length === 0) throw notFound('changeset');
  if (seen.length < all.length) throw new Refusal(403, 'A part of this changeset is not yours to see, nor to undo.');
  if (all.length === longest)
    throw new Refusal(400, `Pages undo changesets of fewer than ${longest} entries. Use audit.undo for this one.`);
  return { what: changesetId, label: 'the changeset', back: to(visit, '/changeset', { id: changesetId }) };
}
