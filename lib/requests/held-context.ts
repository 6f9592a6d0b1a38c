/**
 * Has the streams of a request tell their listeners in its context: Node calls them in that of the connection, so that
 * `request.on('end', …)` and `response.on('finish', …)` would know of nobody.
 */
import type { Audit, AuditContext } from '../index.js';
import { runWith } from './resolved-context.js';

/** A request or a response of Node. */
export interface Emitter {
  emit(event: string | symbol, ...args: unknown[]): boolean;
}

// On the stream, not in this module: an application may have loaded it twice.
const held = Symbol.for('sequelize-audit.request');

type Held = Emitter & { [held]?: Map<Audit, AuditContext> };

/** From now on `streams` emit in `context`, whatever context of the same audit they were in before. */
export function holdContext(audit: Audit, context: AuditContext, streams: readonly (Emitter | undefined)[]): void {
  for (const stream of streams as readonly (Held | undefined)[]) {
    if (typeof stream?.emit !== 'function') continue;
    const known = stream[held];
    if (known) known.set(audit, context);
    else hold(stream, new Map([[audit, context]]));
  }
}

function hold(stream: Held, contexts: Map<Audit, AuditContext>): void {
  const { emit } = stream;
  Object.defineProperty(stream, held, { value: contexts });
  stream.emit = function (...args) {
    let run = () => emit.apply(this, args);
    for (const [audit, context] of contexts) {
      const inner = run;
      run = () => runWith(audit, context, inner);
    }
    return run();
  };
}
