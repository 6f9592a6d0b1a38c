/** Replaces methods of an object for a while, also among others who do the same. */

export type Method = (this: object, ...args: never[]) => unknown;

interface Replaced {
  readonly name: string;
  readonly original: unknown;
  readonly replacement: Method;
  readonly wasOwn: boolean;
}

export class Replacements {
  readonly #target: Record<string, unknown>;
  readonly #replaced: Replaced[] = [];
  #isActive = true;

  constructor(target: Record<string, unknown>) {
    this.#target = target;
  }

  /** Puts what `wrap` makes of a method in its place. */
  replace<M extends Method>(name: string, wrap: (original: M) => M): void {
    const original = this.#target[name] as M;
    const wrapped = wrap(original);
    const isActive = () => this.#isActive;
    const replacement: Method = function (...args) {
      return (isActive() ? wrapped : original).apply(this, args);
    };
    this.#replaced.push({ name, original, replacement, wasOwn: Object.hasOwn(this.#target, name) });
    this.#target[name] = replacement;
  }

  /** Whether all of them are still what stands there. */
  get areInPlace(): boolean {
    return this.#replaced.every(({ name, replacement }) => this.#target[name] === replacement);
  }

  /** Takes them away again. One that somebody else has wrapped since stays, and only passes calls on. */
  restore(): void {
    this.#isActive = false;
    for (const { name, original, replacement, wasOwn } of this.#replaced.toReversed()) {
      if (this.#target[name] !== replacement) continue;
      if (wasOwn) this.#target[name] = original;
      else delete this.#target[name];
    }
  }
}
