/** Where things are killed: a database with its tables, and the processes that write them. */
import { Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Figures } from './figures.js';
import type { Settings } from './messages.js';
import { defineModels } from './models.js';
import { verify } from './verify.js';
import { WriterProcess } from './writer-process.js';

export interface SceneParts {
  readonly options: Settings['options'];
  readonly isWal?: boolean;
  readonly seed: number;
  readonly figures: Figures;
}

export class Scene {
  readonly #parts: SceneParts;
  #processes = 0;

  constructor(parts: SceneParts) {
    this.#parts = parts;
  }

  /** Empty tables. */
  async renew(): Promise<void> {
    const { options, isWal, figures } = this.#parts;
    const sequelize = new Sequelize({ ...options, logging: false });
    attachAudit(sequelize);
    defineModels(sequelize);
    if (isWal) await sequelize.query('PRAGMA journal_mode = WAL');
    await sequelize.sync({ force: true });
    await sequelize.close();
    figures.renewed();
  }

  /** Loads a process whose writers make other choices than all before. */
  prepare(): WriterProcess {
    const { options, seed, figures } = this.#parts;
    this.#processes += 1;
    return new WriterProcess({ options, seed: seed * 1_000_003 + this.#processes }, (report) => figures.heard(report));
  }

  /** Compares tables and log. @returns whether they agree */
  async check(): Promise<boolean> {
    const { options, figures } = this.#parts;
    const before = figures.wrong;
    figures.found(await verify(options));
    return figures.wrong === before;
  }
}
