/** Shows an activity over time: bars, and the same as a table for whoever does not see them. */
import type { Activity } from '../read/activity.js';
import { dateOf } from './time.js';

const [width, height] = [720, 96];

export function Chart({ activity: { unit, bars, total, isCut } }: { readonly activity: Activity }) {
  const highest = Math.max(...bars.map(({ count }) => count));
  const step = width / bars.length;
  const label = (from: Date) =>
    unit === 'hour' ? `${dateOf(from)}, ${from.toISOString().slice(11, 16)}` : dateOf(from);
  const [first, last] = [bars[0], bars.at(-1)].map((bar) => label(bar?.from as Date));
  const summary = `${total} entries${isCut ? ', the last ones,' : ''} by ${unit}, from ${first} to ${last}; at most ${highest} in one ${unit}.`;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby="chart-title" preserveAspectRatio="none">
        <title id="chart-title">{summary}</title>
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
        {bars.map(({ from, count }, index) => {
          const tall = count === 0 ? 0 : Math.max(3, (count / highest) * (height - 8));
          return (
            <rect
              x={(index * step + step * 0.1).toFixed(2)}
              width={(step * 0.8).toFixed(2)}
              y={(height - tall).toFixed(2)}
              height={tall.toFixed(2)}
            >
              <title>{`${label(from)}: ${count}`}</title>
            </rect>
          );
        })}
      </svg>
      <div class="axis" aria-hidden="true">
        <span>{first}</span>
        {first !== last && <span>{last}</span>}
      </div>
      <figcaption>{summary}</figcaption>
      <details>
        <summary>As a table</summary>
        <table class="plain">
          <caption class="sr">Entries by {unit}</caption>
          <thead>
            <tr>
              <th scope="col">{unit === 'hour' ? 'Hour' : `${unit[0]?.toUpperCase()}${unit.slice(1)} from`}</th>
              <th scope="col">Entries</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter(({ count }) => count > 0)
              .map(({ from, count }) => (
                <tr>
                  <th scope="row">{label(from)}</th>
                  <td>{count}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
