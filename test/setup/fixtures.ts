/** Stops the servers when the last test has run, and says what could not be tested. */
import { stopAll } from './databases.js';

export async function mochaGlobalTeardown(): Promise<void> {
  await stopAll();
}
