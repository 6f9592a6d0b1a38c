/** What holds for the requests of every framework. */
import { expect } from 'chai';
import { type AuditOptions, attachAudit } from '../../lib/index.js';
import { type Database, postgresql, sqliteFile, sqliteMemory } from '../setup/databases.js';
import { readLog, select } from '../setup/oracle.js';
import { connect } from '../setup/suite.js';
import { defineNote, flood, Meeting, send, Writer } from './flood.js';
import { type Handle, type Parts, refused, type Start, type Started } from './frameworks.js';

type Resolve = Parts['resolve'];

const authenticate = async (header: string | undefined) => header;

const circular: Record<string, unknown> = {};
circular.self = circular;

/** What a request is refused for, and what it is told. */
const refusals: Record<string, readonly [Resolve, RegExp]> = {
  'that throws': [
    () => {
      throw new Error('no such user');
    },
    /^ no such user$/,
  ],
  'that rejects': [async () => Promise.reject(new Error('no such user')), /^ no such user$/],
  // To Express undefined is no error, and these texts are ways around it.
  'that throws undefined': [
    () => {
      throw undefined;
    },
    /^ERR_AUDIT_CONTEXT_INVALID resolve: expected a context or an error, but it threw undefined$/,
  ],
  'that rejects with undefined': [() => Promise.reject(), /but it threw undefined$/],
  'that throws "route"': [
    () => {
      throw 'route';
    },
    /but it threw "route"$/,
  ],
  'that rejects with "router"': [() => Promise.reject('router'), /but it threw "router"$/],
  'that gives a name instead of a context': [
    () => 'user:1' as never,
    /^ERR_AUDIT_CONTEXT_INVALID audit\.run: expected an object \{ actor, reason, meta \}, got "user:1"$/,
  ],
  'that gives a user as actor': [() => ({ actor: { id: 1 } as never }), /actor: expected a string or a number/],
  'that gives an unknown key later': [
    async () => ({ user: 1 }) as never,
    /expected actor, reason and meta, got "user"$/,
  ],
  'that gives meta which is no JSON': [() => ({ meta: { circular } }), /meta: expected plain JSON, got Converting/],
  'that gives meta with a bigint later': [async () => ({ meta: { big: 1n } }), /meta: expected plain JSON/],
};

/** @param floodable the databases on which a thousand requests come at once */
export function requestLaws(
  name: string,
  start: Start,
  floodable: readonly Database[] = [sqliteFile, postgresql],
): void {
  describe(`auditRequests in ${name}`, () => {
    let started: Started | undefined;

    afterEach(async () => {
      await started?.close();
      started = undefined;
    });

    /** An application whose handler writes one note, and what stands in the database after some requests. */
    async function world(resolve: Resolve, options: AuditOptions = {}, handle?: Handle) {
      const sequelize = await connect(sqliteMemory);
      const audit = attachAudit(sequelize, options);
      const Note = defineNote(sequelize);
      await sequelize.sync();
      const write: Handle = async (title) => {
        await Note.create({ title });
      };
      const parts = { audit, resolve, authenticate, handle: handle ?? write };
      // What runs around the start of a server runs around its requests.
      started = await audit.run({ actor: 'boot', reason: 'start', meta: { boot: true } }, () => start(parts));
      const { port } = started;
      const entries = async () =>
        (await readLog(sequelize)).map(({ actor, reason, meta }) => ({ actor, reason, meta }));
      return { sequelize, audit, Note, port, entries };
    }

    for (const database of floodable) {
      it(`gives each of 1,000 requests at once its own actor, whatever they wait for, on ${database.name}`, async () => {
        const sequelize = await connect(database, { pool: { max: 4, acquire: 120_000 } });
        const audit = attachAudit(sequelize);
        const Note = defineNote(sequelize);
        await sequelize.sync();
        const writer = await Writer.of(Note);
        const meeting = new Meeting(1000);
        const { handle } = writer;
        started = await start({
          audit,
          resolve: (actor) => ({ actor }),
          authenticate,
          arrive: () => meeting.arrive(),
          handle,
        });

        await flood(started, { audit, Note, writer, meeting, count: 1000 });

        await Note.create({ title: 'afterwards' });
        expect((await readLog(sequelize)).at(-1)?.actor).to.equal(null);
      }).timeout(120_000);
    }

    for (const isParsed of [true, false]) {
      it(`writes what resolve gives, now or later, with a body that is ${isParsed ? 'parsed' : 'not'}`, async () => {
        const given = { actor: 7, reason: 'by hand', meta: { requestId: 'r-1' } };
        const answers: Parameters<Resolve>[0][] = [];
        const { port, entries } = await world((user) => {
          answers.push(user);
          return answers.length === 1 ? given : Promise.resolve(given);
        });

        expect(await send({ port, user: 'ada', isParsed })).to.equal('200 done');
        expect(await send({ port, user: 'bob', isParsed })).to.equal('200 done');

        expect(answers).to.deep.equal(['ada', 'bob']);
        expect(await entries()).to.deep.equal([
          { ...given, actor: '7' },
          { ...given, actor: '7' },
        ]);
      });
    }

    for (const [title, context] of [
      ['undefined', undefined],
      ['null', null],
      ['nothing', {}],
      ['an undefined actor', { actor: undefined }],
    ] as const) {
      it(`takes ${title} for nobody, whatever runs around the server and whoever the option actor names`, async () => {
        const { port, entries } = await world(() => context, { actor: () => 'option' });

        expect(await send({ port, isParsed: true })).to.equal('200 done');

        expect(await entries()).to.deep.equal([{ actor: null, reason: null, meta: null }]);
      });
    }

    for (const [title, [resolve, message]] of Object.entries(refusals)) {
      it(`refuses a request before its handler, with a resolve ${title}`, async () => {
        let handled = 0;
        const { port } = await world(resolve, {}, async () => {
          handled += 1;
        });

        const [, status, text] = (await send({ port, user: 'ada', isParsed: true })).match(/^(\d+) (.*)$/s) ?? [];

        expect({ status: Number(status), handled }).to.deep.equal({ status: refused, handled: 0 });
        expect(text).to.match(message);
      });
    }

    it('has the write of nobody refused with requireActor, and answers as for any error', async () => {
      const { port, sequelize } = await world((actor) => ({ actor }), { requireActor: true });

      const nobody = await send({ port, isParsed: true });
      const somebody = await send({ port, user: 'ada', isParsed: true });

      expect(nobody).to.match(new RegExp(`^${refused} ERR_AUDIT_ACTOR_MISSING A write of Note has no actor`));
      expect(somebody).to.equal('200 done');
      expect((await select(sequelize, 'Notes')).map(({ title }) => title)).to.deep.equal(['ada']);
    });

    it('keeps nothing of a request that resolve has not given', async () => {
      const { port, sequelize } = await world((actor) => ({ actor }));

      await send({ port, user: 'ada', isParsed: true, headers: { cookie: 'a=secret', authorization: 'secret' } });

      expect(await select(sequelize, 'AuditLogs')).to.have.lengthOf(1);
      expect(JSON.stringify(await select(sequelize, 'AuditLogs'))).to.not.match(/secret|text|127\.0\.0\.1|notes/);
    });
  });
}
