/** Random programs over a schema: a few rows, then calls of every kind, in transactions and savepoints or not. */
import fc from 'fast-check';
import { callsOf } from './calls.js';
import { valuesOf } from './column-values.js';
import { columnsOf, type Schema } from './schema.js';
import { type CallKind, type CallStep, callsIn, type Step } from './step.js';

export type { CallKind, CallStep, Step } from './step.js';

export interface ProgramOptions {
  /** The only kinds of calls. @default all */
  readonly only?: readonly CallKind[];
  /** Of calls and transactions side by side. @default 7 */
  readonly maxLength?: number;
  /** Whether some calls are made at once, so that no two runs need be the same. @default false */
  readonly isParallel?: boolean;
}

/** Programs that the dialect can run; what their calls do to each other is for the database to say. */
export function programs(
  schema: Schema,
  dialect: string,
  { only, maxLength = 7, isParallel = false }: ProgramOptions = {},
): fc.Arbitrary<readonly Step[]> {
  const modelName = fc.constantFrom(...schema.models.map(({ name }) => name));
  const calls = modelName.chain((name) => callsOf(schema, name, only));
  const atOnce = dialect === 'sqlite' ? calls.map(withoutTransaction) : calls;
  const parallel = fc
    .array(atOnce, { minLength: 2, maxLength: 3 })
    .map((list): Step => ({ kind: 'parallel', calls: list }));
  const blocks = (depth: number): fc.Arbitrary<readonly Step[]> =>
    fc.oneof(
      { weight: 12, arbitrary: calls.map((call): Step[] => [call]) },
      { weight: isParallel ? 1 : 0, arbitrary: parallel.map((step) => [step]) },
      { weight: depth > 0 ? 1 : 0, arbitrary: fc.constant<Step[]>([{ kind: 'peek' }]) },
      // The second half of a transaction may be missing, so that it ends with the one around it or with the program.
      { weight: depth < 3 ? 2 : 0, arbitrary: depth < 3 ? transaction(depth + 1) : calls.map((call) => [call]) },
    );
  const transaction = (depth: number): fc.Arbitrary<Step[]> =>
    fc
      .tuple(fc.array(blocks(depth), { minLength: 1, maxLength: 4 }), fc.constantFrom('commit', 'rollback', null))
      .map(([inner, end]) => [{ kind: 'begin' }, ...inner.flat(), ...(end ? [{ kind: end }] : [])] as Step[]);
  const seeds = fc.tuple(...schema.models.map(({ name }) => fc.option(seed(schema, name, only), { freq: 8 })));
  return fc
    .tuple(seeds, fc.array(blocks(0), { minLength: 1, maxLength }))
    .map(([first, rest]) => [...first.filter((each) => each !== null), ...rest.flat()])
    .map((program) => (dialect === 'mysql' || dialect === 'mariadb' ? truncatedOutside(program) : program));
}

/** In memory SQLite has one connection, on which the transactions of two calls at once would end each other. */
function withoutTransaction(call: CallStep): CallStep {
  return call.kind === 'findOrCreate' ? { ...call, kind: 'findCreateFind' } : call;
}

/** MySQL commits whatever is open when it truncates a table, and the program would no longer know where it is. */
function truncatedOutside(program: readonly Step[]): Step[] {
  let depth = 0;
  return program.filter((step) => {
    const { kind } = step;
    if (kind === 'begin') depth += 1;
    else if (kind === 'commit' || kind === 'rollback') depth = Math.max(0, depth - 1);
    return depth === 0 || !callsIn(step).some((call) => call.kind === 'truncate');
  });
}

/** A row or more to begin with, which refer to the first row of a model before it, if to any. */
function seed(schema: Schema, model: string, only: readonly CallKind[] | undefined): fc.Arbitrary<Step> {
  const names = schema.models.map(({ name }) => name);
  const isEarlier = (name: string | undefined) => names.indexOf(String(name)) < names.indexOf(model);
  const columns = columnsOf(schema, model).filter(
    ({ role, isRequired, references }) =>
      isRequired || (role === 'foreign' ? isEarlier(references) : role !== 'primary'),
  );
  const values = valuesOf(columns, { isNew: true, isFirst: true });
  const call = { model, options: {}, through: 'innermost' } as const;
  return only && !only.includes('bulkCreate')
    ? values.map((row) => ({ kind: 'create', values: row, ...call }))
    : fc.array(values, { minLength: 1, maxLength: 3 }).map((rows) => ({ kind: 'bulkCreate', rows, ...call }));
}
