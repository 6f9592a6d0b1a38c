import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import express from 'express';
import { type Audit, attachAudit } from '../../lib/index.js';
import { auditRequests } from '../../lib/requests/express.js';
import { sqliteMemory } from '../setup/databases.js';
import { readLog } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';
import { defineNote, send } from './flood.js';
import { frameworks, listen } from './frameworks.js';
import { requestLaws } from './laws.js';

for (const name of ['Express 5', 'Express 4', 'Connect'] as const) requestLaws(name, frameworks[name]);

describe('auditRequests in Express', () => {
  async function world() {
    const sequelize = await connect(sqliteMemory);
    const audit = attachAudit(sequelize);
    const Note = defineNote(sequelize);
    await sequelize.sync();
    const write = () => Note.create({});
    const actors = async () => (await readLog(sequelize)).map(({ actor, meta }) => `${actor} ${JSON.stringify(meta)}`);
    return { audit, write, actors };
  }

  /** Sends one request through an application that writes before its handler, in a listener, after it, and at the end. */
  async function pass(app: express.Express, writes: readonly (() => Promise<unknown>)[]): Promise<void> {
    const all = async () => {
      for (const write of writes) await write();
    };
    const ended: Promise<unknown>[] = [];
    app.post('/api/notes', (request, response) => {
      response.on('finish', () => ended.push(all()));
      request.resume().on('end', () => {
        all().then(() => response.send('done'));
      });
    });
    app.use((_request, response) => {
      response.sendStatus(404);
    });
    const { port, close } = await listen(app);

    expect(await send({ port, user: 'ada', isParsed: false })).to.equal('200 done');
    await close();
    await Promise.all(ended);
  }

  it('lets the later of two hold, whole, also in listeners that were there before', async () => {
    const { audit, write, actors } = await world();
    const app = express();
    const before: Promise<unknown>[] = [];
    app.use(auditRequests(audit, () => ({ actor: 'outer', meta: { outer: true } })));
    app.use((request, _response, next) => {
      request.on('end', () => before.push(write()));
      next();
    });
    app.use(auditRequests(audit, () => ({ actor: 'inner', meta: { inner: true } })));

    await pass(app, [write]);
    await Promise.all(before);

    expect(await actors()).to.deep.equal(Array.from({ length: 3 }, () => 'inner {"inner":true}'));
  });

  it('keeps two audits apart', async () => {
    const [first, second] = [await world(), await world()];
    const app = express();
    app.use(auditRequests(first.audit, () => ({ actor: 'first' })));
    app.use(auditRequests(second.audit, async () => ({ actor: 'second' })));

    await pass(app, [first.write, second.write]);

    expect(await first.actors()).to.deep.equal(['first null', 'first null']);
    expect(await second.actors()).to.deep.equal(['second null', 'second null']);
  });

  it('is added to by a run inside, until that ends', async () => {
    const { audit, write, actors } = await world();
    const app = express();
    app.use(auditRequests(audit, () => ({ actor: 'ada', meta: { request: 1 } })));

    await pass(app, [write, () => audit.run({ meta: { step: 2 } }, write)]);

    const each = ['ada {"request":1}', 'ada {"request":1,"step":2}'];
    expect(await actors()).to.deep.equal([...each, ...each]);
  });

  it('goes on at once where resolve answers at once, so that no byte of a body flows past its readers', async () => {
    const { audit } = await world();
    const middleware = auditRequests<Readable>(audit, () => null);
    const request = Readable.from(['body']);
    let isNext = false;

    middleware(request, Readable.from([]), () => {
      isNext = true;
    });

    expect(isNext).to.equal(true);
    request.resume();
    await once(request, 'end');
  });

  for (const [title, audit, resolve, message] of [
    ['no audit', undefined, () => null, 'auditRequests: audit: expected what attachAudit returned, got undefined'],
    ['options', {}, () => null, 'auditRequests: audit: expected what attachAudit returned, got an object'],
    ['no resolve', { run: () => null }, null, 'auditRequests: resolve: expected a function, got null'],
    ['a context', { run: () => null }, { actor: 1 }, 'auditRequests: resolve: expected a function, got an object'],
  ] as const) {
    it(`refuses ${title} when the application starts`, () => {
      expect(() => auditRequests(audit as unknown as Audit, resolve as never))
        .to.throw(message)
        .with.property('code', 'ERR_AUDIT_OPTION_INVALID');
    });
  }
});
