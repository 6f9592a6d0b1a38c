/** Serves requests of Node: alone, and where a framework has taken a part of the path off. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';

/** What frameworks add to the request of Node. */
type Incoming = IncomingMessage & {
  readonly baseUrl?: unknown;
  readonly originalUrl?: unknown;
  readonly body?: unknown;
  rawBody?: unknown;
};

type Handle = (request: Request, context: unknown, mounted: string | null) => Promise<Response>;

export function nodeHandler(handle: Handle): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const listener = getRequestListener(
    (request, { incoming }) => handle(request, incoming, mountedAt(incoming as Incoming)),
    // The application's Request and Response stay what they are.
    { overrideGlobalObjects: false },
  );
  return (request, response) => {
    restoreBody(request as Incoming);
    return listener(request, response);
  };
}

/** Express says it; Connect leaves the whole address. */
function mountedAt({ baseUrl, originalUrl, url = '' }: Incoming): string | null {
  if (typeof baseUrl === 'string') return baseUrl;
  if (typeof originalUrl !== 'string') return null;
  const [whole = '', rest = ''] = [originalUrl, url].map((address) => address.split('?')[0]);
  // The address of the mount itself is left as "/".
  const address = rest === '/' && !whole.endsWith('/') ? `${whole}/` : whole;
  return address.endsWith(rest) ? address.slice(0, address.length - rest.length) : null;
}

/** A parser of bodies before the viewer has read the form: it is written again as it was sent. */
function restoreBody(request: Incoming): void {
  const { body, readableEnded } = request;
  if (!readableEnded || typeof body !== 'object' || body === null || request.rawBody instanceof Buffer) return;
  const pairs = Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  request.rawBody = Buffer.from(new URLSearchParams(pairs).toString());
}
