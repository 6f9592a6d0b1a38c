/** Gives rows that were there before the log a first entry. */

import type { StoredContext } from '../context.js';
import type { TransactionInternals } from '../internals.js';
import type { Entry } from '../log/entry.js';
import type { HistoryParts } from './log-reader.js';

export interface BaselineParts extends HistoryParts {
  /** Adds entries to what a transaction writes before it commits. */
  readonly write: (entries: readonly Entry[], transaction: TransactionInternals) => Promise<void>;
  /** Who asks for it, and why. */
  readonly context: () => StoredContext;
}

export interface BaselineOptions {
  readonly batchSize?: number;
  readonly onProgress?: (progress: unknown) => void;
}

export interface Baseline {
  readonly written: number;
}

export async function baseline(_parts: BaselineParts, _models: unknown, _options: BaselineOptions): Promise<Baseline> {
  throw new Error('Not there yet');
}
