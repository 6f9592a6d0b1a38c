/** Entries of any form, to ask the log about, and the answers by hand. */
import fc from 'fast-check';
import type { Sequelize } from 'sequelize';
import type { Action } from '../../lib/index.js';
import { select } from '../setup/oracle.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Row = Record<string, unknown>;

export const names = [
  'name',
  'Name',
  'name ',
  'a/b',
  'a~b',
  'it\'s "so"',
  'back\\slash',
  '100%',
  'n_me',
  'ключ',
  '日本🎉',
  '__proto__',
  'constructor',
  '',
  'a.b',
  '$',
  ':id',
  '?',
];
export const models = ['User', 'user', 'User ', 'acme.User', 'Gone'];
export const recordIds = ['1', '2', '1 ', '[1,2]'];
export const actors = ['ada', 'Ada', 'ada ', "o'hara", 'ünï', '7', '\\', null];
export const changesets = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-00000000000a'];
export const times = [0, 1, 999, 1000, 60_000, 86_400_000].map((time) => new Date(Date.UTC(2024, 1, 29) + time));
export const actions: Action[] = ['create', 'update', 'destroy', 'restore', 'baseline'];

export const text = fc.constantFrom(...names);
const scalar = fc.constantFrom<Json>(
  null,
  true,
  false,
  0,
  1,
  -1.5,
  1e21,
  0.1,
  '',
  '1',
  'true',
  'null',
  'x',
  'x ',
  'X',
  '[1]',
  'it\'s "q" \\',
);
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(text, tie('value'), { maxKeys: 2 }),
  ) as fc.Arbitrary<Json>,
}));
export const object = fc.dictionary(text, json, { maxKeys: 3 });
const pointer = (...path: string[]) =>
  path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const patch = fc.oneof(
  object.map((value) => [{ op: 'add', path: '', value }]),
  object.map((value) => [
    { op: 'test', path: '', value },
    { op: 'remove', path: '' },
  ]),
  fc.array(fc.tuple(text, fc.option(text), json, json), { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.flatMap(([attribute, inside, before, after]) => {
      const path = inside === null ? pointer(attribute) : pointer(attribute, inside);
      return [
        { op: 'test', path, value: before },
        { op: 'replace', path, value: after },
      ];
    }),
  ),
);
export const entry = fc.record({
  modelName: fc.constantFrom(...models),
  recordId: fc.constantFrom(...recordIds),
  action: fc.constantFrom(...actions),
  patch,
  changesetId: fc.constantFrom(...changesets),
  actor: fc.constantFrom(...actors),
  meta: fc.option(object),
  createdAt: fc.constantFrom(...times),
});
export const oneOrMore = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { maxLength: 3 }));
/** Whether a patch changes an attribute. */
export function touches(operations: readonly Row[], attribute: string): boolean {
  const path = pointer(attribute);
  return operations.some((operation) =>
    operation.path === ''
      ? typeof operation.value === 'object' && Object.hasOwn(operation.value as object, attribute)
      : operation.path === path || String(operation.path).startsWith(`${path}/`),
  );
}

/** Whether a JSON value contains another. */
export function holds(found: Json | undefined, wanted: Json): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null || Array.isArray(found) !== Array.isArray(wanted)) return false;
  if (Array.isArray(wanted) && wanted.length !== (found as Json[]).length) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(found, key) && holds((found as { [key: string]: Json })[key], value),
  );
}

/** The rows of the log, oldest first, with JSON and times read by hand. */
export async function readRows(sequelize: Sequelize): Promise<Row[]> {
  const rows = await select(sequelize, 'AuditLogs');
  const parse = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  return rows.map((row) => ({
    ...row,
    patch: parse(row.patch),
    meta: parse(row.meta),
    createdAt: row.createdAt instanceof Date ? row.createdAt : new Date(String(row.createdAt)),
  }));
}
