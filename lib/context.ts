/** Who writes and why: the context of `audit.run`, of one call, and of the `actor` option, merged and checked. */
import { AuditError, described, isPlainObject, messageOf } from './errors.js';
import { Scoped } from './scoped.js';

/** What a caller may say about a write. A key that is undefined is not said. */
export interface AuditContext {
  /** Who: a name or key of yours, at most 255 characters. */
  readonly actor?: string | number | bigint | null | undefined;
  /** Why, in words. */
  readonly reason?: string | null | undefined;
  /** Anything else, as plain JSON. Inner `meta` adds to outer `meta`, key by key. */
  readonly meta?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The context as an entry stores it. `meta` is JSON text. */
export interface StoredContext {
  readonly actor: string | null;
  readonly reason: string | null;
  readonly meta: string | null;
}

/** The contexts of one attached instance: nested, and each async flow with its own. */
export class Contexts {
  readonly #running = new Scoped<AuditContext>();
  readonly #actor: () => unknown;
  /** Whether a write has to have an actor. */
  readonly isActorRequired: boolean;

  constructor(actor: () => unknown, isActorRequired = false) {
    this.#actor = actor;
    this.isActorRequired = isActorRequired;
  }

  /** Runs `fn` with `context` inside the one around it, and returns what `fn` returns. */
  run<T>(context: AuditContext, fn: () => T): T {
    check(context, 'audit.run');
    if (typeof fn !== 'function') throw invalid('audit.run', 'a function as second argument', fn);
    return this.#running.run(merge(this.#running.value, context), fn);
  }

  /**
   * What is known of a write that starts now.
   *
   * @param call the `audit` option of the write, if any
   * @throws AuditError ERR_AUDIT_CONTEXT_INVALID
   */
  current(call: AuditContext | undefined): StoredContext {
    if (call !== undefined) check(call, 'the audit option');
    const { actor, reason, meta } = merge(this.#running.value, call ?? {});
    return {
      actor: actorText(actor === undefined ? this.#asked() : actor),
      reason: reason ?? null,
      meta: meta === undefined || meta === null ? null : json(meta),
    };
  }

  /**
   * The same of what makes entries.
   *
   * @param what is done, as a message begins
   * @throws AuditError ERR_AUDIT_ACTOR_MISSING when nobody does it, and `requireActor` is set
   */
  ofWrite(call: AuditContext | undefined, what: string): StoredContext {
    return this.checked(this.current(call), what);
  }

  /** The context itself, when it has the actor that `requireActor` asks for. A blank name is nobody's. */
  checked(context: StoredContext, what: string): StoredContext {
    if (!this.isActorRequired || context.actor?.trim()) return context;
    throw new AuditError(
      'ERR_AUDIT_ACTOR_MISSING',
      `${what} has no actor, which requireActor asks for: expected a name from audit.run, the audit option of the call or the option actor, got ${described(context.actor)}`,
    );
  }

  #asked(): unknown {
    try {
      return this.#actor();
    } catch (error) {
      throw new AuditError(
        'ERR_AUDIT_CONTEXT_INVALID',
        `Option actor: expected a name, but it threw: ${messageOf(error)}`,
        error,
      );
    }
  }
}

/** Refuses what `audit.unaudited` does not take. @throws AuditError ERR_AUDIT_CONTEXT_INVALID */
export function checkUnaudited(reason: unknown, fn: unknown): void {
  if (typeof reason !== 'string' || reason.trim() === '') throw invalid('audit.unaudited', 'a reason', reason);
  if (typeof fn !== 'function') throw invalid('audit.unaudited', 'a function as second argument', fn);
}

function merge(outer: AuditContext | undefined, inner: AuditContext): AuditContext {
  if (!outer) return inner;
  return {
    actor: inner.actor === undefined ? outer.actor : inner.actor,
    reason: inner.reason === undefined ? outer.reason : inner.reason,
    meta:
      inner.meta && outer.meta ? { ...outer.meta, ...inner.meta } : inner.meta === undefined ? outer.meta : inner.meta,
  };
}

function check(context: unknown, where: string): void {
  if (!isPlainObject(context)) throw invalid(where, 'an object { actor, reason, meta }', context);
  const unknown = Object.keys(context).find((key) => !['actor', 'reason', 'meta'].includes(key));
  if (unknown !== undefined) throw invalid(where, 'actor, reason and meta', unknown);
  const { actor, reason, meta } = context;
  if (actor !== undefined) actorText(actor);
  if (reason !== undefined && reason !== null) {
    if (typeof reason !== 'string') throw invalid('reason', 'a string', reason);
    checkText(reason, 'reason');
  }
  if (meta !== undefined && meta !== null && !isPlainObject(meta)) throw invalid('meta', 'an object', meta);
}

function actorText(actor: unknown): string | null {
  if (actor === undefined || actor === null) return null;
  if (typeof actor !== 'string' && typeof actor !== 'number' && typeof actor !== 'bigint') {
    throw invalid('actor', 'a string or a number', actor);
  }
  if (Number.isNaN(actor)) throw invalid('actor', 'a string or a number', actor);
  const name = String(actor);
  if (name.length > 255) throw invalid('actor', 'at most 255 characters', name);
  checkText(name, 'actor');
  return name;
}

/** No database can hold half a surrogate pair, PostgreSQL no U+0000; they would be replaced, or end the text. */
function checkText(text: string, where: string): void {
  if (/[\p{Cs}\0]/u.test(text)) throw invalid(where, 'text without U+0000 and halves of surrogate pairs', text);
}

function json(meta: object): string {
  try {
    const text = JSON.stringify(meta) as string | undefined;
    if (text?.startsWith('{')) return text;
  } catch (error) {
    throw new AuditError(
      'ERR_AUDIT_CONTEXT_INVALID',
      `meta: expected plain JSON, got ${messageOf(error).split('\n')[0]}`,
      error,
    );
  }
  throw invalid('meta', 'an object also as JSON', meta);
}

function invalid(where: string, expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_CONTEXT_INVALID', `${where}: expected ${expected}, got ${described(got)}`);
}
