import { createGunzip, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { attachAudit } from '../../lib/index.js';
import { auditRequests } from '../../lib/requests/fastify.js';
import { postgresql, sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';
import { defineNote, send } from './flood.js';
import { fastify4AsTyped, fastify5, frameworks, type Hook, startFastify } from './frameworks.js';
import { requestLaws } from './laws.js';

const hooks: readonly Hook[] = ['onRequest', 'preParsing', 'preValidation', 'preHandler'];

for (const name of ['Fastify 5', 'Fastify 4'] as const) requestLaws(name, frameworks[name]);
requestLaws("Fastify 5 with hook: 'onRequest'", startFastify(fastify5, 'onRequest'), [postgresql]);

for (const [name, framework] of [
  ['Fastify 5', fastify5],
  ['Fastify 4', fastify4AsTyped],
] as const) {
  describe(`auditRequests in ${name}`, () => {
    async function world() {
      const sequelize = await connect(sqliteMemory);
      const audit = attachAudit(sequelize);
      const Note = defineNote(sequelize);
      await sequelize.sync();
      const actors = async () => (await readLog(sequelize)).map(({ actor }) => actor);
      return { audit, Note, actors };
    }

    for (const [index, hook] of hooks.entries()) {
      for (const authenticating of hooks.slice(0, index + 1)) {
        for (const isParsed of [true, false]) {
          it(`sees in ${hook} whom a route finds in ${authenticating}, with a body that is ${isParsed ? 'parsed' : 'not'}`, async () => {
            const { audit, Note, actors } = await world();
            const handle = async (title: string) => {
              await Note.create({ title });
            };
            const authenticate = async (header: string | undefined) => header;
            const resolve = (actor: string | undefined) => ({ actor });
            const { port, close } = await startFastify(
              framework,
              hook,
              authenticating,
            )({
              ...{ audit, resolve, authenticate, handle },
            });

            expect(await send({ port, user: 'ada', isParsed })).to.equal('200 done');
            await close();

            expect(await actors()).to.deep.equal(['ada']);
          });
        }
      }
    }

    it('applies outside of its own scope, to routes that were there before and where nothing is found', async () => {
      const { audit, Note, actors } = await world();
      const app = framework();
      const write = async () => Note.create({});
      app.get('/before', write);
      app.setNotFoundHandler(write);
      let asked = 0;
      const resolve = ({ url }: { readonly url: string }) => {
        asked += 1;
        return { actor: url };
      };
      app.register(auditRequests, { audit, resolve });
      await app.register(async (scope) => {
        scope.get('/scope', write);
      });
      await app.ready();

      for (const url of ['/before', '/scope', '/nowhere']) await app.inject({ url });
      await app.close();

      expect(await actors()).to.deep.equal(['/before', '/scope', '/nowhere']);
      expect(asked).to.equal(3);
    });

    it('keeps two audits apart, also for a route between them', async () => {
      const [first, second] = [await world(), await world()];
      const app = framework();
      await app.register(auditRequests, { audit: first.audit, resolve: () => ({ actor: 'first' }) });
      app.get('/', async () => [await first.Note.create({}), await second.Note.create({})]);
      app.register(auditRequests, { audit: second.audit, resolve: async () => ({ actor: 'second' }) });

      await app.inject({ url: '/' });
      await app.close();

      expect(await first.actors()).to.deep.equal(['first']);
      expect(await second.actors()).to.deep.equal(['second']);
    });

    it('writes with the context in hooks after it, and in onResponse', async () => {
      const { audit, Note, actors } = await world();
      const app = framework();
      await app.register(auditRequests, { audit, resolve: () => ({ actor: 'ada' }), hook: 'onRequest' });
      const write = async () => {
        await Note.create({});
      };
      for (const hook of ['preParsing', 'preValidation', 'preHandler', 'onSend'] as const)
        app.addHook(hook, write as never);
      const responded = new Promise<void>((resolve) => {
        app.addHook('onResponse', async () => {
          await write();
          resolve();
        });
      });
      app.post('/', async () => 'done');
      const address = await app.listen({ port: 0, host: '127.0.0.1' });

      await fetch(address, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
      await responded;
      await app.close();

      expect(await actors()).to.deep.equal(Array.from({ length: 5 }, () => 'ada'));
    });

    it('reaches the handler through a stream that took the place of the body before it was entered', async () => {
      const { audit, Note, actors } = await world();
      const app = framework();
      const body = gzipSync('{"title":"a"}');
      app.addHook('preParsing', (_request, _reply, payload, done) => {
        done(null, Object.assign(payload.pipe(createGunzip()), { receivedEncodedLength: body.length }));
      });
      await app.register(auditRequests, { audit, resolve: () => ({ actor: 'ada' }), hook: 'preParsing' });
      app.post('/', async (request) => {
        await Note.create({});
        return request.body;
      });
      const address = await app.listen({ port: 0, host: '127.0.0.1' });

      const response = await fetch(address, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      const text = await response.text();
      await app.close();

      expect(text).to.equal('{"title":"a"}');
      expect(await actors()).to.deep.equal(['ada']);
    });

    for (const [title, options, message] of [
      ['no audit', { resolve: () => null }, 'auditRequests: audit: expected what attachAudit returned, got undefined'],
      ['no resolve', { audit: { run: () => null } }, 'auditRequests: resolve: expected a function, got undefined'],
      [
        'another hook',
        { audit: { run: () => null }, resolve: () => null, hook: 'onSend' },
        'auditRequests: hook: expected one of onRequest, preParsing, preValidation, preHandler, got "onSend"',
      ],
    ] as const) {
      it(`does not get ready with ${title}`, async () => {
        const app = framework();
        app.register(auditRequests, options as never);

        const error = await Promise.resolve(app.ready()).catch((caught: unknown) => caught);

        expect(error).to.include({ code: 'ERR_AUDIT_OPTION_INVALID', message });
      });
    }
  });
}
