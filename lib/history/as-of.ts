/** Opens the past as a database: the same models in memory, filled with the rows as they were. */
import type { Sequelize } from 'sequelize';
import type { HistoryParts } from './log-reader.js';

export interface AsOfOptions {
  readonly onProgress?: (progress: unknown) => void;
}

export async function asOf(_parts: HistoryParts, _point: Date | string, _options: AsOfOptions): Promise<Sequelize> {
  throw new Error('Not there yet');
}
