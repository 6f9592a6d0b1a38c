/** Random calls that write many rows at once, or none: of the model, and of the query interface itself. */
import fc from 'fast-check';
import type { Calls, Parts } from './calls.js';
import { optionsOf, rarely } from './column-values.js';

export function bulkCalls({ model, row, where, created, anything, by, fields, unique, hooks }: Parts): Calls {
  const rows = fc.array(created, { minLength: 1, maxLength: 4 });
  const individualHooks = rarely(true);
  const silent = rarely(true);
  const force = rarely(true);
  const limit = rarely(1);
  const returning = fc.constantFrom(undefined, undefined, true, false);
  return {
    bulkCreate: fc.record({
      model,
      rows,
      options: optionsOf({
        hooks,
        fields,
        individualHooks,
        returning,
        ignoreDuplicates: rarely(true),
        updateOnDuplicate: fields,
        validate: rarely(true),
      }),
    }),
    bulkUpdate: fc.record({
      model,
      where,
      values: anything,
      options: optionsOf({
        hooks,
        limit,
        individualHooks,
        silent,
        returning: rarely(true),
        paranoid: rarely(false),
        sideEffects: rarely(false),
      }),
    }),
    bulkDestroy: fc.record({ model, where, options: optionsOf({ hooks, limit, force, individualHooks }) }),
    truncate: fc.record({
      model,
      options: optionsOf({ hooks, force, cascade: rarely(true), restartIdentity: rarely(true) }),
    }),
    bulkRestore: fc.record({ model, where, options: optionsOf({ hooks, limit, individualHooks }) }),
    bulkIncrement: fc.record({ model, where, by, options: optionsOf({ silent }) }),
    upsert: fc.record({
      model,
      values: created,
      options: optionsOf({ hooks, fields, returning, conflictFields: unique }),
    }),
    query: fc.record({
      row,
      where,
      rows,
      method: fc.constantFrom(
        'insert',
        'bulkInsert',
        'update',
        'bulkUpdate',
        'delete',
        'bulkDelete',
        'upsert',
        'increment',
      ),
      values: anything,
      options: optionsOf({}),
    }),
  };
}
