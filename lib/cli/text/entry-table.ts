/** Entries as rows of one table, which may come in several parts. */
import type { AuditEntry, Change, Revision } from '../../index.js';
import { changeSummary } from './change-lines.js';
import { actionText, actorText, recordText } from './entry-lines.js';
import { escaped } from './escape.js';
import { type Paper, timeText } from './paper.js';
import { type Column, tableLines, tableWidths } from './table.js';

export class EntryTable {
  readonly #paper: Paper;
  readonly #isOfRecord: boolean;
  #widths: number[] | null = null;

  /** @param isOfRecord whether all entries are of one record, so that revisions are shown and its name is not */
  constructor(paper: Paper, isOfRecord: boolean) {
    this.#paper = paper;
    this.#isOfRecord = isOfRecord;
  }

  /** The lines of the next part; the first one begins with the headings. */
  lines(entries: readonly (AuditEntry | Revision)[]): string[] {
    const columns: Column[] = [
      { name: 'ENTRY', align: 'right', isWhole: true },
      ...(this.#isOfRecord ? [{ name: 'REV', align: 'right', isWhole: true } as const] : []),
      { name: 'DATE', isWhole: true },
      { name: 'ACTOR', keep: 10 },
      { name: 'ACTION', isWhole: true },
      ...(this.#isOfRecord ? [] : [{ name: 'RECORD', keep: 20 }]),
      { name: 'CHANGES', keep: 16 },
    ];
    const rows = entries.map((entry) => this.#row(entry));
    const earlier = this.#widths ?? undefined;
    this.#widths ??= tableWidths(columns, rows, this.#paper);
    return tableLines(columns, rows, this.#paper, earlier);
  }

  #row(entry: AuditEntry | Revision): string[] {
    const { colors } = this.#paper;
    // What changes with every write is of the least interest.
    const isUsual = ({ attribute }: Change) => /^(created|updated)(At|_at)$/.test(attribute);
    const ordered = [...entry.changes.filter((change) => !isUsual(change)), ...entry.changes.filter(isUsual)];
    const changes = ordered.map((change) => changeSummary(change, colors)).join(', ');
    return [
      colors.yellow(entry.id),
      ...(this.#isOfRecord ? [String('revision' in entry ? entry.revision : '')] : []),
      timeText(entry.at, this.#paper),
      actorText(entry.actor),
      actionText(entry.action, colors),
      ...(this.#isOfRecord ? [] : [recordText(entry)]),
      entry.reason === null ? changes : `${changes} ${colors.dim(`(${escaped(entry.reason)})`)}`,
    ];
  }
}
