/** Reads entries that were written when attributes had other names, as if they had been written with today's. */
import { AuditError } from '../errors.js';
import type { Document, Json, Operation, Patch } from '../patch/operation.js';
import { isContainer, pointer, segmentsOf } from '../patch/pointer.js';
import type { AuditedModel } from '../record/audited-model.js';

/** By attribute, the place among its names, oldest first, of the one it was last called by. */
export type Places = Readonly<Record<string, number>>;

/** The patch with today's names in the place of earlier ones. */
export function inTodaysNames({ renamed }: Pick<AuditedModel, 'renamed'>, patch: Patch): Patch {
  const pairs = Object.entries(renamed).flatMap(([attribute, earlier]) => earlier.map((name) => [name, attribute]));
  if (pairs.length === 0) return patch;
  const today = new Map(pairs as [string, string][]);
  return patch.map((operation) => {
    const [attribute, ...rest] = segmentsOf(operation.path);
    if (attribute !== undefined) return { ...operation, path: pointer(today.get(attribute) ?? attribute, ...rest) };
    if (!('value' in operation) || !isContainer(operation.value)) return operation;
    return { ...operation, value: named(operation.value as Document, today) };
  });
}

/**
 * The places of the names after an entry. Names follow each other in one order: an entry with an earlier one than
 * those before it means another attribute, which had that name later, and so does one with two names of one attribute.
 *
 * @param where how to name the entry in a message
 * @throws AuditError ERR_AUDIT_HISTORY_INCOMPLETE when the entry cannot mean what `renamed` says
 */
export function placesAfter(
  { renamed }: Pick<AuditedModel, 'renamed'>,
  patch: Patch,
  before: Places,
  where: () => string,
): Places {
  const chains = Object.entries(renamed);
  if (chains.length === 0) return before;
  const spoken = new Set(patch.flatMap(namesIn));
  const after = { ...before };
  for (const [attribute, earlier] of chains) {
    const names = [...earlier, attribute];
    const [name, other] = names.filter((each, index) => spoken.has(each) && names.indexOf(each) === index);
    if (name === undefined) continue;
    const place = other === undefined ? names.indexOf(name, before[attribute] ?? 0) : -1;
    if (place === -1) {
      const order = names.join(', then ');
      const got = other === undefined ? `${name} after ${names[before[attribute] ?? 0]}` : `both ${name} and ${other}`;
      throw new AuditError(
        'ERR_AUDIT_HISTORY_INCOMPLETE',
        `The entry that leads to ${where()} has an attribute of its own under an earlier name of ${attribute}: expected ${order}, got ${got}`,
      );
    }
    after[attribute] = place;
  }
  return after;
}

function namesIn(operation: Operation): string[] {
  const [attribute] = segmentsOf(operation.path);
  if (attribute !== undefined) return [attribute];
  return 'value' in operation && isContainer(operation.value) ? Object.keys(operation.value) : [];
}

function named(document: Document, today: ReadonlyMap<string, string>): Json {
  return Object.fromEntries(
    Object.entries(document).map(([attribute, value]) => [today.get(attribute) ?? attribute, value]),
  );
}
