import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, Sequelize } from 'sequelize';
import * as ours from '../../lib/index.js';
import { databases } from '../setup/databases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;
type Library = typeof ours;

const root = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-copies-'));

/** A folder in which `sequelize` is another copy of the package, and everything else is what it is here. */
function copySequelize(): typeof Sequelize {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    const from = path.join(root, 'node_modules', name);
    if (name !== 'sequelize') symlinkSync(from, path.join(modules, name));
    else
      for (const part of ['lib', 'package.json'])
        cpSync(path.join(from, part), path.join(modules, name, part), { recursive: true });
  }
  const load = createRequire(path.join(folder, 'index.js'));
  return (load('sequelize') as { Sequelize: typeof Sequelize }).Sequelize;
}

/** Another copy of this package, over the other copy of Sequelize. */
async function copyLibrary(): Promise<Library> {
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  cpSync(path.join(root, 'lib'), path.join(folder, 'lib'), { recursive: true });
  return (await import(pathToFileURL(path.join(folder, 'lib', 'index.ts')).href)) as Library;
}

let OtherSequelize: typeof Sequelize;
let theirs: Library;
before(async function () {
  this.timeout(60_000);
  OtherSequelize = copySequelize();
  theirs = await copyLibrary();
  expect(OtherSequelize).not.to.equal(Sequelize);
  expect(theirs.Audit).not.to.equal(ours.Audit);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const caught = (promise: Promise<unknown>) => promise.then(null, (error: unknown) => error);

/** Every kind of write, values of many types, a scope, an include, a transaction and a refusal. */
async function life(sequelize: Sequelize, types: typeof DataTypes, audit: ours.Audit): Promise<ModelStatic<Any>[]> {
  const User = sequelize.define<Any>(
    'User',
    {
      name: { type: types.STRING, unique: true },
      big: types.BIGINT,
      price: types.DECIMAL(10, 2),
      at: types.DATE(3),
      bytes: types.BLOB,
      data: types.JSON,
      full: { type: types.VIRTUAL, get: () => 'full' },
    },
    { paranoid: true, createdAt: false, updatedAt: false, scopes: { named: { where: { name: 'a' } } } },
  );
  const Post = sequelize.define<Any>('Post', { title: types.STRING, size: types.INTEGER }, { timestamps: false });
  User.hasMany(Post, { onDelete: 'CASCADE' });
  await sequelize.sync();
  const { literal } = (sequelize as unknown as { Sequelize: typeof import('sequelize') }).Sequelize;
  const values = {
    big: '9007199254740993',
    price: '1.50',
    at: new Date(1234),
    bytes: Buffer.from([0, 255]),
    data: { a: [1] },
  };

  const user = await User.create({ name: 'a', ...values, Posts: [{ title: 'one' }] }, { include: [Post] });
  await audit.run({ actor: 'run' }, () => user.update({ price: '2.00', data: { a: [2] }, bytes: Buffer.from('x') }));
  await sequelize.transaction(async (transaction) => {
    await User.scope('named').update({ big: 7 }, { where: {}, transaction });
    await sequelize.transaction({ transaction } as object, (inner) =>
      Post.create({ title: 'three' }, { transaction: inner }),
    );
  });
  await Post.update({ size: literal('1 + 1') as never }, { where: { title: 'three' } });
  await Post.increment('size', { where: { title: 'three' } });
  await User.upsert({ name: 'b', data: { b: 1 } });
  await user.destroy();
  await user.restore();
  await user.destroy({ force: true });
  const other = (await User.findOne({ where: { name: 'b' } })) as Any;
  await other.update({ data: { b: 2 } });

  const history = audit.history(other);
  expect((await history.at(1))?.get('data')).to.deep.equal({ b: 1 });
  expect(((await history.revertTo(1)) as Any).data).to.deep.equal({ b: 1 });
  const error = await caught(other.update({ name: 'c' }, { audit: { actor: {} as never } }));
  expect(error).to.include({ name: 'AuditError', code: 'ERR_AUDIT_CONTEXT_INVALID' });
  return [User, Post];
}

/** Of models that the oracle can read: those with numbers and text. */
async function agrees(sequelize: Sequelize, Post: ModelStatic<Any>): Promise<void> {
  const log = (await readLog(sequelize)).filter(({ modelName }) => modelName === 'Post');
  expect(foldLog(log)).to.deep.equal(await readTables([Post]));
}

onEachDatabase('A Sequelize instance of another copy of the package', (database) => {
  for (const [title, library] of [
    ['this copy of the plugin', () => ours],
    ['a copy of the plugin of its own', () => theirs],
  ] as const) {
    it(`is audited by ${title} beside one of this copy, as that one is`, async () => {
      const logs: unknown[] = [];
      for (const Class of [Sequelize, OtherSequelize]) {
        const plain = await connect(database);
        const { options, config } = plain as unknown as { options: object; config: object };
        const sequelize = await connect({ ...database, connect: async () => new Class({ ...config, ...options }) });
        const audit = (Class === Sequelize ? ours : library()).attachAudit(sequelize);
        const { DataTypes: types } = Class as unknown as { DataTypes: typeof DataTypes };

        const [, Post] = await life(sequelize, types, audit);

        await agrees(sequelize, Post as ModelStatic<Any>);
        const times = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
        const entries = (await readLog(sequelize)).map(({ changesetId: _, ...entry }) => entry);
        logs.push(JSON.parse(JSON.stringify(entries).replaceAll(times, 'time')));
      }

      expect(logs[1]).to.deep.equal(logs[0]);
      expect((logs[0] as unknown[]).length).to.be.greaterThan(13);
    });
  }
});

for (const database of databases.slice(0, 1)) {
  describe('Two copies of the plugin', () => {
    it('are not both attached to one instance', async () => {
      const sequelize = await connect(database);
      const audit = ours.attachAudit(sequelize);

      expect(() => theirs.attachAudit(sequelize))
        .to.throw()
        .with.property('code', 'ERR_AUDIT_ALREADY_ATTACHED');
      audit.detach();
      expect(() => theirs.attachAudit(sequelize)).not.to.throw();
    });

    it('have contexts of their own', async () => {
      const [one, two] = [await connect(database), await connect(database)];
      const audits = [ours.attachAudit(one), theirs.attachAudit(two)];
      const Notes = [one, two].map((each) => each.define('Note', { title: DataTypes.STRING }));
      for (const each of [one, two]) await each.sync();

      await audits[0]?.run({ actor: 'ours' }, async () => {
        for (const Note of Notes) await Note.create({ title: 'a' });
      });

      expect((await readLog(one)).map(({ actor }) => actor)).to.deep.equal(['ours']);
      expect((await readLog(two)).map(({ actor }) => actor)).to.deep.equal([null]);
    });
  });
}
