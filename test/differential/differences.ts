/** What two observations differ in, in words: they are far too large to be printed whole. */
import type { Observation } from './observe.js';

const most = 12;

/**
 * Empty where an application cannot tell the two apart.
 *
 * @param isParallel whether the call has statements under way at once, whose answers come in any order
 */
export function differences(bare: Observation, audited: Observation, isParallel = false): string[] {
  const found = [
    ...(['call', 'end', 'tables'] as const).flatMap((part) => differencesAt(part, bare[part], audited[part])),
    ...differencesOfEvents(bare.events, audited.events, isParallel),
    ...[...audited.warnings].filter((warning) => !bare.warnings.has(warning)).map((warning) => `warned: ${warning}`),
  ];
  return found.slice(0, most);
}

function differencesOfEvents(bare: readonly unknown[], audited: readonly unknown[], isParallel: boolean): string[] {
  const [left, right] = isParallel ? [sorted(bare), sorted(audited)] : [bare, audited];
  const names = [left.map(nameOf), right.map(nameOf)] as const;
  const changed = [
    ...without(names[0], names[1]).map((name) => `events: ${name} is missing`),
    ...without(names[1], names[0]).map((name) => `events: ${name} is extra`),
  ];
  if (changed.length > 0) return changed;
  const moved = differencesAt('events', ...names);
  return moved.length > 0 ? moved : differencesAt('events', left, right);
}

/** Every path at which two snapshots differ, with both values. */
export function differencesAt(path: string, bare: unknown, audited: unknown): string[] {
  if (Object.is(bare, audited)) return [];
  if (!isObject(bare) || !isObject(audited)) return [`${path}: without ${text(bare)}, with ${text(audited)}`];
  return [...new Set([...Object.keys(bare), ...Object.keys(audited)])].flatMap((key) => {
    if (key in bare && key in audited) return differencesAt(`${path}.${key}`, bare[key], audited[key]);
    return [
      key in bare
        ? `${path}.${key}: without ${text(bare[key])}, with nothing`
        : `${path}.${key}: without nothing, with ${text(audited[key])}`,
    ];
  });
}

function nameOf(event: unknown): string {
  return isObject(event) ? `${event.hook} on ${event.on} of ${event.this}` : String(event);
}

/** What of `left` is not in `right`, counting what is there twice. */
function without(left: readonly string[], right: readonly string[]): string[] {
  const rest = [...right];
  return left.filter((name) => {
    const index = rest.indexOf(name);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

function sorted(events: readonly unknown[]): unknown[] {
  return [...events].sort((left, right) => (text(left, Infinity) < text(right, Infinity) ? -1 : 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown, length = 200): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, length);
}
