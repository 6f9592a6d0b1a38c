/** Koa: each request runs in its own context. */
import type { Audit } from '../index.js';
import { type Emitter, holdContext } from './held-context.js';
import { checkParts, type KnownRequest, type Resolve, resolvedContext, runWith } from './resolved-context.js';

export type { KnownRequest, Resolve, ResolvedContext } from './resolved-context.js';

/** What is needed of a context of Koa. */
export interface KoaContext {
  readonly req: Emitter;
  readonly res: Emitter;
}

/**
 * A middleware in which all that comes after it, and what it awaits, writes with the context that `resolve` gives. Use
 * it after what authenticates users, and before the routes.
 *
 * @param resolve asked once for each request; what it throws is thrown, and nothing after it runs
 * @throws AuditError ERR_AUDIT_OPTION_INVALID
 */
export function auditRequests<Context extends KoaContext = KoaContext & { readonly state: Pick<KnownRequest, 'user'> }>(
  audit: Audit,
  resolve: Resolve<[ctx: Context]>,
): (ctx: Context, next: () => Promise<unknown>) => Promise<unknown> {
  checkParts(audit, resolve);
  return async (ctx, next) => {
    const resolved = resolvedContext(audit, resolve, ctx);
    const context = resolved instanceof Promise ? await resolved : resolved;
    holdContext(audit, context, [ctx.req, ctx.res]);
    return runWith(audit, context, next);
  };
}
