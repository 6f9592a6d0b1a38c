/** One question for each condition of `audit.entries`, as asked of a log that `fillLog` has made, and the index it needs. */
import type { EntriesQuery, IndexOptions } from '../../lib/index.js';
import { firstTime } from '../setup/fill-log.js';

export interface Question {
  readonly title: string;
  readonly query: EntriesQuery;
  /** What the names of indexes begin with that may serve it; 'id' is the primary key. */
  readonly servedBy: readonly string[];
}

/** Every index that a question here needs beside those that the log has by default. */
export const indexes: IndexOptions = { model: true, action: true, attributes: ['email'], meta: ['requestId'] };

/** @param count of the entries in the log */
export function questionsOf(count: number): readonly Question[] {
  const at = (share: number) => new Date(firstTime + Math.floor(count * share) * 30_000);
  const changesetId = `${(((Math.floor(count / 4) * 2 * 2654435761) % 4294967296) >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  return [
    { title: 'all', query: {}, servedBy: ['id'] },
    { title: 'model', query: { model: 'Order' }, servedBy: ['model'] },
    { title: 'rare model', query: { model: 'Rare' }, servedBy: ['model'] },
    { title: 'model that is gone', query: { model: 'Nothing' }, servedBy: ['model', 'record'] },
    { title: 'record', query: { model: 'Product', recordId: '5' }, servedBy: ['record'] },
    { title: 'actor', query: { actor: 'user:7' }, servedBy: ['actor'] },
    { title: 'two actors', query: { actor: ['user:7', 'user:8'] }, servedBy: ['actor'] },
    { title: 'nobody', query: { actor: null }, servedBy: ['actor'] },
    { title: 'unknown actor', query: { actor: 'nobody' }, servedBy: ['actor'] },
    { title: 'action', query: { action: 'destroy' }, servedBy: ['action'] },
    { title: 'unused action', query: { action: 'restore' }, servedBy: ['action'] },
    { title: 'attribute', query: { attribute: 'email' }, servedBy: ['attribute'] },
    { title: 'attribute of a model', query: { model: 'Rare', attribute: 'email' }, servedBy: ['attribute', 'model'] },
    { title: 'changeset', query: { changesetId }, servedBy: ['changeset'] },
    { title: 'since yesterday', query: { since: at(0.995) }, servedBy: ['time'] },
    { title: 'since long ago', query: { since: at(0.1) }, servedBy: ['id'] },
    { title: 'until long ago', query: { until: at(0.1) }, servedBy: ['time'] },
    { title: 'until now', query: { until: at(1) }, servedBy: ['id'] },
    { title: 'a day long ago', query: { since: at(0.1), until: at(0.105) }, servedBy: ['time'] },
    { title: 'half of the time', query: { since: at(0.25), until: at(0.75) }, servedBy: ['time', 'id'] },
    { title: 'until half of the time', query: { until: at(0.5) }, servedBy: ['time'] },
    { title: 'next page of it', query: { until: at(0.5), after: Math.floor(count * 0.4) }, servedBy: ['id'] },
    { title: 'oldest first, since', query: { since: at(0.9), order: 'ASC' }, servedBy: ['time'] },
    { title: 'actor, since', query: { actor: 'user:7', since: at(0.9) }, servedBy: ['actor', 'time'] },
    { title: 'actor, until', query: { actor: 'user:7', until: at(0.1) }, servedBy: ['actor', 'time'] },
    { title: 'model, since', query: { model: 'User', since: at(0.9) }, servedBy: ['model', 'time'] },
    { title: 'meta', query: { meta: { requestId: 'request-300' } }, servedBy: ['meta'] },
    { title: 'next page', query: { after: Math.floor(count / 2) }, servedBy: ['id'] },
    { title: 'next page, oldest first', query: { after: Math.floor(count / 2), order: 'ASC' }, servedBy: ['id'] },
  ];
}
