/** Which tables of SQLite have triggers: what a statement gives back there is not yet what they make of it. */
import { tableKeyOf } from '../internals.js';
import type { Run } from '../log/append.js';
import { ours } from './sqlite-triggers.js';

interface Found {
  readonly triggered: ReadonlySet<string>;
  /** Tables whose own definition says what happens to rows that are there already. */
  readonly resolving: ReadonlySet<string>;
  /** Tables with columns that are worked out from others. */
  readonly generating: ReadonlySet<string>;
}

export class Triggers {
  #found: Promise<Found> | null = null;

  /** The schema has changed: they are read again before the next write. */
  forget(): void {
    this.#found = null;
  }

  /** @param run on the connection that writes, which may have triggers of its own */
  async areOn(table: unknown, run: Run): Promise<boolean> {
    return (await this.#read(run)).triggered.has(tableKeyOf(table).toLowerCase());
  }

  /** Whether a statement can do other things to the table than it says: by triggers, or to rows that are in its way. */
  async canDoMore(table: unknown, run: Run): Promise<boolean> {
    const { triggered, resolving } = await this.#read(run);
    const name = tableKeyOf(table).toLowerCase();
    return triggered.has(name) || resolving.has(name);
  }

  /** Whether a column of the table is worked out from others. */
  async areColumnsGenerated(table: unknown, run: Run): Promise<boolean> {
    return (await this.#read(run)).generating.has(tableKeyOf(table).toLowerCase());
  }

  #read(run: Run): Promise<Found> {
    const found = this.#found ?? foundBy(run);
    this.#found = found;
    // What could not be read is read again the next time.
    return found.catch((error: unknown) => {
      if (this.#found === found) this.#found = null;
      throw error;
    });
  }
}

async function foundBy(run: Run): Promise<Found> {
  const rows = (await run(
    `SELECT tbl_name AS name, type FROM sqlite_master WHERE type = 'trigger' OR (type = 'table' AND sql LIKE '%conflict%')
     UNION SELECT tbl_name, type FROM sqlite_temp_master WHERE type = 'trigger' AND substr(name, 1, ${ours.length}) <> '${ours}'
     UNION SELECT m.name, 'generated' FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c
       WHERE m.type = 'table' AND m.sql LIKE '%as%(%' AND m.sql NOT LIKE 'create virtual%' AND c.hidden IN (2, 3)`,
  )) as readonly { name: string; type: string }[];
  const named = (type: string) =>
    new Set(rows.filter((row) => row.type === type).map(({ name }) => name.toLowerCase()));
  return { triggered: named('trigger'), resolving: named('table'), generating: named('generated') };
}
