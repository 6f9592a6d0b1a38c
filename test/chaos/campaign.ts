/** Two ways to kill: processes, after each of which another goes on, and what one process has to outlive. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random.js';
import { Scene, type SceneParts } from './scene.js';
import type { WriterProcess } from './writer-process.js';

export interface Campaign extends SceneParts {
  readonly kills: number;
  /** After how many kills the tables are made anew, so that comparing them does not take longer and longer. */
  readonly renewal: number;
  readonly onProgress: () => void;
}

/** What is done to the database under the writers. */
export interface Blow {
  /**
   * Kills something, and leaves the database so that it can be written again.
   *
   * @param limit how many kills at most
   * @returns the kind of each kill
   */
  strike(random: Random, limit: number): Promise<readonly string[]>;
}

/** Kills the process with the writers at random moments; the next one goes on in the same tables. */
export async function killProcesses({ kills, renewal, onProgress, ...parts }: Campaign): Promise<void> {
  const { figures, seed } = parts;
  const random = new Random(seed);
  const scene = new Scene(parts);
  let isRight = false;
  let next = scene.prepare();
  try {
    for (let done = 0; done < kills; done += 1) {
      if (!isRight || done % renewal === 0) await scene.renew();
      const writers = next;
      await writers.go();
      // Loads while the other one writes.
      next = scene.prepare();
      // Most moments are near the beginning, so that many a kill meets the first transactions.
      await sleep(random.chance(0.5) ? random.integer(80) : random.integer(500));
      await writers.kill();
      figures.killed('SIGKILL of the process');
      isRight = await scene.check();
      onProgress();
    }
  } finally {
    await next.kill();
  }
}

/** Strikes under one process; after each time all of its writers have to go on. */
export async function outlive({ kills, renewal, onProgress, ...parts }: Campaign, blow: Blow): Promise<void> {
  const { figures, seed } = parts;
  const random = new Random(seed);
  const scene = new Scene(parts);
  let writers: WriterProcess | null = null;
  try {
    for (let done = 0, round = 0; done < kills; round += 1) {
      if (!writers || round % renewal === 0) {
        await writers?.stop();
        await scene.renew();
        writers = scene.prepare();
        await writers.go();
      }
      await sleep(random.integer(60));
      const struck = await blow.strike(random, kills - done);
      for (const kind of struck) figures.killed(kind);
      done += struck.length;
      await writers.goOn();
      figures.recoveries += 1;
      if (!(await scene.check())) {
        await writers.stop();
        writers = null;
      }
      onProgress();
    }
    // Waits until every connection has been given back.
    await writers?.stop();
  } catch (error) {
    await writers?.kill();
    throw error;
  }
}
