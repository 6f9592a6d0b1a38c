/** Every kind of change that can be made to tables and log past the library, each to one record of its own. */

/** What is known of a record before it is vandalized. */
export interface Victim {
  readonly id: number;
  /** Ids of its entries, oldest first. */
  readonly entries: readonly number[];
  /** Whether it has a row. */
  readonly isAlive: boolean;
}

export interface Vandalism {
  readonly name: string;
  /** @param free an id that no record has */
  readonly statements: (victim: Victim, free: number) => readonly string[];
  /** The least entries that it needs. */
  readonly entries: number;
  /** Whether it needs a row, or that there is none; null when it does not matter. */
  readonly isAlive: boolean | null;
  /** Whether the record that is reported is the one with the free id. */
  readonly isElsewhere?: boolean;
}

const log = '"AuditLogs"';

export const vandalisms: readonly Vandalism[] = [
  of('a changed value', 1, true, ({ id }) => `UPDATE "Things" SET name = 'vandalized' WHERE id = ${id}`),
  of('a value made NULL', 1, true, ({ id }) => `UPDATE "Things" SET count = NULL WHERE id = ${id}`),
  of('a changed place in JSON', 1, true, ({ id }) => `UPDATE "Things" SET data = '{"a":[1,2,99]}' WHERE id = ${id}`),
  of('a soft destroy', 1, true, ({ id }) => `UPDATE "Things" SET "deletedAt" = '2020-01-01 00:00:00' WHERE id = ${id}`),
  of('a deleted row', 1, true, ({ id }) => `DELETE FROM "Things" WHERE id = ${id}`),
  of('a changed key', 1, true, ({ id }, free) => `UPDATE "Things" SET id = ${free} WHERE id = ${id}`),
  {
    ...of('an inserted row', 1, null, (_, free) => `INSERT INTO "Things" (id, name) VALUES (${free}, 'new')`),
    isElsewhere: true,
  },
  of('a row after its destroy', 2, false, ({ id }) => `INSERT INTO "Things" (id, name) VALUES (${id}, 'again')`),
  of('a deleted first entry', 2, null, ({ entries }) => `DELETE FROM ${log} WHERE id = ${entries[0]}`),
  of('a deleted middle entry', 3, null, ({ entries }) => `DELETE FROM ${log} WHERE id = ${entries[1]}`),
  of('a deleted last entry', 2, null, ({ entries }) => `DELETE FROM ${log} WHERE id = ${entries.at(-1)}`),
  of('all entries deleted', 1, true, ({ entries }) => `DELETE FROM ${log} WHERE id IN (${entries.join(', ')})`),
  of('a first patch of another record', 1, null, ({ entries }) => patched(entries[0], created('other'))),
  of('an update that has become empty', 2, true, ({ entries }) => patched(entries.at(-1), '[]')),
  of('an update with another old value', 2, null, ({ entries }) =>
    patched(entries[1], '[{"op":"test","path":"/name","value":"never"},{"op":"replace","path":"/name","value":"x"}]'),
  ),
  of('an update with another new value', 2, true, ({ entries }) =>
    patched(entries.at(-1), '[{"op":"replace","path":"/name","value":"never"}]'),
  ),
  of('a patch that is none', 1, null, ({ entries }) => patched(entries[0], '{"op":"add"}')),
  of('a patch that leaves no record', 1, true, ({ entries }) =>
    patched(entries[0], '[{"op":"add","path":"","value":5}]'),
  ),
  of('a create that is called an update', 1, null, ({ entries }) => called(entries[0], 'update')),
  of('an update that is called a create', 2, null, ({ entries }) => called(entries[1], 'create')),
  of(
    'entries of another model',
    1,
    true,
    ({ id }) => `UPDATE ${log} SET "modelName" = 'Gone' WHERE "recordId" = '${id}'`,
  ),
  of(
    'an entry of another record',
    2,
    null,
    ({ entries }, free) => `UPDATE ${log} SET "recordId" = '${free}' WHERE id = ${entries[1]}`,
  ),
  // Two that change different values can be swapped without a trace: nothing in them says which came first.
  of('swapped entries of one value', 4, null, ({ entries: [, second, third] }) => [
    `UPDATE ${log} SET id = -1 WHERE id = ${second}`,
    `UPDATE ${log} SET id = ${second} WHERE id = ${third}`,
    `UPDATE ${log} SET id = ${third} WHERE id = -1`,
  ]),
  {
    ...of('an invented record', 1, null, (_, free) => inserted(free, 'create', created('invented'))),
    isElsewhere: true,
  },
  of('a second create', 1, true, ({ id }) => inserted(id, 'create', created('second'))),
  of('an invented update', 1, true, ({ id }) =>
    inserted(id, 'update', '[{"op":"replace","path":"/name","value":"invented"}]'),
  ),
  of('an invented destroy', 1, true, ({ id }) => inserted(id, 'destroy', '[{"op":"remove","path":""}]')),
];

function of(
  name: string,
  entries: number,
  isAlive: boolean | null,
  statements: (victim: Victim, free: number) => string | readonly string[],
): Vandalism {
  return { name, entries, isAlive, statements: (victim, free) => [statements(victim, free)].flat() };
}

function created(name: string): string {
  return `[{"op":"add","path":"","value":{"id":0,"name":"${name}","count":1,"data":null,"deletedAt":null}}]`;
}

function patched(id: number | undefined, patch: string): string {
  return `UPDATE ${log} SET patch = '${patch}' WHERE id = ${id}`;
}

function called(id: number | undefined, action: string): string {
  return `UPDATE ${log} SET action = '${action}' WHERE id = ${id}`;
}

function inserted(id: number, action: string, patch: string): string {
  return `INSERT INTO ${log} ("modelName", "recordId", action, patch, "changesetId", "createdAt")
    VALUES ('Thing', '${id}', '${action}', '${patch}', '00000000-0000-4000-8000-000000000000', '2020-01-01 00:00:00')`;
}
