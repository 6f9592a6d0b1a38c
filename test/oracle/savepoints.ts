/**
 * Knows where a rollback leads. Sequelize counts the savepoints of each parent, so that one inside another can have
 * the name of that other, and ROLLBACK TO goes to the youngest of a name.
 */
import type { Transaction } from 'sequelize';

/** What Sequelize keeps of a transaction. */
interface Named {
  readonly name: string;
  readonly savepoints: readonly Named[];
}

export class Savepoints {
  readonly #replaces: boolean;
  #list: { readonly name: string; readonly place: number }[] = [];
  readonly #known = new Set<Named>();

  /** @param dialect MySQL forgets a savepoint when another one takes its name */
  constructor(dialect: string) {
    this.#replaces = dialect === 'mysql' || dialect === 'mariadb';
  }

  /** Notes what has been set since the last time at this place: by a program, or by Sequelize inside a call. */
  note(open: readonly Transaction[], place: number): void {
    for (const transaction of open as unknown as readonly Named[]) {
      for (const savepoint of [transaction, ...transaction.savepoints]) {
        if (this.#known.has(savepoint)) continue;
        this.#known.add(savepoint);
        if (this.#replaces) this.#list = this.#list.filter(({ name }) => name !== savepoint.name);
        this.#list.push({ name: savepoint.name, place });
      }
    }
  }

  /** @returns the place of the youngest savepoint of this name; those set after it are gone */
  rollBackTo(transaction: Transaction): number {
    const { name } = transaction as unknown as Named;
    const index = this.#list.findLastIndex((each) => each.name === name);
    const savepoint = this.#list[index];
    if (!savepoint) throw new Error(`The database rolled back to ${name}, which was never set`);
    this.#list.length = index + 1;
    return savepoint.place;
  }

  clear(): void {
    this.#list = [];
  }
}
