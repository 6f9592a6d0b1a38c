/** Shows moments, in UTC, so that everybody reads the same. */
const [dayFormat, timeFormat] = [
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }),
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC' }),
];
const dateFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** The time of day, or with `isWhole` the date as well; the title says it to the millisecond. */
export function Time({ at, isWhole = true }: { readonly at: Date; readonly isWhole?: boolean }) {
  const iso = at.toISOString();
  return (
    <time datetime={iso} title={iso}>
      {isWhole ? `${dateFormat.format(at)}, ${timeFormat.format(at)}` : timeFormat.format(at)}
    </time>
  );
}

/** The day of a moment, in words. */
export function dayOf(at: Date): string {
  return dayFormat.format(at);
}

export function dateOf(at: Date): string {
  return dateFormat.format(at);
}
