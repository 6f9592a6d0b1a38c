/** A real Chromium for the pages of the viewer, where there is one. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Viewer } from '../../lib/viewer/index.js';

const places = [
  process.env.AUDIT_TEST_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].filter((place) => place !== undefined);

/** Where the browser is; undefined when there is none, which the reporter says. */
export const executablePath = places.find((place) => existsSync(place));

export class Chromium {
  readonly #browser: Browser;
  readonly #servers: Server[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Chromium> {
    // As root, which a container often is, Chromium has no sandbox.
    return new Chromium(await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] }));
  }

  /** Serves a viewer, or anything else, until the end. @returns its address */
  async serve(listener: Viewer['node']): Promise<string> {
    const server = createServer((request, response) => void listener(request, response));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    this.#servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A window of its own, without cookies of others. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
    return context.newPage();
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}
