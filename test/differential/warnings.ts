/** What Node, Sequelize and the drivers warn of. */
import type { Sequelize } from 'sequelize';
import { maskText } from './snapshot.js';

/** Runs `task`; in the result are the warnings that came meanwhile. */
export async function collectWarnings(task: () => Promise<unknown>): Promise<Set<string>> {
  const warnings = new Set<string>();
  const onWarning = ({ message }: Error) => warnings.add(maskText(message));
  const { warn } = console;
  console.warn = (...words: unknown[]) => warnings.add(maskText(words.join(' ')));
  process.on('warning', onWarning);
  try {
    await task();
    // Node emits a warning on a tick of its own.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', onWarning);
    console.warn = warn;
  }
  return warnings;
}

/**
 * Warns of every query that is sent on a busy connection of PostgreSQL: pg does so itself, but only of the first in a
 * process.
 */
export function warnOfBusyConnections(sequelize: Sequelize): void {
  if (sequelize.getDialect() !== 'postgres') return;
  sequelize.addHook('afterConnect', (connection: unknown) => {
    const client = connection as { query(...args: unknown[]): unknown };
    const query = client.query;
    let running = 0;
    client.query = (...args) => {
      if (running > 0) console.warn('A query on a connection that is busy');
      const last = args.at(-1);
      if (typeof last !== 'function') return query.apply(client, args);
      running += 1;
      const done = (...answer: unknown[]) => {
        running -= 1;
        last(...answer);
      };
      return query.apply(client, [...args.slice(0, -1), done]);
    };
  });
}
