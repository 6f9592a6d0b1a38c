/** The viewer in the frameworks that it is mounted in, as real servers that are asked over HTTP. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import connectApp from 'connect';
import express from 'express';
import fastify from 'fastify';
import fastify4 from 'fastify-4';
import { Hono } from 'hono';
import Koa from 'koa';
import { createViewer, type Viewer, type ViewerOptions } from '../../lib/viewer/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { fieldsOf, filledWorld, linksOf } from './world.js';

interface Mount {
  readonly title: string;
  /** The path that pages are under. */
  readonly base: string;
  readonly options?: Partial<ViewerOptions>;
  readonly listen: (viewer: Viewer) => Promise<{ readonly port: number; close(): Promise<unknown> }>;
}

/** As an application knows who asks: here by a header, put where the framework's own code would put it. */
type Known = IncomingMessage & { user?: string };

async function serve(listener: RequestListener): Promise<{ port: number; close(): Promise<unknown> }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => void server.close(resolve)) };
}

function login(request: IncomingMessage): void {
  const user = request.headers['x-user'];
  if (typeof user === 'string') (request as Known).user = user;
}

const express4 = createRequire(import.meta.url)('express-4') as typeof express;
const expresses = { 'Express 5': express, 'Express 4': express4 };

const mounts: readonly Mount[] = [
  {
    title: 'node:http alone',
    base: '',
    listen: (viewer) =>
      serve((request, response) => {
        login(request);
        void viewer.node(request, response);
      }),
  },
  {
    title: 'node:http under a path',
    base: '/in/audit',
    options: { basePath: '/in/audit/' },
    listen: (viewer) =>
      serve((request, response) => {
        login(request);
        void viewer.node(request, response);
      }),
  },
  ...Object.entries(expresses).flatMap(([title, make]): Mount[] => [
    {
      title,
      base: '/audit',
      listen: (viewer) =>
        serve(
          make()
            .use((request, _, next) => {
              login(request);
              next();
            })
            .use('/audit', viewer.node) as RequestListener,
        ),
    },
    {
      title: `${title} in a router, behind a parser of forms`,
      base: '/admin/audit',
      listen: (viewer) => {
        const router = make.Router();
        router.use('/audit', viewer.node);
        const app = make()
          .use(make.urlencoded({ extended: false }))
          .use((request, _, next) => {
            login(request);
            next();
          })
          .use('/admin', router);
        return serve(app as RequestListener);
      },
    },
  ]),
  {
    title: 'Connect',
    base: '/audit',
    listen: (viewer) => {
      const app = connectApp();
      app.use((request: IncomingMessage, _: unknown, next: () => void) => {
        login(request);
        next();
      });
      app.use('/audit', viewer.node);
      return serve(app as RequestListener);
    },
  },
  ...Object.entries({ 'Fastify 5': fastify, 'Fastify 4': fastify4 as unknown as typeof fastify }).map(
    ([title, make]): Mount => ({
      title,
      base: '/audit',
      options: { basePath: '/audit' },
      listen: async (viewer) => {
        const app = make();
        await app.register(async (scope) => {
          scope.removeAllContentTypeParsers();
          scope.addContentTypeParser('*', (_request, _body, done) => done(null));
          const handler = (request: { raw: IncomingMessage }, reply: { hijack(): unknown; raw: never }) => {
            login(request.raw);
            reply.hijack();
            return viewer.node(request.raw, reply.raw);
          };
          scope.all('/audit', handler as never);
          scope.all('/audit/*', handler as never);
        });
        await app.listen({ port: 0, host: '127.0.0.1' });
        return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
      },
    }),
  ),
  {
    title: 'Koa',
    base: '/audit',
    options: { basePath: '/audit' },
    listen: (viewer) => {
      const app = new Koa();
      app.use((context, next) => {
        if (!/^\/audit(\/|$)/.test(context.path)) return next();
        login(context.req);
        context.respond = false;
        return viewer.node(context.req, context.res);
      });
      return serve(app.callback());
    },
  },
  {
    title: 'Hono',
    base: '/audit',
    options: { basePath: '/audit' },
    listen: async (viewer) => {
      const { getRequestListener } = await import('@hono/node-server');
      const app = new Hono();
      app.all('/audit/*', (context) => viewer.fetch(context.req.raw, { user: context.req.header('x-user') }));
      return serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
    },
  },
  {
    title: 'Hono, mounted',
    base: '/audit',
    options: { basePath: '/audit' },
    listen: async (viewer) => {
      const { getRequestListener } = await import('@hono/node-server');
      const app = new Hono().mount('/audit', (request) =>
        viewer.fetch(request, { user: request.headers.get('x-user') ?? undefined }),
      );
      return serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
    },
  },
];

describe('The viewer is mounted', () => {
  for (const { title, base, options, listen } of mounts) {
    it(`in ${title}: pages, links, forms, and who asks`, async () => {
      const { audit, Product } = await filledWorld(await connect(sqliteMemory));
      const viewer = createViewer(audit, {
        authorize: (_, context) => {
          const { user } = context as { user?: string };
          return user !== undefined && { actor: user };
        },
        write: true,
        ...options,
      });
      const server = await listen(viewer);
      const ask = (path: string, init: RequestInit = {}) =>
        fetch(`http://127.0.0.1:${server.port}${path}`, {
          redirect: 'manual',
          ...init,
          headers: { 'X-User': 'user:ada', ...init.headers },
        });
      try {
        const start = await ask(base === '' ? '/' : base);
        const first = await start.text();
        expect(start.status).to.equal(200);
        expect(first).to.include('What changed lately').and.to.include('user:ada');
        expect(linksOf(first).filter((link) => link !== base && !link.startsWith(`${base}/`))).to.deep.equal([]);

        for (const link of linksOf(first).slice(0, 12)) expect((await ask(link)).status, link).to.equal(200);

        const path = `${base}/revert?model=Product&id=1&point=1`;
        const fields = fieldsOf(await (await ask(path)).text());
        const form = (headers: Record<string, string>) =>
          ask(path, { method: 'POST', body: new URLSearchParams(fields), headers });
        expect((await form({ Origin: 'http://evil.example' })).status).to.equal(403);
        expect((await Product.findByPk(1))?.get('stock')).to.equal(9);
        const sent = await form({ Origin: `http://127.0.0.1:${server.port}` });
        expect([sent.status, sent.headers.get('location')]).to.deep.equal([303, `${base}/record?model=Product&id=1`]);
        expect((await Product.findByPk(1))?.get('stock')).to.equal(12);
        expect((await audit.entries({ limit: 1 }))[0]?.actor).to.equal('user:ada');

        const stranger = await fetch(`http://127.0.0.1:${server.port}${base}/`);
        expect([stranger.status, (await stranger.text()).includes('Product')]).to.deep.equal([403, false]);
        const missing = await ask(`${base}/nothing`);
        expect([missing.status, missing.headers.get('cache-control')]).to.deep.equal([404, 'no-store']);
        expect((await ask(`${base}/entry?id=1`, { method: 'HEAD' })).status).to.equal(200);
      } finally {
        await server.close();
      }
    });
  }
});
