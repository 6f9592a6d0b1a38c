import { expect } from 'chai';
import { AuditError } from '../../lib/index.js';
import { createViewer, type ViewerOptions } from '../../lib/viewer/index.js';
import { sqliteMemory } from '../setup/databases.js';
import { connect } from '../setup/suite.js';
import { emptyWorld, load } from './world.js';

const authorize = () => true;

describe('createViewer', () => {
  it('makes no viewer without authorize, and says what it expects of each option', async () => {
    const { audit } = await emptyWorld(await connect(sqliteMemory));
    for (const [options, message] of [
      [undefined, 'createViewer: options: expected an object with authorize, got undefined'],
      [
        {},
        'createViewer: Option authorize: expected a function that says who may see what, without which nobody may, got undefined',
      ],
      [{ authorize: true }, /Option authorize: expected a function .* got true$/],
      [{ authorize, writes: true }, /^createViewer: options: expected authorize, write, .* got "writes"$/],
      [{ authorize, write: 'yes' }, 'createViewer: Option write: expected true or false, got "yes"'],
      [
        { authorize, basePath: 'audit' },
        'createViewer: Option basePath: expected a path such as "/audit", got "audit"',
      ],
      [{ authorize, basePath: '/a?b' }, /Option basePath/],
      [{ authorize, title: '' }, 'createViewer: Option title: expected a text, got ""'],
      [{ authorize, secret: 'short' }, 'createViewer: Option secret: expected a text of at least 32 characters'],
      [{ authorize, onError: 1 }, 'createViewer: Option onError: expected a function, got 1'],
    ] as [ViewerOptions, string | RegExp][]) {
      expect(() => createViewer(audit, options), String(message))
        .to.throw(AuditError, message)
        .with.property('code', 'ERR_AUDIT_OPTION_INVALID');
    }
    expect(() => createViewer({} as never, { authorize })).to.throw(
      AuditError,
      /what attachAudit returned, got an object/,
    );
  });

  it('answers 403 and no more for false, null and undefined', async () => {
    const { audit, User } = await emptyWorld(await connect(sqliteMemory));
    await User.create({ name: 'Ada' });
    for (const answer of [false, null, undefined]) {
      for (const path of ['/', '/record?model=User&id=1', '/value?entry=1', '/verify', '/nothing']) {
        const page = await load(createViewer(audit, { authorize: async () => answer, write: true }), path);

        expect(page.status).to.equal(403);
        expect(page.body).not.to.include('Ada').and.not.to.include('User');
      }
    }
  });

  it('answers 500 for what is no answer, so that a misspelt narrowing does not widen', async () => {
    const { audit, User } = await emptyWorld(await connect(sqliteMemory));
    await User.create({ name: 'Ada' });
    for (const [answer, message] of [
      [{ modles: ['User'] }, 'authorize: expected actor, models, records, meta and write, got "modles"'],
      [{ models: 'User' }, 'authorize: expected an array of names as models, got "User"'],
      [{ records: ['1'] }, 'authorize: expected a function as records, got an object'],
      [{ meta: 'a' }, 'authorize: expected an object as meta, got "a"'],
      [{ actor: {} }, 'authorize: expected a string or a number as actor, got an object'],
      [{ write: 1 }, 'authorize: expected true or false as write, got 1'],
      ['user:1', 'authorize: expected an object, true, false or a Response, got "user:1"'],
      [1, 'authorize: expected an object, true, false or a Response, got 1'],
    ] as [never, string][]) {
      const errors: unknown[] = [];
      const viewer = createViewer(audit, { authorize: () => answer, onError: (error) => errors.push(error) });

      const page = await load(viewer, '/');

      expect(page.status).to.equal(500);
      expect(page.body).not.to.include('Ada').and.not.to.include(message);
      expect(errors.map((error) => (error as Error).message)).to.deep.equal([message]);
    }
  });

  it('sends a Response of authorize as it is, and hands on what it was called with', async () => {
    const { audit } = await emptyWorld(await connect(sqliteMemory));
    const asked: unknown[] = [];
    const viewer = createViewer(audit, {
      authorize: (request, context) => {
        asked.push([new URL(request.url).pathname, context]);
        return new Response(null, { status: 302, headers: { Location: '/login' } });
      },
    });

    const response = await viewer.fetch(new Request('http://localhost/verify'), { user: 1 });

    expect([response.status, response.headers.get('location')]).to.deep.equal([302, '/login']);
    expect(asked).to.deep.equal([['/verify', { user: 1 }]]);
  });

  it('says nothing of what went wrong inside, and tells onError', async () => {
    const { audit, sequelize } = await emptyWorld(await connect(sqliteMemory));
    await sequelize.query('DROP TABLE AuditLogs');
    const errors: unknown[] = [];
    const viewer = createViewer(audit, {
      authorize,
      onError: (error) => {
        errors.push(error);
        throw new Error('worse');
      },
    });
    const { error: log } = console;
    console.error = () => undefined;
    const page = await load(viewer, '/').finally(() => {
      console.error = log;
    });

    expect(page.status).to.equal(500);
    expect(page.body).not.to.match(/SQLITE|no such table|AuditLogs|node_modules/);
    expect(String(errors[0])).to.match(/no such table/);
  });

  it('sends with every answer what keeps browsers from keeping, guessing, framing and running anything', async () => {
    const { audit, User } = await emptyWorld(await connect(sqliteMemory));
    await User.create({ name: 'Ada' });
    const viewer = createViewer(audit, { authorize });
    const refused = createViewer(audit, { authorize: () => false });
    const pages = [
      await load(viewer, '/'),
      await load(viewer, '/value?entry=1'),
      await load(viewer, '/nothing'),
      await load(refused, '/'),
      await load(viewer, '/', { method: 'DELETE' }),
      await load(viewer, '/?action=x'),
    ];

    expect(pages.map(({ status }) => status)).to.deep.equal([200, 200, 404, 403, 405, 400]);
    for (const { headers, body } of pages) {
      expect(headers.get('content-security-policy')).to.match(
        /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('same-origin');
      expect(headers.get('content-type')).to.match(/^text\/(html|plain); charset=utf-8$/);
      expect(body).not.to.match(/<script|\son\w+=|\sstyle=|\ssrc=|https?:/i);
    }
  });

  it('answers HEAD without a body', async () => {
    const { audit } = await emptyWorld(await connect(sqliteMemory));
    const viewer = createViewer(audit, { authorize });

    const page = await load(viewer, '/', { method: 'HEAD' });

    expect([page.status, page.body, page.headers.get('content-type')]).to.deep.equal([
      200,
      '',
      'text/html; charset=utf-8',
    ]);
  });
});
