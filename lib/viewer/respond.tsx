/** Finds the page for a request, and makes a response of what it answers. */
import { createHash } from 'node:crypto';
import type { AuditError } from '../index.js';
import { checkOrigin, readForm } from './form-token.js';
import type { ResolvedViewerOptions, ViewerAccess } from './options.js';
import { actorPage } from './pages/actor.js';
import { atPage } from './pages/at.js';
import { blamePage } from './pages/blame.js';
import { changesPage } from './pages/changes.js';
import { changesetPage } from './pages/changeset.js';
import { comparePage } from './pages/compare.js';
import { entryPage } from './pages/entry.js';
import { recordPage } from './pages/record.js';
import { revertPage } from './pages/revert.js';
import { undoPage } from './pages/undo.js';
import { valuePage } from './pages/value.js';
import { verifyPage } from './pages/verify.js';
import { Layout } from './parts/layout.js';
import { Sight } from './read/sight.js';
import type { Verifications } from './read/verifications.js';
import { Refusal } from './refusal.js';
import { style } from './style.js';
import { type Answer, details, type Html, type Page, to, type Visit } from './visit.js';

const pages: Readonly<Record<string, Page>> = {
  '/': changesPage,
  '/record': recordPage,
  '/record/at': atPage,
  '/record/compare': comparePage,
  '/record/blame': blamePage,
  '/entry': entryPage,
  '/changeset': changesetPage,
  '/actor': actorPage,
  '/value': valuePage,
  '/verify': verifyPage,
  '/revert': revertPage,
  '/undo': undoPage,
};

/** Pages that take forms. */
const deeds = ['/verify', '/revert', '/undo'];

/** Bytes of a page at most, of which a hundredth is left for headers. */
export const largest = 99_000;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Not no-referrer: with that, browsers send forms from an origin "null".
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex',
};

interface Parts extends Pick<Visit, 'audit' | 'tokens'> {
  readonly options: ResolvedViewerOptions;
  readonly verifications: Verifications;
}

/** @param mounted the path that the framework has taken off; null where it has said nothing */
export async function answered(
  parts: Parts,
  access: ViewerAccess,
  request: Request,
  mounted: string | null,
): Promise<Response> {
  const { options, audit } = parts;
  const url = new URL(request.url);
  const { base, path } = placeOf(options.basePath, mounted, url.pathname);
  const actor = access.actor === undefined || access.actor === null ? null : String(access.actor);
  const visit: Visit = {
    ...parts,
    sight: new Sight(audit, access),
    actor,
    canWrite: options.write && actor !== null && access.write !== false,
    base,
    path,
    params: url.searchParams,
    form: null,
  };
  try {
    const page = Object.hasOwn(pages, path) ? (pages[path] as Page) : null;
    if (!page) throw new Refusal(404, 'There is no such page.');
    const isForm = request.method === 'POST';
    if (!isForm && request.method !== 'GET' && request.method !== 'HEAD')
      throw new Refusal(405, 'Pages are only read.');
    if (isForm && !deeds.includes(path)) throw new Refusal(405, 'This page is only read.');
    if (isForm) checkOrigin(request);
    const answer = await page(isForm ? { ...visit, form: await readForm(request) } : visit);
    const response = await responseOf(visit, answer);
    return request.method === 'HEAD' ? new Response(null, response) : response;
  } catch (error) {
    const refusal = refusalOf(Object(error));
    if (!refusal) throw error;
    return refused(options, visit, refusal.status, refusal.message);
  }
}

/** A page that says why there is no other. @param visit null where nothing may be seen */
export async function refused(
  { title: name }: ResolvedViewerOptions,
  visit: Visit | null,
  status: number,
  message: string,
): Promise<Response> {
  const titles: Readonly<Record<number, string>> = {
    400: 'This cannot be asked',
    403: 'Not allowed',
    404: 'Not found',
    405: 'Not allowed',
    409: 'Not now',
    413: 'Too long',
  };
  const title = titles[status] ?? 'Something went wrong';
  const html = await text(
    <Layout visit={visit} name={name} title={title}>
      <h1>{title}</h1>
      <p>{message}</p>
      {visit && (
        <p>
          <a href={to(visit, '/')}>What changed lately</a>
        </p>
      )}
    </Layout>,
  );
  return page(html, status, status === 405 ? { Allow: 'GET, HEAD' } : {});
}

async function responseOf(visit: Visit, answer: Answer): Promise<Response> {
  if ('location' in answer)
    return new Response(null, { status: 303, headers: { ...headers, Location: answer.location } });
  if ('text' in answer)
    return new Response(answer.text, { headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } });
  const { title, status = 200, body } = answer;
  let html = '';
  for (const detail of details) {
    html = await text(
      <Layout visit={visit} name={visit.options.title} title={title}>
        {body(detail) as never}
      </Layout>,
    );
    if (Buffer.byteLength(html) <= largest) break;
  }
  return page(html, status, answer.headers ?? {});
}

async function text(html: Html): Promise<string> {
  return `<!DOCTYPE html>${String(await html)}`;
}

function page(html: string, status: number, more: Readonly<Record<string, string>>): Response {
  return new Response(html, { status, headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8', ...more } });
}

/** @returns null for what is no fault of the request */
function refusalOf(error: object): Refusal | null {
  if (error instanceof Refusal) return error;
  const { code, message } = error as Partial<AuditError>;
  if (code === 'ERR_AUDIT_HISTORY_INCOMPLETE')
    return new Refusal(
      409,
      'Entries are missing from the log, so the record cannot be rebuilt. Its timeline is still there.',
    );
  return code === 'ERR_AUDIT_HISTORY_INVALID' ? new Refusal(400, String(message)) : null;
}

/** Splits a path into that of the viewer and that of the page. */
function placeOf(given: string | null, mounted: string | null, pathname: string): { base: string; path: string } {
  const base = given ?? mounted ?? '';
  const isWhole = base !== '' && (pathname === base || pathname.startsWith(`${base}/`));
  const path = (isWhole ? pathname.slice(base.length) : pathname).replace(/\/$/, '');
  return { base, path: path === '' ? '/' : path };
}
