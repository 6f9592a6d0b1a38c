/** Shows changes as a table: where, and from what to what. */
import type { Change } from '../../index.js';
import type { Detail } from '../visit.js';
import { Difference, Place } from './value.js';

export interface ChangeTableProps {
  /** What it is a table of, for those who cannot see where it stands. */
  readonly caption: string;
  /** Whether the table stands by itself, with the names of its columns. */
  readonly isRuled?: boolean;
  readonly changes: readonly Change[];
  readonly detail: Detail;
  /** The address of a value as a whole, by its side. */
  readonly whole: (change: Change, index: number, side: 'from' | 'to') => string;
}

export function ChangeTable({ caption, isRuled = false, changes, detail, whole }: ChangeTableProps) {
  return (
    <table class={isRuled ? 'changes ruled' : 'changes'}>
      <caption class="sr">{caption}</caption>
      <colgroup>
        <col class="names" />
        <col />
      </colgroup>
      <thead class={isRuled ? undefined : 'sr'}>
        <tr>
          <th scope="col">Attribute</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change, index) => (
          <tr>
            <th scope="row">
              <Place path={change.path} length={detail.name} />
            </th>
            <td>
              <Difference change={change} room={detail.characters} whole={(side) => whole(change, index, side)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
