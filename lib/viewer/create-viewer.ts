/** Makes the viewer: a handler from Request to Response, and the same for Node. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../index.js';
import { FormToken } from './form-token.js';
import { nodeHandler } from './node-handler.js';
import { accessOf, type ResolvedViewerOptions, resolveViewerOptions, type ViewerOptions } from './options.js';
import { Verifications } from './read/verifications.js';
import { answered, refused } from './respond.js';

export interface Viewer {
  /** @param context handed on to `authorize` */
  readonly fetch: (request: Request, context?: unknown) => Promise<Response>;
  /** For `http.createServer`, and as middleware of Express and Connect. */
  readonly node: (request: IncomingMessage, response: ServerResponse, next?: unknown) => Promise<void>;
}

/**
 * Pages to look at history, read-only unless `write` says otherwise.
 *
 * @param audit what `attachAudit` returned
 * @throws AuditError ERR_AUDIT_OPTION_INVALID without `authorize`, and for options that are none
 */
export function createViewer(audit: Audit, options: ViewerOptions): Viewer {
  const resolved = resolveViewerOptions(audit, options);
  const parts: Parts = {
    audit,
    options: resolved,
    tokens: new FormToken(resolved.secret),
    verifications: new Verifications(audit, (error) => report(resolved, error)),
  };
  const handle = (request: Request, context: unknown, mounted: string | null) =>
    handled(parts, request, context, mounted);
  return {
    fetch: (request, context) => handle(request, context, null),
    node: nodeHandler(handle),
  };
}

export interface Parts {
  readonly audit: Audit;
  readonly options: ResolvedViewerOptions;
  readonly tokens: FormToken;
  readonly verifications: Verifications;
}

/** @param mounted the path that the framework has taken off; null where it has said nothing */
async function handled(parts: Parts, request: Request, context: unknown, mounted: string | null): Promise<Response> {
  const { options } = parts;
  try {
    const answer = await options.authorize(request, context);
    if (answer instanceof Response) return answer;
    const access = accessOf(answer);
    if (!access) return refused(options, null, 403, 'You may not see this.');
    return await answered(parts, access, request, mounted);
  } catch (error) {
    report(options, error);
    return refused(options, null, 500, 'Something went wrong. Whoever runs this application finds it in its logs.');
  }
}

/** What listens for errors must not make one. */
export function report(options: ResolvedViewerOptions, error: unknown): void {
  try {
    options.onError(error);
  } catch (worse) {
    console.error('sequelize-audit/viewer: onError failed:', worse);
  }
}
