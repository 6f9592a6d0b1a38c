/** Names for statements that a server of PostgreSQL keeps ready, so that it plans them once for each connection. */
import { createHash } from 'node:crypto';

/** Statements that are kept ready on a connection at most; the others are sent without a name. */
const nameLimit = 250;

/** Texts that are remembered at most. */
const textLimit = 1000;

export class Prepared {
  readonly #isEnabled: boolean;
  #names = new Map<string, string>();
  #made = new Map<string, { readonly sql: string; readonly name: string | null }>();
  /** Goes into the names, so that those of before a change of the schema are not used any more. */
  #age = 0;

  constructor(isEnabled: boolean) {
    this.#isEnabled = isEnabled;
  }

  /** A statement that follows from another text, and its name. @param from that text, which is shorter */
  made(from: string, make: () => string): { readonly sql: string; readonly name: string | null } {
    const known = this.#made.get(from);
    if (known) return known;
    if (this.#made.size >= textLimit) this.#made = new Map();
    const sql = make();
    const made = { sql, name: this.nameOf(sql) };
    this.#made.set(from, made);
    return made;
  }

  /** @returns null for one that is sent without a name */
  nameOf(text: string): string | null {
    const known = this.#names.get(text);
    if (known !== undefined || !this.#isEnabled || this.#names.size >= nameLimit) return known ?? null;
    const name = `audit-${createHash('sha256').update(`${this.#age} ${text}`).digest('hex').slice(0, 40)}`;
    this.#names.set(text, name);
    return name;
  }

  /** The schema has changed: what is kept may not fit it. */
  forget(): void {
    this.#age += 1;
    this.#names = new Map();
    this.#made = new Map();
  }
}

/** Whether another program has changed a table since a statement was made ready: it cannot be used any more. */
export function isUnfit(error: unknown): boolean {
  // PostgreSQL, appendix A: feature_not_supported, here "cached plan must not change result type".
  return (error as { parent?: { code?: string } | null } | null)?.parent?.code === '0A000';
}
