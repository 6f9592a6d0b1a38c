/** One value, or an entry or record, as a whole: as plain text, for what is too long for a page. */
import type { Json } from '../../index.js';
import { textOf } from '../parts/value.js';
import { valueAt } from '../read/pointer.js';
import { entryOf, recordOf } from '../read/record.js';
import { notFound } from '../refusal.js';
import type { Page } from '../visit.js';
import { pastOf } from './at.js';

export const valuePage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const [id, point] = [params.get('entry'), params.get('point')];
  if (id !== null && point === null) {
    const entry = await entryOf(audit, sight, id);
    if (!entry) throw notFound('entry');
    const index = params.get('change');
    if (index === null) return { text: JSON.stringify(entry, null, 2) };
    const change = /^\d{1,6}$/.test(index) ? entry.changes[Number(index)] : undefined;
    return whole(params.get('side') === 'from' ? change?.from : change?.to);
  }
  const record = await recordOf(audit, sight, params);
  const { past } = await pastOf(visit, record, point ?? String(record.count));
  const path = params.get('path');
  return path === null ? whole(past?.document) : whole(valueAt(past?.document, path));
};

function whole(value: Json | undefined) {
  if (value === undefined) throw notFound('value');
  return { text: textOf(value) };
}
