/** What changed lately, across records. */
import { Entries } from '../parts/entry.js';
import { FilterForm } from '../parts/filter-form.js';
import { Notice } from '../parts/layout.js';
import { Pager } from '../parts/pager.js';
import { afterOf, filterOf } from '../read/filter.js';
import { type Found, find } from '../read/find.js';
import { type Page, to, type Visit } from '../visit.js';

export const pageSize = 25;

export const changesPage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const filter = filterOf(params);
  const found = await find(audit, sight, filter, afterOf(params), pageSize);
  const isFiltered = Object.values(filter).some((condition) => condition !== undefined);
  return {
    title: visit.options.title,
    body: (detail) => (
      <>
        <h1>{isFiltered ? 'Changes that match' : 'What changed lately'}</h1>
        <FilterForm visit={visit} />
        <FoundEntries visit={visit} found={found} detail={detail} isFiltered={isFiltered} />
      </>
    ),
  };
};

interface FoundProps {
  readonly visit: Visit;
  readonly found: Found;
  readonly detail: Parameters<typeof Entries>[0]['detail'];
  readonly isFiltered: boolean;
  readonly about?: 'actor';
}

/** A page of entries, and what there is to say of where looking ended. */
export function FoundEntries({ visit, found, detail, isFiltered, about }: FoundProps) {
  const { entries, next, lookedDownTo } = found;
  return (
    <>
      <Entries entries={entries} visit={visit} detail={detail} {...(about ? { about } : {})} />
      {entries.length === 0 && lookedDownTo === null && (
        <Notice title={isFiltered || visit.params.has('after') ? 'Nothing matches.' : 'Nothing is recorded yet.'}>
          {isFiltered ? (
            <p>
              Loosen the filter, or <a href={to(visit, '/')}>see what changed lately</a>.
            </p>
          ) : (
            <p>Every write to an audited model shows up here.</p>
          )}
        </Notice>
      )}
      {lookedDownTo !== null && (
        <p class="looked" role="status">
          {entries.length === 0 ? 'Nothing matches so far.' : 'There may be more.'} Looking ended at entry{' '}
          {lookedDownTo}.
        </p>
      )}
      <Pager visit={visit} next={next} label={lookedDownTo === null ? 'Older' : 'Look further back'} />
    </>
  );
}
