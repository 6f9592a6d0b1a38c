/** How much of the heap is in use after garbage collection, and whether that grows. */
import { setImmediate } from 'node:timers/promises';

export interface Sample {
  readonly writes: number;
  /** Bytes. */
  readonly heap: number;
}

/** Needs `node --expose-gc`. */
export async function sampleAfter(writes: number): Promise<Sample> {
  for (let turn = 0; turn < 3; turn += 1) {
    // What a finished promise or a finalizer still holds is let go of between two turns of the event loop.
    await setImmediate();
    (globalThis as unknown as { gc(): void }).gc();
  }
  return { writes, heap: process.memoryUsage().heapUsed };
}

/**
 * By how many bytes the heap grows with each write in the second half of a run, when everything has been loaded and
 * compiled. It is the median of the slopes between any two samples (Theil and Sen), which one odd sample does not move.
 */
export function growthOf(samples: readonly Sample[]): number {
  const late = samples.slice(Math.floor(samples.length / 2));
  const slopes = late.flatMap((one, index) =>
    late.slice(index + 1).map((other) => (other.heap - one.heap) / (other.writes - one.writes)),
  );
  const sorted = slopes.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
