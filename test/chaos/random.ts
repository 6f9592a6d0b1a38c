/** Choices that follow from a seed. */

export class Random {
  #state: number;

  /** @param seed any integer; neighbours give sequences that have nothing in common */
  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) >>> 0;
    for (let turns = 0; turns < 8; turns += 1) this.#next();
  }

  /** From 0 to below `end`. */
  integer(end: number): number {
    return Math.floor(this.#next() * end);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(list.length)] as T;
  }

  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make);
  }

  #next(): number {
    // A linear congruential generator: its high bits are the random ones.
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) >>> 0;
    return mixed / 2 ** 32;
  }
}
