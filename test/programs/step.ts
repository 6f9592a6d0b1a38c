/** What a program consists of: calls of the ORM and the ends and beginnings of transactions, as plain data. */
import type { Value } from './values.js';

/** Values by attribute. */
export type Values = Readonly<Record<string, Value>>;

/** By attribute: a value, or `{ $op: 'ne' | 'gt' | 'in', value }`. Empty for every row. */
export type Where = Readonly<Record<string, Value>>;

/** Options of the call, as they are: no transaction, which the world adds. */
export type CallOptions = Readonly<Record<string, Value>>;

/** One of the rows that exist, ordered by key, and how the program comes by its instance. */
export interface RowRef {
  readonly model: string;
  /** Modulo the number of rows. */
  readonly index: number;
  /** Found now; found with a few attributes; built from the key; or kept from the first time it was asked for. */
  readonly from: 'found' | 'partial' | 'stub' | 'held';
}

type Call =
  | { readonly kind: 'create'; readonly model: string; readonly values: Values; readonly options: CallOptions }
  /** build, then set, then save. */
  | {
      readonly kind: 'build';
      readonly model: string;
      readonly values: Values;
      readonly later: Values;
      readonly options: CallOptions;
    }
  /** set, set again, then save. */
  | {
      readonly kind: 'save';
      readonly row: RowRef;
      readonly values: Values;
      readonly later: Values;
      readonly options: CallOptions;
    }
  | { readonly kind: 'update'; readonly row: RowRef; readonly values: Values; readonly options: CallOptions }
  | { readonly kind: 'destroy'; readonly row: RowRef; readonly values: Values; readonly options: CallOptions }
  | { readonly kind: 'restore'; readonly row: RowRef; readonly options: CallOptions }
  | {
      readonly kind: 'increment' | 'decrement';
      readonly row: RowRef;
      readonly by: Values;
      readonly options: CallOptions;
    }
  | {
      readonly kind: 'bulkCreate';
      readonly model: string;
      readonly rows: readonly Values[];
      readonly options: CallOptions;
    }
  | {
      readonly kind: 'bulkUpdate';
      readonly model: string;
      readonly where: Where;
      readonly values: Values;
      readonly options: CallOptions;
    }
  | { readonly kind: 'bulkDestroy'; readonly model: string; readonly where: Where; readonly options: CallOptions }
  | { readonly kind: 'truncate'; readonly model: string; readonly options: CallOptions }
  | { readonly kind: 'bulkRestore'; readonly model: string; readonly where: Where; readonly options: CallOptions }
  | {
      readonly kind: 'bulkIncrement';
      readonly model: string;
      readonly where: Where;
      readonly by: Values;
      readonly options: CallOptions;
    }
  | { readonly kind: 'upsert'; readonly model: string; readonly values: Values; readonly options: CallOptions }
  | {
      readonly kind: 'findOrCreate' | 'findCreateFind';
      readonly model: string;
      readonly where: Where;
      readonly values: Values;
      readonly options: CallOptions;
    }
  /** set, add, remove or create of an association, with rows of its target by index; `asKeys` passes their keys. */
  | {
      readonly kind: 'associate';
      readonly row: RowRef;
      readonly as: string;
      readonly verb: 'set' | 'add' | 'remove' | 'create';
      readonly others: readonly number[];
      readonly asKeys: boolean;
      readonly values: Values;
      readonly options: CallOptions;
    }
  /** create with include. */
  | {
      readonly kind: 'nested';
      readonly model: string;
      readonly values: Values;
      readonly as: string;
      readonly children: readonly Values[];
      readonly options: CallOptions;
    }
  /** A method of the query interface, called directly. */
  | {
      readonly kind: 'query';
      readonly method:
        | 'insert'
        | 'bulkInsert'
        | 'update'
        | 'bulkUpdate'
        | 'delete'
        | 'bulkDelete'
        | 'upsert'
        | 'increment';
      readonly row: RowRef;
      readonly where: Where;
      readonly values: Values;
      readonly rows: readonly Values[];
      readonly options: CallOptions;
    };

/** With `through: 'root'` a call inside savepoints is given the outermost transaction. */
export type CallStep = Call & { readonly through: 'innermost' | 'root' };

/**
 * `begin` opens a transaction, or a savepoint inside one; `commit` and `rollback` end the innermost; `peek` reads the
 * log inside the transaction. Without a transaction the last three do nothing. `parallel` calls are made at once.
 */
export type Step =
  | CallStep
  | { readonly kind: 'parallel'; readonly calls: readonly CallStep[] }
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'peek' };

export type CallKind = Call['kind'];

export function isCall(step: Step): step is CallStep {
  return !['begin', 'commit', 'rollback', 'peek', 'parallel'].includes(step.kind);
}

/** The calls that a step makes. */
export function callsIn(step: Step): readonly CallStep[] {
  if (step.kind === 'parallel') return step.calls;
  return isCall(step) ? [step] : [];
}
