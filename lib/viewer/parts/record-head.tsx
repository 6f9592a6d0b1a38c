/** The head of the pages about a record: what it is, and the other pages about it. */
import type { SeenRecord } from '../read/record.js';
import { named, to, type Visit } from '../visit.js';
import { RecordName } from './entry.js';

interface RecordHeadProps {
  readonly visit: Visit;
  readonly record: SeenRecord;
}

const pages = [
  ['/record', 'Timeline'],
  ['/record/at', 'As it was'],
  ['/record/compare', 'Compare'],
  ['/record/blame', 'Blame'],
] as const;

export function RecordHead({ visit, record }: RecordHeadProps) {
  const { last, history, count } = record;
  const name = named(record, last.id);
  return (
    <>
      <h1>
        <RecordName visit={visit} of={record} />
      </h1>
      <p class="sub">
        {last.action === 'destroy' ? 'Destroyed' : 'Exists'}
        {count !== null && ` · ${count} ${count === 1 ? 'revision' : 'revisions'}`}
        {history === null && ' · not audited any more: what it was cannot be rebuilt here'}
      </p>
      <nav class="tabs" aria-label="About this record">
        {pages
          .filter(([path]) => history !== null || path === '/record')
          .map(([path, label]) => (
            <a href={to(visit, path, name)} aria-current={visit.path === path ? 'page' : undefined}>
              {label}
            </a>
          ))}
      </nav>
    </>
  );
}

/** The parts of a form that name the record it is about. */
export function RecordFields({ record }: Pick<RecordHeadProps, 'record'>) {
  return (
    <>
      {Object.entries(named(record, record.last.id)).map(([name, value]) => (
        <input type="hidden" name={name} value={value ?? ''} />
      ))}
    </>
  );
}
