/** Random schemas that a dialect can hold. */
import fc from 'fast-check';
import type { AssociationSchema, AttributeSchema, Key, ModelSchema, Referential, Schema } from './schema.js';
import { isComparable, type Kind, poolOf } from './values.js';

const names = ['User', 'Post', 'Tag', 'Note'];

export function schemas(dialect: string): fc.Arbitrary<Schema> {
  return fc
    .integer({ min: 1, max: names.length })
    .chain((count) => fc.tuple(...names.slice(0, count).map((name) => model(name, dialect))))
    .chain((models) => associations(models, dialect).map((list) => ({ models, associations: list })));
}

function model(name: string, dialect: string): fc.Arbitrary<ModelSchema> {
  return fc
    .record({
      key: fc.constantFrom<Key>('auto', 'auto', 'auto', 'renamed', 'uuid', 'string', 'bigint', 'composite'),
      attributes: fc.array(attribute(dialect), { minLength: 1, maxLength: 4 }),
      timestamps: fc.boolean(),
      paranoid: fc.boolean(),
      version: oneIn(4),
      underscored: fc.boolean(),
      hasHook: oneIn(4),
      naming: fc.constantFrom('plain', 'plain', 'mapped', 'swapped'),
    })
    .map(({ attributes, naming, ...rest }) => ({
      name,
      ...rest,
      timestamps: rest.timestamps || rest.paranoid,
      attributes: named(attributes, naming),
    }));
}

/** Names for the attributes, and for their columns: as Sequelize has it, others, or two that stand for each other. */
function named(attributes: readonly Omit<AttributeSchema, 'name'>[], naming: string): AttributeSchema[] {
  const [first, ...rest] = attributes as [AttributeSchema, ...AttributeSchema[]];
  // Two of one kind: SQLite has Sequelize parse a value by the type of the column that has its name.
  const all = naming === 'swapped' ? [first, first, ...rest] : attributes;
  return all.map((each, index) => {
    const name = `${each.kind}Value${index}`;
    if (naming === 'mapped') return { ...each, name, field: `column ${index}` };
    return naming === 'swapped' && index < 2
      ? { ...each, name, field: `${each.kind}Value${1 - index}` }
      : { ...each, name };
  });
}

function attribute(dialect: string): fc.Arbitrary<Omit<AttributeSchema, 'name'>> {
  const kinds: Kind[] = ['integer', 'integer', 'integer', 'string', 'string', 'bigint', 'decimal', 'float', 'double'];
  kinds.push('text', 'boolean', 'date', 'dateonly', 'uuid', 'json', 'json', 'blob', 'enum');
  if (dialect === 'postgres') kinds.push('array');
  return fc.constantFrom(...kinds).chain((kind) =>
    fc
      .record({
        rule: fc.constantFrom('none', 'none', 'none', 'unique', 'together', 'required', 'default'),
        defaultValue: fc.constantFrom(...poolOf(kind)),
      })
      .map(({ rule, defaultValue }) => ({
        kind,
        ...(rule === 'unique' && isComparable(kind) && kind !== 'boolean' ? { isUnique: true as const } : {}),
        ...(rule === 'together' && isComparable(kind) ? { isUnique: 'together' as const } : {}),
        ...(rule === 'required' ? { isRequired: true } : {}),
        ...(rule === 'default' && canDefault(kind, dialect)
          ? { defaultValue: kind === 'integer' ? { $literal: '7' } : defaultValue }
          : {}),
      })),
  );
}

/** Whether Sequelize can write a value of this kind into the definition of a column. */
function canDefault(kind: Kind, dialect: string): boolean {
  const isMysql = ['mysql', 'mariadb'].includes(dialect);
  return !['blob', 'text', 'json'].includes(kind) && !(isMysql && kind === 'date');
}

function associations(models: readonly ModelSchema[], dialect: string): fc.Arbitrary<AssociationSchema[]> {
  const all = models.map(({ name }) => name);
  // A foreign key refers to one column that is unique.
  const single = models.filter(({ key }) => key !== 'composite').map(({ name }) => name);
  if (single.length === 0) return fc.constant([]);
  const actions: Referential[] = ['CASCADE', 'CASCADE', 'RESTRICT', 'NO ACTION', 'SET NULL'];
  if (dialect === 'postgres' || dialect === 'sqlite') actions.push('SET DEFAULT');
  const parts = fc.record({
    kind: fc.constantFrom<AssociationSchema['kind']>('belongsTo', 'hasOne', 'hasMany', 'hasMany', 'belongsToMany'),
    referenced: fc.constantFrom(...single),
    owner: fc.constantFrom(...all),
    other: fc.constantFrom(...single),
    onDelete: fc.option(fc.constantFrom(...actions), { nil: undefined }),
    onUpdate: fc.option(fc.constantFrom(...actions), { nil: undefined }),
    constraints: oneIn(5).map((is) => !is),
    hooks: fc.boolean(),
    isRequired: oneIn(4),
    through: fc.constantFrom<AssociationSchema['through']>('plain', 'timestamps', 'keyed'),
  });
  return fc.array(parts, { maxLength: 3 }).map((list) => {
    const isInOrder = list.every(({ referenced, owner }) => all.indexOf(referenced) <= all.indexOf(owner));
    return list.map(({ kind, referenced, owner, other, onDelete, onUpdate, ...rest }, index) => {
      const isMany = kind === 'belongsToMany';
      const isRequired = rest.isRequired && !isMany;
      const source = kind === 'belongsTo' ? owner : referenced;
      const target = kind === 'belongsTo' ? referenced : isMany ? other : owner;
      return {
        kind,
        as: `link${index}`,
        source,
        target,
        ...rest,
        isRequired,
        // In a circle Sequelize would destroy the same row again and again, for ever.
        hooks: rest.hooks && all.indexOf(source) < all.indexOf(target),
        ...(onDelete && isPossible(onDelete) ? { onDelete } : {}),
        ...(onUpdate && isPossible(onUpdate) ? { onUpdate } : {}),
      };

      function isPossible(action: Referential): boolean {
        // A column that cannot be null cannot be set to it.
        if ((isMany || isRequired) && action.startsWith('SET')) return false;
        // For tables that refer to each other in a circle Sequelize writes it in a way that PostgreSQL cannot read.
        return action !== 'SET DEFAULT' || dialect !== 'postgres' || isInOrder;
      }
    });
  });
}

function oneIn(count: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: count }).map((number) => number === count);
}
