/** Proves that a form was made by this viewer, for this actor and this deed, not long ago. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.js';

/** Milliseconds for which a form can be sent. */
const lifetime = 3_600_000;
const longestForm = 16_384;

export class FormToken {
  readonly #secret: string | Buffer;

  /** @param secret null makes one up */
  constructor(secret: string | null) {
    this.#secret = secret ?? randomBytes(32);
  }

  /** @param deed what the form does, to what */
  sign(actor: string | null, deed: string, now = Date.now()): string {
    const until = String(now + lifetime);
    return `${until}.${this.#digest(actor, deed, until).toString('base64url')}`;
  }

  /** @throws Refusal 403 for a token that was not made for this */
  check(token: string, actor: string | null, deed: string, now = Date.now()): void {
    const [until = '', digest = ''] = token.split('.');
    const [given, expected] = [Buffer.from(digest, 'base64url'), this.#digest(actor, deed, until)];
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Refusal(403, 'This form was not made by this page for you. Go back and send it again.');
    if (!(Number(until) > now))
      throw new Refusal(403, 'This form is too old. Go back, load the page and send it again.');
  }

  #digest(actor: string | null, deed: string, until: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([actor, deed, until]))
      .digest();
  }
}

/**
 * Refuses what another site may have sent: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header where the browser
 * has that, and else the origin.
 *
 * @throws Refusal 403
 */
export function checkOrigin(request: Request): void {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) {
    if (site !== 'same-origin') throw foreign();
    return;
  }
  const origin = request.headers.get('origin');
  const host = request.headers.get('host') ?? new URL(request.url).host;
  if (!origin || !URL.canParse(origin) || new URL(origin).host !== host) throw foreign();
}

/** @throws Refusal 400 for what is no form, 413 for one that is too long */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new Refusal(400, 'Expected a form.');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > longestForm) throw new Refusal(413, 'The form is too long.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function foreign(): Refusal {
  return new Refusal(403, 'This form was sent from another site.');
}
