/** Finds the servers before the first test, and stops those of ours after the last. */
import { findMariadb, stopAll } from './databases.js';

export async function mochaGlobalSetup(): Promise<void> {
  await findMariadb();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopAll();
}
