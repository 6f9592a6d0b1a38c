/** Leads to the next page of a list. */
import { to, type Visit } from '../visit.js';

interface PagerProps {
  readonly visit: Visit;
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  readonly label: string;
}

export function Pager({ visit, next, label }: PagerProps) {
  const given = Object.fromEntries(visit.params);
  if (next === null && !given.after) return null;
  return (
    <nav class="pager" aria-label="More">
      {given.after ? <a href={to(visit, visit.path, { ...given, after: null })}>Back to the first page</a> : <span />}
      {next !== null && (
        <a class="button" rel="next" href={to(visit, visit.path, { ...given, after: next })}>
          {label}
        </a>
      )}
    </nav>
  );
}
