/** Which tables of SQLite have triggers: what a statement gives back there is not yet what they make of it. */
import { tableKeyOf } from '../internals.js';
import type { Run } from '../log/append.js';

export class Triggers {
  #tables: Promise<ReadonlySet<string>> | null = null;

  /** The schema has changed: they are read again before the next write. */
  forget(): void {
    this.#tables = null;
  }

  /** @param run on the connection that writes, which may have triggers of its own */
  async areOn(table: unknown, run: Run): Promise<boolean> {
    this.#tables ??= namesOf(run);
    const tables = this.#tables;
    // What could not be read is read again the next time.
    const names = await tables.catch((error: unknown) => {
      if (this.#tables === tables) this.#tables = null;
      throw error;
    });
    return names.has(tableKeyOf(table).toLowerCase());
  }
}

async function namesOf(run: Run): Promise<ReadonlySet<string>> {
  const rows = await run(
    "SELECT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' UNION SELECT tbl_name FROM sqlite_temp_master WHERE type = 'trigger'",
  );
  return new Set((rows as readonly { name: string }[]).map(({ name }) => name.toLowerCase()));
}
