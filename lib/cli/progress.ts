/** A bar that shows how far long work has come, to people at a terminal. */
import { SingleBar } from 'cli-progress';
import type { Audit } from '../index.js';
import type { Shell } from './shell.js';

export class Progress {
  readonly #bar: SingleBar | null;

  /** @param unit what is counted, such as "entries" */
  constructor({ stderr }: Shell, title: string, unit: string) {
    const isWide = (stderr.columns ?? 0) >= 80;
    const format = `${title} {bar} {percentage}%${isWide ? ` {value}/{total} ${unit}, {eta_formatted} to go` : ''}`;
    this.#bar = stderr.isTerminal
      ? new SingleBar({
          format,
          stream: stderr.stream,
          barsize: isWide ? 24 : 12,
          barCompleteChar: '█',
          barIncompleteChar: '░',
          clearOnComplete: true,
          // A process that ends at once could not bring these back.
          hideCursor: false,
          linewrap: true,
        })
      : null;
  }

  /** Whether anybody sees it: else nobody need count what there is to do. */
  get isShown(): boolean {
    return this.#bar !== null;
  }

  at(value: number, total: number): void {
    if (!this.#bar) return;
    if (!this.#bar.isActive) this.#bar.start(total, value);
    else this.#bar.setTotal(total);
    this.#bar.update(Math.min(value, total));
  }

  /** Takes it from the terminal. */
  end(): void {
    this.#bar?.stop();
  }
}

/** How many rows the tables have. @param names of models; undefined for all that are audited */
export async function rowsOf({ models }: Audit, names: readonly string[] | undefined): Promise<number> {
  let rows = 0;
  for (const { modelName, model } of models)
    if (!names || names.includes(modelName))
      rows += Number(await model.unscoped().count({ paranoid: false, hooks: false } as never));
  return rows;
}
