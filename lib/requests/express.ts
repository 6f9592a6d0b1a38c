/** Express 4 and 5, and Connect: each request runs in its own context. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit, AuditContext } from '../index.js';
import { type Emitter, holdContext } from './held-context.js';
import { checkParts, type KnownRequest, type Resolve, resolvedContext, runWith } from './resolved-context.js';

export type { KnownRequest, Resolve, ResolvedContext } from './resolved-context.js';

/**
 * A middleware in which all that comes after it, and what it awaits, writes with the context that `resolve` gives. Use
 * it after what authenticates users, and before the routes.
 *
 * @param resolve asked once for each request; what it throws goes to the error handlers, and no route runs
 * @throws AuditError ERR_AUDIT_OPTION_INVALID
 */
export function auditRequests<Request extends Emitter = IncomingMessage & KnownRequest>(
  audit: Audit,
  resolve: Resolve<[request: Request]>,
): (request: Request, response: Pick<ServerResponse, 'emit'>, next: (error?: unknown) => void) => void {
  checkParts(audit, resolve);
  return (request, response, next) => {
    const enter = (context: AuditContext) => {
      holdContext(audit, context, [request, response as Emitter]);
      runWith(audit, context, () => next());
    };
    const context = resolvedContext(audit, resolve, request);
    if (context instanceof Promise) context.then(enter, next);
    else enter(context);
  };
}
