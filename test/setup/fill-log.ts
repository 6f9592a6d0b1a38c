/** Fills a log by one INSERT … SELECT with what a large application would have written. */
import type { Sequelize } from 'sequelize';

/** The time of the first entry. Each of the others was written 30 seconds after the one before. */
export const firstTime = Date.UTC(2024, 0, 1);

const attributes = ['modelName', 'recordId', 'action', 'patch', 'changesetId', 'actor', 'reason', 'meta', 'createdAt'];

/**
 * `count` entries, of a tenth as many records: first the creates of all, then updates of one field and of `updatedAt`,
 * last some destroys. The models are Product (60 %), User (30 %), Order (9.9 %) and Rare (0.1 %); a thousand actors write,
 * one entry in 20 is nobody's, two make a changeset, every third has a `requestId`, and every 500th update is of `email`.
 */
export async function fillLog(sequelize: Sequelize, count: number): Promise<void> {
  const { name, json, uuid, time } = wordsOf(sequelize.getDialect());
  const records = count / 10;
  const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS i`).join(' UNION ALL ');
  const places = Array.from({ length: String(count - 1).length }, (_, place) => `d${place}`);
  const number = places.map((place, index) => `${place}.i * ${10 ** index}`).join(' + ');
  const at = `"2024-05-05T10:00:00.000Z"`;
  const document = `'{"id":', r, ',"name":"Product ', r, '","stock":', n % 50, ',"email":"a@b.c","updatedAt":${at}}'`;
  const field = `CASE WHEN n % 500 = 7 THEN 'email' ELSE 'stock' END`;

  await sequelize.query(
    `INSERT INTO ${name('AuditLogs')} (${attributes.map(name).join(', ')}) SELECT
      CASE WHEN r % 1000 = 0 THEN 'Rare' WHEN r % 10 < 6 THEN 'Product' WHEN r % 10 < 9 THEN 'User' ELSE 'Order' END,
      CONCAT(r, ''),
      CASE WHEN n < ${records} THEN 'create' WHEN n >= ${count - records / 10} THEN 'destroy' ELSE 'update' END,
      ${json(`CASE
        WHEN n < ${records} THEN CONCAT('[{"op":"add","path":"","value":', ${document}, '}]')
        WHEN n >= ${count - records / 10} THEN CONCAT('[{"op":"test","path":"","value":', ${document}, '},{"op":"remove","path":""}]')
        ELSE CONCAT('[{"op":"test","path":"/', ${field}, '","value":', n, '},{"op":"replace","path":"/', ${field}, '","value":', n + 1,
          '},{"op":"test","path":"/updatedAt","value":${at}},{"op":"replace","path":"/updatedAt","value":${at}}]')
      END`)},
      ${uuid('(n - n % 2) * 2654435761 % 4294967296')},
      CASE WHEN n % 20 = 0 THEN NULL ELSE CONCAT('user:', n % 1000 * 919 % 1000) END,
      NULL,
      CASE WHEN n % 3 = 0 THEN ${json(`CONCAT('{"requestId":"request-', n, '"}')`)} END,
      ${time(`${firstTime / 1000} + n * 30`)}
    FROM (SELECT n, n % ${records} AS r FROM (
      SELECT ${number} AS n FROM ${places.map((place) => `(${digits}) ${place}`).join(', ')}
    ) numbers WHERE n < ${count}) numbered ORDER BY n`,
    { raw: true, logging: false },
  );
}

/** What the dialects have different words for. */
function wordsOf(dialect: string) {
  const rest = '-0000-4000-8000-000000000000';
  if (dialect === 'postgres')
    return {
      name: (text: string) => `"${text}"`,
      json: (text: string) => `(${text})::jsonb`,
      uuid: (value: string) => `(lpad(to_hex(${value}), 8, '0') || '${rest}')::uuid`,
      time: (seconds: string) => `to_timestamp(${seconds})`,
    };
  const isSqlite = dialect === 'sqlite';
  return {
    name: (text: string) => `\`${text}\``,
    json: (text: string) => text,
    uuid: (value: string) =>
      isSqlite ? `printf('%08x${rest}', ${value})` : `CONCAT(LPAD(LOWER(HEX(${value})), 8, '0'), '${rest}')`,
    time: (seconds: string) =>
      isSqlite
        ? `strftime('%Y-%m-%d %H:%M:%f +00:00', ${seconds}, 'unixepoch')`
        : `TIMESTAMPADD(SECOND, ${seconds}, '1970-01-01')`,
  };
}
