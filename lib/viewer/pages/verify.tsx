/** Whether the log and the tables agree: a form that finds out, and what was found last. */
import type { DifferenceKind } from '../../index.js';
import { RecordName } from '../parts/entry.js';
import { Notice } from '../parts/layout.js';
import { Time } from '../parts/time.js';
import { Place, short, Value } from '../parts/value.js';
import type { VerificationState } from '../read/verifications.js';
import { Refusal } from '../refusal.js';
import { type Detail, type Page, to, type Visit } from '../visit.js';

const meanings = {
  missingEntry: 'Without history',
  brokenLink: 'Entries that do not fit',
  changedOutside: 'Changed past the log',
  orphan: 'Without row',
} as const satisfies Record<DifferenceKind, string>;

/** Milliseconds for which a small log is waited for. */
const patience = 1500;

export const verifyPage: Page = async (visit) => {
  const { sight, verifications, tokens, actor, form } = visit;
  if (sight.isNarrowed)
    throw new Refusal(403, 'Verifying compares every record, so it is for those who may see all records of a model.');
  const models = sight.modelNames && sight.models.map(({ modelName }) => modelName);
  if (models?.length === 0) throw new Refusal(403, 'There is no model that you may see.');
  if (form) {
    tokens.check(form.get('token') ?? '', actor, 'verify');
    await verifications.start(models, actor, patience);
    return { location: to(visit, '/verify') };
  }
  const state = verifications.state(models);
  const isOurs = state !== null && state.endedAt === null;
  return {
    title: 'Verify',
    ...(isOurs ? { headers: { Refresh: '3' } } : {}),
    body: (detail) => (
      <>
        <h1>Do log and tables agree?</h1>
        <p>
          Every record{models ? ` of ${short(models.join(', '), 200)}` : ''} is rebuilt from its entries and compared
          with its row. On a large log this takes minutes, and the database works meanwhile.
        </p>
        {verifications.isRunning ? (
          <p class="notice" role="status">
            {isOurs ? running(state) : 'Somebody else verifies at the moment: try again when that is done.'}
          </p>
        ) : (
          <form action={to(visit, '/verify')} method="post">
            <input type="hidden" name="token" value={tokens.sign(actor, 'verify')} />
            <button type="submit">{state ? 'Verify again' : 'Verify now'}</button>
          </form>
        )}
        {state?.endedAt && <Result visit={visit} state={state} detail={detail} />}
      </>
    ),
  };
};

function running({ progress }: VerificationState): string {
  if (!progress) return 'Verifying has begun. This page loads again by itself.';
  const part = progress.total === 0 ? 100 : Math.floor((progress.entries / progress.total) * 100);
  return `Verifying: ${progress.entries.toLocaleString('en')} of ${progress.total.toLocaleString('en')} entries compared (${part} %). This page loads again by itself.`;
}

interface ResultProps {
  readonly visit: Visit;
  readonly state: VerificationState;
  readonly detail: Detail;
}

function Result({ visit, state: { result, startedAt, endedAt, by }, detail }: ResultProps) {
  const when = (
    <p class="sub">
      Ended <Time at={endedAt as Date} /> after{' '}
      {(((endedAt as Date).getTime() - startedAt.getTime()) / 1000).toFixed(1)} s
      {by !== null && (
        <>
          , begun by <bdi>{short(by, 60)}</bdi>
        </>
      )}
    </p>
  );
  if (!result)
    return (
      <>
        <h2>It could not be finished</h2>
        {when}
        <p>Something failed underneath. Whoever runs this application finds it in its logs.</p>
      </>
    );
  const kinds = Object.entries(result.counts.differences) as [DifferenceKind, number][];
  const differing = kinds.reduce((sum, [, count]) => sum + count, 0);
  const others = Object.entries(result.others).slice(0, 50);
  return (
    <>
      <h2>{differing === 0 ? 'They agree' : `${differing.toLocaleString('en')} records differ`}</h2>
      {when}
      <section class="scroll" tabindex={0} aria-label="What was compared">
        <table class="plain">
          <caption class="sr">What was compared</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Records</th>
              <th scope="col">Entries</th>
              {kinds.map(([kind]) => (
                <th scope="col">{meanings[kind]}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Object.entries(result.models)
              .slice(0, detail.rows)
              .map(([name, counts]) => (
                <tr>
                  <th scope="row">{short(name, 60)}</th>
                  <td>{counts.records.toLocaleString('en')}</td>
                  <td>{counts.entries.toLocaleString('en')}</td>
                  {kinds.map(([kind]) => (
                    <td>{counts.differences[kind].toLocaleString('en')}</td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      {visit.sight.modelNames === undefined && others.length > 0 && (
        <p class="sub">
          Not compared, as not audited today:{' '}
          {others.map(([name, { records }]) => `${short(name, 60)} (${records} records)`).join(', ')}.
        </p>
      )}
      {result.differences.length > 0 && <Differences visit={visit} result={result} detail={detail} />}
      {differing === 0 && <Notice title="Each record is what its entries say." />}
    </>
  );
}

function Differences({
  visit,
  result: { differences },
  detail,
}: Pick<ResultProps, 'visit' | 'detail'> & { readonly result: NonNullable<VerificationState['result']> }) {
  return (
    <table class="values">
      <caption>The records that differ, the first {Math.min(differences.length, detail.rows)} of them</caption>
      <thead>
        <tr>
          <th scope="col">Record</th>
          <th scope="col">What</th>
          <th scope="col">Values</th>
        </tr>
      </thead>
      <tbody>
        {differences.slice(0, detail.rows).map(({ modelName, recordId, kind, entry, mismatches }) => (
          <tr>
            <th scope="row">
              {entry === null ? (
                <RecordName visit={visit} of={{ modelName, recordId }} />
              ) : (
                <a href={to(visit, '/record', { entry })}>
                  <RecordName visit={visit} of={{ modelName, recordId }} />
                </a>
              )}
            </th>
            <td>
              {meanings[kind]}
              {entry !== null && (
                <>
                  {' · '}
                  <a href={to(visit, '/entry', { id: entry })}>entry {entry}</a>
                </>
              )}
            </td>
            <td>
              {visit.sight
                .changes(
                  modelName,
                  mismatches.map(({ attribute, path, expected, found }) => ({
                    attribute,
                    path,
                    from: expected,
                    to: found,
                  })),
                )
                .slice(0, detail.changes)
                .map(({ path, from, to: found }) => (
                  <p class="mismatch">
                    <Place path={path} length={detail.name} /> by the log{' '}
                    <Value value={from} room={Math.min(60, detail.characters)} whole={to(visit, '/verify')} />, in the
                    table <Value value={found} room={Math.min(60, detail.characters)} whole={to(visit, '/verify')} />
                  </p>
                ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
