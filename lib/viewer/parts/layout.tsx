/** The frame of every page. */

import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { style } from '../style.js';
import { to, type Visit } from '../visit.js';
import { short } from './value.js';

interface LayoutProps {
  /** null where nobody may see anything, as beside a 403. */
  readonly visit: Pick<Visit, 'base' | 'actor' | 'path' | 'canWrite'> | null;
  /** Of the viewer. */
  readonly name: string;
  readonly title: string;
  readonly children?: Child;
}

const places = [
  ['/', 'Changes'],
  ['/verify', 'Verify'],
] as const;

export function Layout({ visit, name, title, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title === name ? name : `${short(title)} · ${name}`}</title>
        <style>{raw(style)}</style>
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <div class="wide">
            <span class="name">{name}</span>
            {visit && (
              <nav aria-label="Pages">
                {places.map(([path, label]) => (
                  <a href={to(visit, path)} aria-current={visit.path === path ? 'page' : undefined}>
                    {label}
                  </a>
                ))}
              </nav>
            )}
            {visit?.actor != null && (
              <span class="viewer">
                <span class="sr">You are </span>
                <bdi>{short(visit.actor, 40)}</bdi>
                {visit.canWrite ? '' : ' · read-only'}
              </span>
            )}
          </div>
        </header>
        <main id="main" class="wide" tabindex={-1}>
          {children}
        </main>
        <footer class="wide">
          <p>Times are in UTC.</p>
        </footer>
      </body>
    </html>
  );
}

/** What stands in place of a list that is empty, or of a page that is not there. */
export function Notice({ title, children }: { readonly title: string; readonly children?: Child }) {
  return (
    <div class="notice">
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}
