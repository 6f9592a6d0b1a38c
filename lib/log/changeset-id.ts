/** Makes the ids of changesets. */
import { randomUUID } from 'node:crypto';

/**
 * A UUID that begins with the time (RFC 9562 §5.7): those of changesets that follow one another are neighbours in the index, which
 * so grows at its end. Nothing is read from it but whether two are the same.
 */
export function newChangesetId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
