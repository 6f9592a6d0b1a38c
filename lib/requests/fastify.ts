/** Fastify 4 and 5: each request runs in its own context. */
import type { FastifyRequest } from 'fastify';
import type { Audit, AuditContext } from '../index.js';
import { type Emitter, holdContext } from './held-context.js';
import { checkParts, invalidPart, type Resolve, resolvedContext, runWith } from './resolved-context.js';

export type { Resolve, ResolvedContext } from './resolved-context.js';

const hooks = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const;

export interface AuditRequestsOptions {
  readonly audit: Audit;
  /** Asked once for each request; what it throws is answered by the error handler, and no handler runs. */
  readonly resolve: Resolve<[request: FastifyRequest]>;
  /**
   * `resolve` is asked after the hooks of this name, those of the route included: what authenticates users stands in
   * one of these, or in an earlier one. Only what comes after it has the context.
   *
   * @default 'preHandler'
   */
  readonly hook?: (typeof hooks)[number];
}

type Done = (error?: unknown) => void;
type Hook = (request: Request, reply: { readonly raw: Emitter }, done: Done) => void;

interface Request {
  readonly raw: Emitter;
  readonly routeOptions?: { readonly config?: object };
}

/** What is used of an instance; the types of one major version do not fit those of the next. */
interface Instance {
  addHook(name: string, hook: unknown): unknown;
}

type Route = Partial<Record<string, unknown>>;

/**
 * A plugin for the whole application, whatever is registered after it: `await fastify.register(auditRequests, { audit,
 * resolve })` before the routes.
 *
 * An AuditError ERR_AUDIT_OPTION_INVALID keeps the application from getting ready.
 */
export function auditRequests(instance: object, options: AuditRequestsOptions, done: (error?: Error) => void): void {
  try {
    addHooks(instance as Instance, options);
    done();
  } catch (error) {
    // Thrown, it would be nobody's.
    done(error as Error);
  }
}

function addHooks(fastify: Instance, { audit, resolve, hook = 'preHandler' }: AuditRequestsOptions): void {
  checkParts(audit, resolve);
  if (!hooks.includes(hook)) throw invalidPart('hook', `one of ${hooks.join(', ')}`, hook);
  /** Says of a route that it asks for itself, after its own hooks. */
  const asking = Symbol('sequelize-audit');

  const enter = (request: Request, response: Emitter, context: AuditContext, next: Done) => {
    holdContext(audit, context, [request.raw, response]);
    runWith(audit, context, () => next());
  };
  const ask: Hook = (request, reply, next) => {
    let context: AuditContext | Promise<AuditContext>;
    try {
      context = resolvedContext(audit, resolve, request as unknown as FastifyRequest);
    } catch (error) {
      next(error);
      return;
    }
    if (context instanceof Promise) context.then((found) => enter(request, reply.raw, found, next), next);
    else enter(request, reply.raw, context, next);
  };

  // The hooks of a route come after those of the instance, so there the question has to be one of the route's own.
  fastify.addHook('onRoute', (route: Route) => {
    const own = route[hook];
    route[hook] = [...(Array.isArray(own) ? own : own ? [own] : []), positioned(hook, ask)];
    route.config = { ...(route.config as object | undefined), [asking]: true };
  });
  // For what is no route, as where nothing is found, and for routes that were there before.
  const askElsewhere: Hook = (request, reply, next) => {
    if (asking in (request.routeOptions?.config ?? {})) next();
    else ask(request, reply, next);
  };
  fastify.addHook(hook, positioned(hook, askElsewhere));
}

Object.assign(auditRequests, {
  // Fastify's words for a plugin that is no scope of its own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'sequelize-audit',
  [Symbol.for('plugin-meta')]: { name: 'sequelize-audit', fastify: '>=4.10.0' },
});

/** A hook with its arguments where those of this name have them. */
function positioned(name: string, hook: Hook): unknown {
  if (name !== 'preParsing') return hook;
  return (request: Request, reply: { readonly raw: Emitter }, _payload: unknown, done: Done) =>
    hook(request, reply, done);
}
