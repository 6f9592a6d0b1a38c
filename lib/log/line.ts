/** A line in which tasks wait for one another: first come, first served, one at a time. */

interface Holder {
  readonly since: number;
}

export class Line {
  #holder: Holder | null = null;
  readonly #waiting: ((holder: Holder) => void)[] = [];

  /** Whether somebody waits. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Runs `task` when all that came before have ended. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await task();
    } finally {
      leave();
    }
  }

  /**
   * Waits for a place, and takes it.
   *
   * @param patience milliseconds that one holder may stay; after that it is taken for dead and no longer waited for
   * @returns what gives the place up; calling it again, or after the place was lost, does nothing
   */
  async enter(patience?: number): Promise<() => void> {
    const holder = this.#holder ? await this.#wait(patience) : { since: Date.now() };
    this.#holder = holder;
    return () => {
      if (this.#holder === holder) this.#release();
    };
  }

  /** The place goes straight to the first in line, so that nobody who comes now can slip in before. */
  #release(): void {
    const next = this.#waiting.shift();
    this.#holder = next ? { since: Date.now() } : null;
    if (next && this.#holder) next(this.#holder);
  }

  #wait(patience: number | undefined): Promise<Holder> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const watch = () => {
        if (patience === undefined || !this.#holder) return;
        const left = this.#holder.since + patience - Date.now();
        if (left <= 0) this.#release();
        if (patience !== undefined) timer = setTimeout(watch, Math.max(left, 1));
      };
      this.#waiting.push((holder) => {
        clearTimeout(timer);
        timer = undefined;
        patience = undefined;
        resolve(holder);
      });
      watch();
    });
  }
}
