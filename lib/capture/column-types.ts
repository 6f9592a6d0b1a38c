/** The types of the columns of tables, as the database has them; asked once for each table. */
import type { Run } from '../log/append.js';

export class ColumnTypes {
  readonly #question: (table: string) => string;
  #types = new Map<string, ReadonlyMap<string, string>>();

  /** @param question for `name` and `type` of each column of a table, which is quoted */
  constructor(question: (table: string) => string) {
    this.#question = question;
  }

  /** The schema has changed. */
  forget(): void {
    this.#types = new Map();
  }

  /** @param table quoted */
  async of(table: string, run: Run): Promise<ReadonlyMap<string, string>> {
    const known = this.#types.get(table);
    if (known) return known;
    const rows = (await run(this.#question(table))) as readonly { name: string; type: string }[];
    const types = new Map(rows.map(({ name, type }) => [name, type]));
    this.#types.set(table, types);
    return types;
  }
}
