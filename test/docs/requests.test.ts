/** The code of docs/requests.md, in an application of each framework. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { blocksOf, read, root } from './pages.js';

/** What the page takes for granted. */
const setUp = `
import { once } from 'node:events';
import { DataTypes, Sequelize } from 'sequelize';
import { attachAudit } from 'sequelize-audit';
const sequelize = new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false });
const audit = attachAudit(sequelize, { requireActor: true });
const Invoice = sequelize.define('Invoice', { cents: DataTypes.INTEGER, reminders: DataTypes.INTEGER }, { timestamps: false });
await sequelize.sync();
await audit.run({ actor: 'set-up' }, () => Invoice.create({ cents: 499, reminders: 0 }));
const change = () => Invoice.update({ cents: 1 }, { where: { id: 1 } });
`;
const post = (port: string, at = '/') => `await fetch('http://127.0.0.1:' + ${port} + '${at}', { method: 'POST' });`;
const tell = `
const entries = await audit.entries({ order: 'ASC' });
console.log(JSON.stringify(entries.slice(1).map(({ actor, reason, meta }) => ({ actor, reason, meta }))));
process.exit();
`;
const signedIn = { actor: 'ada', reason: null, meta: null };
const page = read('docs/requests.md');

/** The blocks of one language beneath a heading of the page. */
function blocksUnder(heading: string, language = 'ts'): string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) as string;
  return blocksOf(section, language);
}

describe('docs/requests.md', function () {
  this.timeout(60_000);
  /** A project in which this package and those it is tested with are installed. */
  const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-requests-'));

  before(() => {
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
    const parts = ['express', 'fastify', 'koa', 'nestjs'].map((name) => [
      `sequelize-audit/${name}`,
      [path.join(root, 'lib', 'requests', `${name}.ts`)],
    ]);
    const compilerOptions = {
      ...{ target: 'es2023', module: 'nodenext', strict: true, skipLibCheck: true, noEmit: true },
      ...{ experimentalDecorators: true, allowImportingTsExtensions: true, types: ['node'] },
      paths: Object.fromEntries([['sequelize-audit', [path.join(root, 'lib', 'index.ts')]], ...parts]),
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['nest*.ts'] }));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(name: string, code: string): unknown {
    writeFileSync(path.join(folder, name), code);
    const options = { cwd: folder, encoding: 'utf8' } as const;
    return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', name], options));
  }

  it('has Express write as who is signed in', () => {
    const printed = run(
      'express.js',
      `import express from 'express';
      ${setUp}
      const app = express();
      const signIn = (request, response, next) => { request.user = { id: 'ada' }; next(); };
      const routes = express.Router().post('/', async (request, response) => response.json(await change()));
      ${blocksUnder('Express')}
      const server = app.listen(0);
      await once(server, 'listening');
      ${post('server.address().port')}
      ${tell}`,
    );

    expect(printed).to.deep.equal([signedIn]);
  });

  it('has Fastify write as whom the hook of a route has found', () => {
    const printed = run(
      'fastify.js',
      `import createFastify from 'fastify';
      ${setUp}
      const fastify = createFastify();
      ${blocksUnder('Fastify')}
      fastify.post('/', { preHandler: async (request) => { request.user = { id: 'ada' }; } }, () => change());
      await fastify.inject({ method: 'POST', url: '/' });
      ${tell}`,
    );

    expect(printed).to.deep.equal([signedIn]);
  });

  it('has Koa write as who is signed in', () => {
    const printed = run(
      'koa.js',
      `import Koa from 'koa';
      ${setUp}
      const app = new Koa();
      const signIn = (ctx, next) => { ctx.state.user = { id: 'ada' }; return next(); };
      const routes = async (ctx) => { ctx.body = await change(); };
      ${blocksUnder('Koa')}
      const server = app.listen(0);
      await once(server, 'listening');
      ${post('server.address().port')}
      ${tell}`,
    );

    expect(printed).to.deep.equal([signedIn]);
  });

  it('has NestJS write as whom a guard has found, in TypeScript that compiles', () => {
    const [code = ''] = blocksUnder('NestJS', 'typescript');
    writeFileSync(path.join(folder, 'nest.ts'), code);
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });

    const printed = run(
      'nest-run.ts',
      `import 'reflect-metadata';
      import { Controller, Post } from '@nestjs/common';
      import { NestFactory } from '@nestjs/core';
      import { SequelizeModule as Models } from '@nestjs/sequelize';
      import { Column, DataType, Model, Table } from 'sequelize-typescript';
      import { Audit } from 'sequelize-audit';
      @Table({ timestamps: false }) class Invoice extends Model { @Column(DataType.INTEGER) declare cents: number; }
      @Controller() class Invoices { @Post() create() { return Invoice.create({ cents: 1 }); } }
      ${code}
      @Module({ imports: [AppModule, Models.forFeature([Invoice])], controllers: [Invoices] }) class Main {}
      const app = await NestFactory.create(Main, { logger: false });
      app.useGlobalGuards({ canActivate: (it) => { it.switchToHttp().getRequest().user = { id: 'ada' }; return true; } });
      await app.listen(0);
      ${post('app.getHttpServer().address().port')}
      const [{ actor, reason, meta }] = await app.get(Audit).entries();
      console.log(JSON.stringify([{ actor, reason, meta }]));
      process.exit();`,
    );

    expect(printed).to.deep.equal([signedIn]);
  });

  it('has a job write as who asked for it, and a script as itself', () => {
    const [asking, working, script] = blocksUnder('Jobs');
    const [resolve] = blocksUnder('What not to put');
    const printed = run(
      'jobs.js',
      `import express from 'express';
      import { auditRequests } from 'sequelize-audit/express';
      ${setUp}
      ${resolve}
      const jobs = [];
      const queue = { add: async (name, data) => jobs.push({ id: jobs.length + 1, name, data: JSON.parse(JSON.stringify(data)) }) };
      class Worker { constructor(name, work) { this.work = work; } }
      const app = express();
      app.use((request, response, next) => { request.user = { id: 'ada' }; request.id = 'r-1'; next(); });
      app.use(auditRequests(audit, resolve));
      app.post('/change', async (request, response) => response.json(await change()));
      ${asking}
      ${working}
      const server = app.listen(0);
      await once(server, 'listening');
      ${post('server.address().port', '/invoices/1/remind')}
      for (const job of jobs) await worker.work(job);
      ${post('server.address().port', '/change')}
      await audit.run({ actor: 'set-up' }, () => Invoice.update({ cents: 499 }, { where: {} }));
      ${script}
      ${tell}`,
    );

    expect(printed).to.deep.equal([
      { actor: 'ada', reason: 'remind', meta: { job: 1 } },
      { actor: 'ada', reason: null, meta: { requestId: 'r-1' } },
      { actor: 'set-up', reason: null, meta: null },
      { actor: 'script:round-prices', reason: 'ticket 4711', meta: null },
    ]);
  });
});
