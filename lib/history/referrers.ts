/** Finds the rows that a foreign key would take along, or strip of their reference, when records are removed. */
import type { Model, ModelStatic, Transaction } from 'sequelize';
import type { Conflict } from '../errors.js';
import { isEqual } from '../patch/diff.js';
import type { Json } from '../patch/operation.js';
import { pointer } from '../patch/pointer.js';
import { recordIdOf } from '../record/record-id.js';
import type { HistoryParts } from './log-reader.js';
import { type Reference, referencesOf, tableOf } from './references.js';
import type { Write } from './write-order.js';

/** Keys that one query asks for. */
const batchSize = 500;

/** Rows that refer to a record which one of `writes` removes, and that none of them removes or turns away. */
export async function referrersOf(
  { sequelize, models, AuditLog }: HistoryParts,
  writes: readonly Write[],
  transaction: Transaction,
): Promise<Map<Write, Conflict[]>> {
  const removed = writes.filter(({ present, wanted }) => present && !wanted.document);
  const planned = new Map(writes.map((write) => [nameOf(write.target.audited.modelName, idOf(write)), write]));
  const found = new Map<Write, Conflict[]>();
  if (removed.length === 0) return found;
  for (const child of Object.values(sequelize.models).filter((model) => (model as unknown) !== AuditLog)) {
    const audited = models.of(child);
    for (const reference of referencesOf(child)) {
      const { attribute } = reference;
      const parents = parentsOf(removed, reference);
      for (const row of await rowsOf(child, attribute, [...parents.values()], transaction)) {
        const encoded = (name: string) => audited?.column(name)?.codec.fromInstance(row[name]) ?? plain(row[name]);
        const recordId = recordIdOf(child.primaryKeyAttributes.map(encoded));
        const modelName = audited?.modelName ?? child.name;
        const parent = parents.get(String(encoded(attribute)))?.write;
        const write = planned.get(nameOf(modelName, recordId));
        if (!parent || (write && leaves(write, attribute))) continue;
        const conflict = {
          modelName,
          recordId,
          path: pointer(attribute),
          expected: undefined,
          found: encoded(attribute),
        };
        found.set(parent, [...(found.get(parent) ?? []), conflict]);
      }
    }
  }
  return found;
}

interface Parent {
  readonly write: Write;
  /** Of the column that is referred to, as Sequelize reads it. */
  readonly value: unknown;
}

/** The removed records that a foreign key can refer to, by the text of what it refers to. */
function parentsOf(removed: readonly Write[], { parentTable, parentField }: Reference): Map<string, Parent> {
  const pairs = removed.flatMap((write): [string, Parent][] => {
    const { model, audited } = write.target;
    const column = audited.columns.find(({ field }) => field === parentField);
    const value = column && write.present?.[column.attribute];
    if (tableOf(model) !== parentTable || value === undefined || value === null) return [];
    return [[String(value), { write, value: column?.codec.decode(value) }]];
  });
  return new Map(pairs);
}

async function rowsOf(
  child: ModelStatic<Model>,
  attribute: string,
  parents: readonly Parent[],
  transaction: Transaction,
): Promise<Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (let start = 0; start < parents.length; start += batchSize) {
    const values = parents.slice(start, start + batchSize).map(({ value }) => value);
    const query = { where: { [attribute]: values }, attributes: [...child.primaryKeyAttributes, attribute] };
    const plain = { raw: true, paranoid: false, hooks: false, useMaster: true, transaction };
    rows.push(...((await child.unscoped().findAll({ ...query, ...plain } as never)) as never[]));
  }
  return rows;
}

/** Whether a record goes, or does not refer to what it referred to. */
function leaves({ present, wanted }: Write, attribute: string): boolean {
  return wanted.document === null || !isEqual(wanted.document[attribute], present?.[attribute]);
}

function idOf({ target }: Write): string {
  return target.audited.recordId(target.key);
}

function nameOf(modelName: string, recordId: string): string {
  return JSON.stringify([modelName, recordId]);
}

/** Of a model that is not audited. */
function plain(value: unknown): Json {
  return typeof value === 'number' ? value : String(value);
}
