/** Random calls of the methods that associations give to instances, and creates with what they include. */
import fc from 'fast-check';
import type { Calls, Parts } from './calls.js';
import { optionsOf, rarely, valuesOf } from './column-values.js';
import { type AssociationSchema, columnsOf, type Schema } from './schema.js';

/** @returns no calls for a model at which no association begins */
export function associationCalls(schema: Schema, name: string, { model, row, created, hooks }: Parts): Calls {
  const own = schema.associations.filter(({ source }) => source === name);
  if (own.length === 0) return {};
  const association = fc.constantFrom(...own);
  return {
    associate: association.chain((each) =>
      fc.record({
        row,
        as: fc.constant(each.as),
        verb: isMany(each)
          ? fc.constantFrom('set', 'add', 'remove', 'create')
          : fc.constantFrom('set', 'set', 'create'),
        others: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
        asKeys: fc.boolean(),
        values: targetValues(schema, each),
        options: optionsOf({ hooks, individualHooks: rarely(true) }),
      }),
    ),
    nested: association.chain((each) =>
      fc.record({
        model,
        values: created,
        as: fc.constant(each.as),
        children: fc.array(targetValues(schema, each), { minLength: 1, maxLength: isMany(each) ? 2 : 1 }),
        options: optionsOf({ hooks }),
      }),
    ),
  };
}

/** Values of the other end of an association, which fills in the foreign key. */
function targetValues(schema: Schema, { target, as }: AssociationSchema) {
  const columns = columnsOf(schema, target).filter(({ name }) => name !== `${as}Id`);
  return valuesOf(columns, { isNew: true });
}

function isMany({ kind }: AssociationSchema): boolean {
  return kind === 'hasMany' || kind === 'belongsToMany';
}
