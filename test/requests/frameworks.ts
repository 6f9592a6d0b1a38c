/** The same small application in each framework: who it is, the audit, the body, and the handler, in that order. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express from 'express';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import Koa from 'koa';
import type { Audit } from '../../lib/index.js';
import { auditRequests as auditExpress } from '../../lib/requests/express.js';
import { type AuditRequestsOptions, auditRequests as auditFastify } from '../../lib/requests/fastify.js';
import { auditRequests as auditKoa } from '../../lib/requests/koa.js';
import type { ResolvedContext } from '../../lib/requests/resolved-context.js';

/** Has no types of its own, and those of Express 5 say the same of what is used here. */
const express4 = createRequire(import.meta.url)('express-4') as typeof express;

/** @param parsed the body, where the framework has parsed it; undefined where it is still to be read */
export type Handle = (
  user: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  parsed: { readonly text: string } | undefined,
) => Promise<void>;

export interface Parts {
  readonly audit: Audit;
  /** Given the user that `authenticate` has found. */
  readonly resolve: (user: string | undefined) => ResolvedContext | Promise<ResolvedContext>;
  /** Given the header by which a request says whose it is. */
  readonly authenticate: (header: string | undefined) => Promise<string | undefined>;
  /** Where a request waits when it has come, and no byte of its body has been read. */
  readonly arrive?: () => Promise<unknown>;
  readonly handle: Handle;
}

export interface Started {
  readonly port: number;
  close(): Promise<unknown>;
}

export type Start = (parts: Parts) => Promise<Started>;

type Authenticated = { user?: { readonly id?: string } };

/** What error handlers answer; the default ones would print. */
export const refused = 418;

const tellError = (error: unknown) => `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`;
const headerOf = ({ headers }: Pick<IncomingMessage, 'headers'>) => headers['x-user'] as string | undefined;

async function identify({ arrive, authenticate }: Pick<Parts, 'arrive' | 'authenticate'>, header: string | undefined) {
  await arrive?.();
  return authenticate(header);
}

export async function listen(listener: RequestListener | Server): Promise<Started> {
  const server = typeof listener === 'function' ? createServer(listener) : listener;
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 2000 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

function startExpress(framework: typeof express): Start {
  return ({ audit, resolve, handle, ...parts }) => {
    const app = framework();
    app.use((request: express.Request & Authenticated, _response, next) => {
      identify(parts, headerOf(request)).then((id) => {
        if (id) request.user = { id };
        next();
      }, next);
    });
    app.use(auditExpress(audit, (request: express.Request & Authenticated) => resolve(request.user?.id)));
    app.use(framework.json());
    app.post('/api/notes', (request: express.Request & Authenticated, response, next) => {
      handle(String(request.user?.id), request, response, isJson(request) ? request.body : undefined)
        .then(() => response.send('done'))
        .catch(next);
    });
    app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(refused).send(tellError(error));
    });
    return listen(app);
  };
}

const startConnect: Start = ({ audit, resolve, handle, ...parts }) => {
  type Incoming = connect.IncomingMessage & Authenticated & { body?: { readonly text: string } };
  const app = connect();
  app.use((request: Incoming, _response, next) => {
    identify(parts, headerOf(request)).then((id) => {
      if (id) request.user = { id };
      next();
    }, next);
  });
  app.use(auditExpress(audit, (request: Incoming) => resolve(request.user?.id)));
  app.use(express.json() as connect.NextHandleFunction);
  app.use('/api/notes', (request: Incoming, response: ServerResponse, next: connect.NextFunction) => {
    handle(String(request.user?.id), request, response, isJson(request) ? request.body : undefined)
      .then(() => response.end('done'))
      .catch(next);
  });
  app.use((error: unknown, _request: Incoming, response: ServerResponse, _next: connect.NextFunction) => {
    response.writeHead(refused).end(tellError(error));
  });
  return listen(createServer(app));
};

const startKoa: Start = ({ audit, resolve, handle, ...parts }) => {
  const app = new Koa<{ user?: { id?: string } }>();
  app.use(async (ctx, next) => {
    await next().catch((error: unknown) => {
      ctx.status = refused;
      ctx.body = tellError(error);
    });
  });
  app.use(async (ctx, next) => {
    const id = await identify(parts, headerOf(ctx.req));
    if (id) ctx.state.user = { id };
    await next();
  });
  app.use(auditKoa(audit, (ctx) => resolve(ctx.state.user?.id as string | undefined)));
  app.use(async (ctx) => {
    const incoming = ctx.req as IncomingMessage & { body?: { readonly text: string } };
    if (isJson(incoming)) {
      await new Promise<void>((done, fail) => {
        express.json()(incoming as express.Request, ctx.res as express.Response, (error) =>
          error ? fail(error) : done(),
        );
      });
    }
    await handle(String(ctx.state.user?.id), incoming, ctx.res, isJson(incoming) ? incoming.body : undefined);
    ctx.body = 'done';
  });
  return listen(app.callback());
};

export type Hook = NonNullable<AuditRequestsOptions['hook']>;
type Fastify = typeof fastify5;

/**
 * @param hook the hook in which the audit is entered
 * @param authenticating the hook of the route in which it is found out whose the request is
 */
export function startFastify(framework: Fastify, hook?: Hook, authenticating: Hook = 'onRequest'): Start {
  return async ({ audit, resolve, handle, ...parts }) => {
    type Incoming = { user?: { id?: string } };
    const app = framework();
    await app.register(auditFastify, {
      audit,
      resolve: (request) => resolve((request as Incoming).user?.id),
      ...(hook && { hook }),
    });
    app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null));
    app.setErrorHandler((error, _request, reply) => reply.code(refused).send(tellError(error)));
    await app.register(
      async (scope) => {
        scope.route({
          method: 'POST',
          url: '/notes',
          [authenticating]: async (request: Incoming & { raw: IncomingMessage }) => {
            const id = await identify(parts, headerOf(request.raw));
            if (id) request.user = { id };
          },
          handler: async (request, reply) => {
            const { user } = request as Incoming;
            const parsed = isJson(request.raw) ? (request.body as { text: string }) : undefined;
            await handle(String(user?.id), request.raw, reply.raw, parsed);
            return 'done';
          },
        });
      },
      { prefix: '/api' },
    );
    await app.listen({ port: 0, host: '127.0.0.1', backlog: 2000 });
    const { port } = app.server.address() as AddressInfo;
    return { port, close: () => app.close() };
  };
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type'] === 'application/json';
}

export { fastify5 };
export const fastify4AsTyped = fastify4 as unknown as Fastify;

export const frameworks = {
  'Express 5': startExpress(express),
  'Express 4': startExpress(express4),
  Connect: startConnect,
  'Fastify 5': startFastify(fastify5),
  'Fastify 4': startFastify(fastify4AsTyped),
  Koa: startKoa,
} satisfies Record<string, Start>;
