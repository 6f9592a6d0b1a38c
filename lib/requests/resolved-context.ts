/** Turns what an application says of a request into the context of its writes, checked before the request goes on. */
import { type Audit, type AuditContext, AuditError } from '../index.js';

/** Who makes a request, and why; null or undefined where nobody is known to. */
export type ResolvedContext = AuditContext | null | undefined;

/**
 * Asked once for each request. What it throws, or rejects with, is the answer to the request, in the way of the
 * framework.
 */
export type Resolve<Args extends readonly unknown[]> = (...args: Args) => ResolvedContext | Promise<ResolvedContext>;

/** What a request is taken to have where its framework does not say what it has. */
export interface KnownRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As what authenticates users leaves them. */
  readonly user?: { readonly id?: string | number } | null;
}

/**
 * The whole context: what is not said is null, so that nothing of another context shows through. A promise only where
 * `resolve` gives one, as streams may flow before the next turn.
 *
 * @throws what `resolve` throws, an AuditError in place of a value that is no object
 * @throws AuditError ERR_AUDIT_CONTEXT_INVALID for what is no context
 */
export function resolvedContext<Args extends readonly unknown[]>(
  audit: Audit,
  resolve: Resolve<Args>,
  ...args: Args
): AuditContext | Promise<AuditContext> {
  try {
    const given = resolve(...args);
    if (!isThenable(given)) return checked(audit, given);
    return Promise.resolve(given).then(
      (context) => checked(audit, context),
      (error: unknown) => {
        throw failureOf(error);
      },
    );
  } catch (error) {
    throw failureOf(error);
  }
}

/** Runs `fn` in `context` alone: `audit.run` would join its meta to that of whatever runs around. */
export function runWith<T>(audit: Audit, context: AuditContext, fn: () => T): T {
  if (!context.meta) return audit.run(context, fn);
  return audit.run({ meta: null }, () => audit.run(context, fn));
}

/** Refuses what cannot answer for requests, when the application starts. @throws AuditError ERR_AUDIT_OPTION_INVALID */
export function checkParts(audit: unknown, resolve: unknown): void {
  const isAudit = typeof (audit as Audit | null | undefined)?.run === 'function';
  if (!isAudit) throw invalidPart('audit', 'what attachAudit returned', audit);
  if (typeof resolve !== 'function') throw invalidPart('resolve', 'a function', resolve);
}

/** The error of a part of `auditRequests` that is not what it should be. */
export function invalidPart(name: string, expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_OPTION_INVALID', `auditRequests: ${name}: expected ${expected}, got ${named(got)}`);
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function checked(audit: Audit, given: ResolvedContext): AuditContext {
  const context = given ?? {};
  // Checks it as a write would; there is nothing to run yet.
  audit.run(context, () => undefined);
  const { actor = null, reason = null, meta = null } = context;
  try {
    JSON.stringify(meta);
  } catch (error) {
    const told = error instanceof Error ? error.message.split('\n')[0] : named(error);
    throw new AuditError('ERR_AUDIT_CONTEXT_INVALID', `meta: expected plain JSON, got ${told}`, error);
  }
  return { actor, reason, meta };
}

/** To a framework a thrown undefined is no error, and in Express a text can be the name of a way around it. */
function failureOf(error: unknown): object {
  if (typeof error === 'object' && error !== null) return error;
  return new AuditError(
    'ERR_AUDIT_CONTEXT_INVALID',
    `resolve: expected a context or an error, but it threw ${named(error)}`,
    error,
  );
}

function named(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
