/** Turns whatever an application can look at into plain values that two runs can be compared by. */
import { type Model, Sequelize, Transaction, ValidationErrorItem } from 'sequelize';

type Holder = Record<PropertyKey, unknown>;

const { Model: BaseModel, Utils } = Sequelize as unknown as {
  readonly Model: new () => Model;
  readonly Utils: { readonly SequelizeMethod: new () => object };
};

/**
 * Of an error. The statement differs, as the documentation says, and with it the position in it and the place in the
 * server where it failed; the length counts the digits of times. The last two are looked at apart.
 */
const unlike = new Set(['text', 'position', 'file', 'line', 'routine', 'length', 'stack', 'name', 'message']);

/**
 * A deep copy in which times of this run, generated uuids and statements are masked, and what is no value is a name.
 * An object that comes twice is the same number twice: what is shared shows.
 */
export function snapshot(value: unknown, seen = new Map<object, number>()): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return isModel(value) ? `[model ${value.name}]` : '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return `[date ${maskText(Number.isNaN(+value) ? 'invalid' : value.toISOString())}]`;
  if (Buffer.isBuffer(value)) return `[buffer ${value.toString('hex')}]`;

  const earlier = seen.get(value);
  if (earlier !== undefined) return `[object ${earlier}]`;
  seen.set(value, seen.size);
  if (Array.isArray(value)) return value.map((item) => snapshot(item, seen));
  if (value instanceof BaseModel) return snapshotOfInstance(value as Model, seen);
  if (value instanceof Error) return snapshotOfError(value, seen);
  if (value instanceof Transaction) return (value as { parent?: unknown }).parent ? '[savepoint]' : '[transaction]';
  return snapshotOfObject(value as Holder, seen);
}

function snapshotOfInstance(instance: Model, seen: Map<object, number>): unknown {
  const { dataValues, _previousDataValues, _changed, ...rest } = instance as unknown as Holder;
  return {
    '[instance]': instance.constructor.name,
    dataValues: snapshot(dataValues, seen),
    previous: snapshot(_previousDataValues, seen),
    // Whether a time of this run has changed since another of this run is a matter of milliseconds.
    changed: [...(_changed as Set<string>)].filter(
      (name) => !isOfThisRun((dataValues as Holder)[name]) || !isOfThisRun((_previousDataValues as Holder)[name]),
    ),
    // isNewRecord, included instances, and what Sequelize keeps for itself.
    ...copy(rest, seen),
  };
}

function snapshotOfError(error: Error, seen: Map<object, number>): unknown {
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => !unlike.has(key)));
  return {
    '[error]': error.constructor.name,
    name: error.name,
    message: maskText(error.message),
    ...copy(own, seen),
  };
}

function snapshotOfObject(value: Holder, seen: Map<object, number>): unknown {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return copy(value, seen);
  if (value instanceof Utils.SequelizeMethod || value instanceof ValidationErrorItem) {
    return { '[class]': value.constructor.name, ...copy(value as unknown as Holder, seen) };
  }
  if (value instanceof Set) return { '[set]': [...value].map((item) => snapshot(item, seen)) };
  if (value instanceof Map) return { '[map]': [...value].map((item) => snapshot(item, seen)) };
  // What the drivers answer a statement with.
  const { rowCount, rows, lastID, changes, affectedRows, insertId } = value;
  const answer = { rowCount, rows, lastID, changes, affectedRows, insertId };
  if (Object.values(answer).some((member) => member !== undefined)) return { '[answer]': copy(answer, seen) };
  // A query of ours is of a class of its own, which nobody asks for.
  return 'getInsertIdField' in value ? '[query]' : `[${value.constructor.name}]`;
}

function copy(value: Holder, seen: Map<object, number>): Holder {
  const members = Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map((key) => [String(key), snapshotOfMember(key, value[key], seen)]);
  return Object.fromEntries(members) as Holder;
}

function snapshotOfMember(key: PropertyKey, value: unknown, seen: Map<object, number>): unknown {
  // Sequelize also copies errors into plain objects.
  if (key === 'sql' || key === 'parameters') return '[sql]';
  // Each SQLite database has its own.
  if (key === 'storage') return '[storage]';
  // Where Sequelize passes its own options on, the hooks of the plugin are among them.
  if (key === 'hooks' && typeof value === 'object') return '[hooks]';
  // Of it hang the other records of a nested create, which are written at the same time.
  if (key === 'parentRecord') return `[parent ${(value as object).constructor.name}]`;
  return snapshot(value, seen);
}

/** Fixed times are of 2001, and fixed uuids begin with zeros: what is neither was made in this run. */
export function maskText(text: string): string {
  return (
    text
      // The MariaDB driver puts its connection and the statement into a message.
      .replace(/\(conn:-?\d+/, '(conn')
      .replace(/\nsql: .*$/s, '')
      .replace(/ near '.*' at line \d+/s, ' near [sql]')
      .replace(/ at or near ".*"/s, ' near [sql]')
      // Each connection of PostgreSQL has a schema of its own for what is temporary.
      .replace(/pg_temp_\d+/g, 'pg_temp')
      .replace(/20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?\+00(:00)?|Z)?/g, '[now]')
      .replace(/\b(?!0{8})[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/gi, '[uuid]')
  );
}

function isOfThisRun(value: unknown): boolean {
  return value instanceof Date && value.getFullYear() >= 2020;
}

function isModel(value: unknown): value is { readonly name: string } {
  return typeof value === 'function' && value.prototype instanceof BaseModel;
}
