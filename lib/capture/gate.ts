/**
 * The gate: every write of the ORM ends in a method of the query interface, after all hooks and with its final values.
 * There the method is called with a borrowed `this` whose `sequelize.query` runs the statement through the recorder.
 */
import { randomUUID } from 'node:crypto';
import type { Model, Sequelize } from 'sequelize';
import { tableKeyOf } from '../internals.js';
import { type AuditLogModel, immutable } from '../log/model.js';
import { auditedView } from './audited-view.js';
import { type Calls, methods } from './calls.js';
import type { RawSql } from './raw-sql.js';
import type { Recorder } from './recorder.js';
import type { Replacements } from './replacements.js';

type Method = (this: object, ...args: unknown[]) => Promise<unknown>;
type Name = keyof typeof methods;

/** Methods that read, or that write as part of a change of the schema: their SQL is Sequelize's own. */
const others = [
  'select',
  'rawSelect',
  'removeColumn',
  'changeColumn',
  'renameColumn',
  'removeConstraint',
  'addConstraint',
];

export interface GateParts {
  readonly sequelize: Sequelize;
  readonly AuditLog: AuditLogModel;
  readonly calls: Calls;
  readonly recorder: Recorder;
  readonly rawSql: RawSql;
  /** Told of every write that comes through, so that the hooks need not record it. */
  readonly onPassed: (options: object, instance: Model | null) => void;
}

export class Gate {
  readonly #parts: GateParts;
  /** Stands in a condition for the keys of the rows that will have been read when the statement is sent. */
  readonly #mark = `/*audit-${randomUUID()}*/1=1`;
  /** A view of the Sequelize instance whose dialect runs queries through the recorder. */
  readonly #audited: object;
  /** A view that says of each query that it is Sequelize's own. */
  readonly #plain: object;
  /** By query interface, what stands in for it with that view. */
  readonly #passing = new WeakMap<object, object>();

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#audited = auditedView(parts.sequelize, parts.recorder, this.#mark);
    const { sequelize, rawSql } = parts;
    const query = (...args: Parameters<Sequelize['query']>) => rawSql.own(() => sequelize.query(...args));
    this.#plain = Object.create(sequelize, { query: { value: query } }) as object;
  }

  install(queryInterface: Replacements): void {
    for (const name of others) queryInterface.replace(name, (original: Method) => this.#passOn(original));
    for (const name of Object.keys(methods) as Name[]) {
      queryInterface.replace(name, (original: Method) => this.#audit(name, original));
    }
  }

  /** A method whose SQL is nobody's raw SQL. */
  #passOn(original: Method): Method {
    const [sequelize, passing] = [this.#plain, this.#passing];
    // Reads go through here: no promise more than Sequelize's own.
    return function (...args) {
      let self = passing.get(this);
      if (!self) {
        self = Object.create(this, { sequelize: { value: sequelize } }) as object;
        passing.set(this, self);
      }
      return original.apply(self, args);
    };
  }

  #audit(name: Name, original: Method): Method {
    const { AuditLog, calls, onPassed } = this.#parts;
    const log = tableKeyOf(AuditLog.getTableName());
    const passOn = this.#passOn(original);
    const [audited, mark] = [this.#audited, this.#mark];
    function perform(this: object, args: unknown[]): Promise<unknown> {
      if (isChangeOf(log, name, args)) throw immutable(AuditLog.name, `queryInterface.${name}`);
      const call = calls.of(name, args);
      if (!call) return passOn.apply(this, args);
      const { instance, options } = calls.partsOf(name, args);
      const pass = () => onPassed(options, instance);
      const sequelize = Object.assign(Object.create(audited) as object, { call, pass });
      const self = Object.create(this, { sequelize: { value: sequelize } }) as object;
      return original.apply(self, calls.marked(name, args, call, mark));
    }
    return function (...args) {
      try {
        return perform.call(this, args);
      } catch (error) {
        return Promise.reject(error);
      }
    };
  }
}

/** Whether a call would change the log behind the back of its model. */
function isChangeOf(log: string, name: Name, args: readonly unknown[]): boolean {
  // To add an entry is not to change one, unless it would take the place of another.
  const isAddition = /insert/i.test(name) && !args.some((argument) => hasKey(argument, 'updateOnDuplicate'));
  return !isAddition && tableKeyOf(args[methods[name].table]) === log;
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[key] !== undefined;
}
