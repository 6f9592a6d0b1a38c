/** Asks a PostgreSQL statement for columns of ours besides its own, and keeps them out of Sequelize's sight. */
import type { Query } from '../internals.js';
import type { Sent } from './call.js';

type Answer = { rows?: Record<string, unknown>[] };
type Callback = (error: unknown, answer?: Answer | Answer[]) => void;
type Client = { query(...args: unknown[]): unknown };

/**
 * Sends a statement with `columns` added to its RETURNING list.
 *
 * @param query whose connection is borrowed for the time being
 * @param columns as SQL; empty where its own rows have them all; null sends the statement as it is, and keeps no rows
 * @param hasOwn whether it has a RETURNING list of its own
 */
export async function withReturning(
  query: Query,
  columns: string | null,
  hasOwn: boolean,
  sql: string,
  send: (sql: string) => Promise<Sent>,
): Promise<Sent> {
  if (columns === null) return send(sql);
  const statement = columns === '' ? sql : `${sql.replace(/;\s*$/, '')}${hasOwn ? ', ' : ' RETURNING '}${columns};`;
  const { result, rows } = await withRows(query, null, hasOwn, () => send(statement));
  return { ...result, rows };
}

/**
 * Sends a statement that gives back columns of ours besides those that Sequelize wants.
 *
 * @param query whose connection is borrowed for the time being
 * @param name by which the server keeps it ready; null where it does not
 * @param hasOwn whether Sequelize wants any
 * @returns what `send` gives, and the rows with our columns
 */
export async function withRows<T>(
  query: Query,
  name: string | null,
  hasOwn: boolean,
  send: () => Promise<T>,
): Promise<{ readonly result: T; readonly rows: Sent['rows'] }> {
  const { connection } = query;
  let rows: Sent['rows'] = [];
  const take = (answer: Answer) => {
    if (!answer.rows) return;
    rows = [...rows, ...answer.rows];
    answer.rows = hasOwn ? withoutOurs(answer.rows) : [];
  };
  query.connection = new Proxy(connection, {
    get(client, key) {
      if (key !== 'query') return Reflect.get(client, key) as unknown;
      return (...args: unknown[]) => {
        const callback = args.pop() as Callback;
        const taken: Callback = (error, answer) => {
          if (answer) for (const each of Array.isArray(answer) ? answer : [answer]) take(each);
          callback(error, answer);
        };
        const [text, values] = args;
        return (client as Client).query(...(name === null ? args : [{ name, text, values }]), taken);
      };
    },
  });
  try {
    const result = await send();
    return { result, rows };
  } finally {
    query.connection = connection;
  }
}

/** The rows of one answer, all of the same columns, without those of ours. */
function withoutOurs(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const names = Object.keys(rows[0] ?? {});
  const own = names.filter((name) => !name.startsWith('audit$'));
  if (own.length === names.length) return rows;
  return rows.map((row) => {
    const rest: Record<string, unknown> = {};
    for (const name of own) rest[name] = row[name];
    return rest;
  });
}
