/** Reads a filter from an address, and says what is wrong with one that is none. */
import type { Action } from '../../index.js';
import { Refusal } from '../refusal.js';
import type { Filter } from './find.js';

export const actions = ['create', 'update', 'destroy', 'restore', 'baseline'] as const satisfies readonly Action[];

/** Characters of a condition. */
const longest = 300;

/** @throws Refusal 400 naming the condition, what was expected and what came */
export function filterOf(params: URLSearchParams): Filter {
  const text = (name: string) => {
    const value = params.get(name)?.trim();
    if (value && value.length > longest) throw new Refusal(400, `${name}: expected at most ${longest} characters.`);
    if (value && /[\0\p{Surrogate}]/u.test(value)) throw new Refusal(400, `${name}: expected text.`);
    return value || undefined;
  };
  const action = text('action');
  if (action !== undefined && !actions.includes(action as Action))
    throw new Refusal(400, `action: expected one of ${actions.join(', ')}.`);
  const [since, until] = [momentOf('since', text('since'), false), momentOf('until', text('until'), true)];
  if (since && until && since > until) throw new Refusal(400, 'since: expected a moment before until.');
  return {
    model: text('model'),
    actor: params.get('nobody') ? null : text('actor'),
    action: action as Action | undefined,
    attribute: text('attribute'),
    since,
    until,
    text: text('text'),
  };
}

/** The id that a page begins behind. @throws Refusal 400 */
export function afterOf(params: URLSearchParams): string | undefined {
  const after = params.get('after') || undefined;
  if (after !== undefined && !/^\d{1,18}$/.test(after))
    throw new Refusal(400, 'after: expected the number of an entry.');
  return after;
}

/** A day, or a minute of one, in UTC. @param isEnd whether the last millisecond of it is meant */
function momentOf(name: string, text: string | undefined, isEnd: boolean): Date | undefined {
  if (text === undefined) return undefined;
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?)?$/.exec(text);
  const [, day, minute, second] = found ?? [];
  const time =
    minute === undefined
      ? isEnd
        ? '23:59:59.999'
        : '00:00'
      : `${minute}:${second ?? (isEnd ? '59' : '00')}${isEnd ? '.999' : ''}`;
  const moment = new Date(`${day}T${time}Z`);
  if (!found || Number.isNaN(moment.getTime()))
    throw new Refusal(400, `${name}: expected a day or a moment, such as 2026-03-01T10:00.`);
  return moment;
}
