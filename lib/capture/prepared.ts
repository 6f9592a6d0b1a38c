/** Names for statements that a server of PostgreSQL keeps ready, so that it plans them once for each connection. */
import { createHash } from 'node:crypto';

/** Statements that are kept ready on a connection at most; the others are sent without a name. */
const nameLimit = 250;

/** Texts that are remembered of a model at most. */
const textLimit = 1000;

interface Made {
  readonly sql: string;
  readonly name: string | null;
}

export class Prepared {
  readonly #isEnabled: boolean;
  #names = new Map<string, string>();
  #made = new WeakMap<object, Map<string, Made>>();
  /** Goes into the names, so that those of before a change of the schema are not used any more. */
  #age = 0;

  constructor(isEnabled: boolean) {
    this.#isEnabled = isEnabled;
  }

  /**
   * A statement that follows from a shorter text, and its name.
   *
   * @param audited the model whose columns are in it
   */
  made(audited: object, from: string, make: () => string): Made {
    let texts = this.#made.get(audited);
    const known = texts?.get(from);
    if (known) return known;
    if (!texts || texts.size >= textLimit) {
      texts = new Map();
      this.#made.set(audited, texts);
    }
    const sql = make();
    const made = { sql, name: this.nameOf(sql) };
    texts.set(from, made);
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
    this.#made = new WeakMap();
  }
}

/** Whether another program has changed a table since a statement was made ready: it cannot be used any more. */
export function isUnfit(error: unknown): boolean {
  // PostgreSQL, appendix A: feature_not_supported, here "cached plan must not change result type".
  return (error as { parent?: { code?: string } | null } | null)?.parent?.code === '0A000';
}
