/** Shows what a revert or undo would write, and the form that confirms it. */
import { createHash } from 'node:crypto';
import { changesOf, type PlannedChange } from '../../index.js';
import { type Detail, to, type Visit } from '../visit.js';
import { ChangeTable } from './change-table.js';
import { RecordName } from './entry.js';
import { short } from './value.js';

interface PlanProps {
  readonly visit: Visit;
  readonly changes: readonly PlannedChange[];
  readonly detail: Detail;
}

export function Plan({ visit, changes, detail }: PlanProps) {
  return (
    <ol class="entries">
      {changes.slice(0, detail.rows).map((change) => {
        const all = visit.sight.changes(change.modelName, changesOf(change.patch));
        return (
          <li>
            <article class="entry planned">
              <header>
                <span class={`action ${change.action}`}>{change.action}</span>
                <span class="record">
                  <RecordName visit={visit} of={change} length={detail.name} />
                </span>
              </header>
              <ChangeTable
                caption={`What would change in ${short(change.modelName, 60)} ${short(change.recordId, 60)}`}
                changes={all.slice(0, detail.changes)}
                detail={detail}
                whole={() => to(visit, visit.path, params(visit))}
              />
              {all.length > detail.changes && <p class="more">and {all.length - detail.changes} more values</p>}
            </article>
          </li>
        );
      })}
    </ol>
  );
}

interface ConfirmProps {
  readonly visit: Visit;
  /** What the form does, to what: its token is good for nothing else. */
  readonly deed: string;
  readonly changes: readonly PlannedChange[];
  readonly label: string;
}

export function Confirm({ visit, deed, changes, label }: ConfirmProps) {
  return (
    <form class="confirm" action={to(visit, visit.path, params(visit))} method="post">
      <input type="hidden" name="token" value={visit.tokens.sign(visit.actor, deed)} />
      <input type="hidden" name="plan" value={digestOf(changes)} />
      <div class="field grow">
        <label for="reason">Reason, for the log</label>
        <input id="reason" name="reason" maxlength={300} autocomplete="off" />
      </div>
      <button type="submit" class="danger">
        {label}
      </button>
    </form>
  );
}

/** Tells one plan from another, so that nobody confirms what they have not seen. */
export function digestOf(changes: readonly PlannedChange[]): string {
  return createHash('sha256').update(JSON.stringify(changes)).digest('base64url');
}

function params({ params: given }: Visit): Record<string, string> {
  return Object.fromEntries(given);
}
