/** What the killer and the process with the writers say to each other. */
import type { Options } from 'sequelize';

export interface Settings {
  /** Of the Sequelize instance. */
  readonly options: Options;
  readonly seed: number;
}

/**
 * `go`: begin to write. `mark`: say when every writer has committed something that it began after this. `stop`: end
 * what is under way, and exit.
 */
export type Order = 'go' | 'mark' | 'stop';

/** `ready`: everything is loaded. `alive`: the first commits. `through`: the answer to a mark. `done`: to a stop. */
export type Word = 'ready' | 'alive' | 'through' | 'done';

export interface Report {
  readonly word: Word;
  /** Since the last report. */
  readonly committed: number;
  /** What the writers were told since then, and how often. */
  readonly errors: Readonly<Record<string, number>>;
}
