/** Runs `audit.verify` for pages: one at a time, and what it found is kept until the next one. */
import type { Audit, Verification, VerifyProgress } from '../../index.js';

export interface VerificationState {
  readonly startedAt: Date;
  readonly by: string | null;
  /** null before the first report. */
  readonly progress: VerifyProgress | null;
  /** null while it runs, and when it failed. */
  readonly result: Verification | null;
  readonly endedAt: Date | null;
}

/** Differences that a result lists. */
export const listed = 100;

export class Verifications {
  readonly #audit: Audit;
  readonly #onError: (error: unknown) => void;
  /** By the models that were compared: who may see others is not shown these. */
  readonly #states = new Map<string, VerificationState>();
  #running: Promise<void> | null = null;

  constructor(audit: Audit, onError: (error: unknown) => void) {
    this.#audit = audit;
    this.#onError = onError;
  }

  /** Whether one runs, for whomever. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** @param models undefined for all @returns null when there was none */
  state(models: readonly string[] | undefined): VerificationState | null {
    return this.#states.get(keyOf(models)) ?? null;
  }

  /** Begins one unless one runs; resolves when it has ended, or after `patience` milliseconds. */
  async start(models: readonly string[] | undefined, by: string | null, patience: number): Promise<void> {
    if (!this.#running) {
      const key = keyOf(models);
      const update = (state: Partial<VerificationState>) =>
        this.#states.set(key, { ...(this.#states.get(key) as VerificationState), ...state });
      this.#states.set(key, { startedAt: new Date(), by, progress: null, result: null, endedAt: null });
      const onProgress = (progress: VerifyProgress) => void update({ progress });
      this.#running = this.#audit
        .verify({ limit: listed, onProgress, ...(models ? { models } : {}) })
        .then((result) => void update({ result, endedAt: new Date() }))
        .catch((error: unknown) => {
          update({ endedAt: new Date() });
          this.#onError(error);
        })
        .finally(() => {
          this.#running = null;
        });
    }
    let timer: NodeJS.Timeout | undefined;
    const patient = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([this.#running, patient]).finally(() => clearTimeout(timer));
  }
}

function keyOf(models: readonly string[] | undefined): string {
  return JSON.stringify(models ? [...models].sort() : null);
}
