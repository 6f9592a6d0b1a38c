/** The package as its users get it: packed, installed in an empty project, used from ESM, CommonJS and TypeScript. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { publint } from 'publint';

const root = path.join(import.meta.dirname, '..');
const program = `
async function main() {
  const sequelize = new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false });
  const audit = attachAudit(sequelize);
  const attributes = { name: DataTypes.STRING, seenAt: DataTypes.DATE };
  const User = sequelize.define('User', attributes, { timestamps: false, audit: { exclude: ['seenAt'] } });
  await sequelize.sync();
  const user = await User.create({ name: 'Ada' });
  await user.update({ name: 'Ada Lovelace' }, { audit: { actor: 'user:42' } });
  const revisions = await audit.history(user).revisions();
  console.log(JSON.stringify(revisions.map(({ action, actor, patch }) => ({ action, actor, patch }))));
  await sequelize.close();
}
main();
`;
const imports = `
import { DataTypes, Sequelize } from 'sequelize';
import { attachAudit } from 'sequelize-audit';
`;
const requires = `
const { DataTypes, Sequelize } = require('sequelize');
const { attachAudit } = require('sequelize-audit');
`;
/** Left away by `npm install --omit=optional`: they serve the command line and the viewer. */
const toolsOfWings = [
  '@hono/node-server',
  'cli-progress',
  'cli-table3',
  'commander',
  'diff',
  'hono',
  'jiti',
  'picocolors',
];
/** What only a compiler sees: types by name, and an option that is refused. */
const types = `
import { type AuditError, type AuditOptions, type History } from 'sequelize-audit';
import { type Model } from 'sequelize';
export const options: AuditOptions = { models: { User: { redact: ['name'] } } };
export const codeOf = ({ code }: AuditError): string => code;
export const nameOf = async (history: History<Model<{ name: string }>>) => (await history.at(1))?.getDataValue('name');
// @ts-expect-error a misspelt key of the audit option
export const save = (model: Model) => model.save({ audit: { actr: 'user:42' } });
`;
/** Sub-paths, each with what it exports. */
const subpaths = {
  express: ['auditRequests'],
  fastify: ['auditRequests'],
  koa: ['auditRequests'],
  nestjs: ['AuditRequestsModule', 'auditRequests'],
};
/** Types of the sub-paths, also of arguments that nobody has given one. */
const requestTypes = `
import { attachAudit, AuditError } from 'sequelize-audit';
import { auditRequests as express } from 'sequelize-audit/express';
import { auditRequests as fastify } from 'sequelize-audit/fastify';
import { auditRequests as koa } from 'sequelize-audit/koa';
import { AuditRequestsModule, auditRequests as nestjs } from 'sequelize-audit/nestjs';
import { Sequelize } from 'sequelize';
import createFastify from 'fastify';
const audit = attachAudit(new Sequelize('sqlite::memory:'), { requireActor: true });
express(audit, (request) => ({ actor: request.user?.id, meta: { from: request.socket.remoteAddress } }));
koa(audit, async (ctx) => ({ actor: ctx.state.user?.id }));
createFastify().register(fastify, { audit, resolve: ({ id }) => ({ meta: { id } }), hook: 'preHandler' });
nestjs(audit, (request, execution) => ({ actor: request.user?.id, reason: execution.getHandler().name }));
AuditRequestsModule.forRootAsync({ inject: [Sequelize], useFactory: (given: Sequelize) => ({ audit: attachAudit(given), resolve: () => null }) });
// @ts-expect-error a misspelt key
express(audit, () => ({ user: 1 }));
// @ts-expect-error a misspelt hook
createFastify().register(fastify, { audit, resolve: () => null, hook: 'onReady' });
console.log(JSON.stringify(new AuditError('ERR_AUDIT_ACTOR_MISSING', 'told').code));
`;
const printed = [
  { action: 'create', actor: null, patch: [{ op: 'add', path: '', value: { id: 1, name: 'Ada' } }] },
  {
    action: 'update',
    actor: 'user:42',
    patch: [
      { op: 'test', path: '/name', value: 'Ada' },
      { op: 'replace', path: '/name', value: 'Ada Lovelace' },
    ],
  },
];

describe('the package', function () {
  this.timeout(180_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'sequelize-audit-package-'));
  const project = path.join(folder, 'project');
  const installed = path.join(project, 'node_modules', 'sequelize-audit');
  let tarball: string;

  before(async () => {
    await npm(['run', 'build'], root);
    // The dependency is packed from what is installed here, so that the test needs no registry.
    await npm(['pack', '--ignore-scripts', '--pack-destination', folder, '.', './node_modules/fast-json-patch'], root);
    const tarballs = readdirSync(folder).map((name) => path.join(folder, name));
    tarball = tarballs.find((name) => path.basename(name).startsWith('sequelize-audit-')) ?? '';

    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
    await npm(['install', '--offline', '--ignore-scripts', '--legacy-peer-deps', ...tarballs], project);
    // What a project that uses Sequelize has already.
    const frameworks = ['fastify', '@nestjs/common', '@nestjs/core', 'rxjs'];
    for (const name of ['sequelize', 'sqlite3', '@types/node', ...frameworks]) {
      const link = path.join(project, 'node_modules', name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.join(root, 'node_modules', name), link, 'junction');
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a file of the project in a process of its own. */
  async function runFile(name: string, source: string): Promise<unknown> {
    writeFileSync(path.join(project, name), source);
    return JSON.parse(await run(process.execPath, [name], project));
  }

  it('records when it is imported', async () => {
    expect(await runFile('index.mjs', imports + program)).to.deep.equal(printed);
  });

  it('records when it is required', async () => {
    expect(await runFile('index.cjs', requires + program)).to.deep.equal(printed);
  });

  it('records when it is required by a script on the command line', async () => {
    expect(JSON.parse(await run(process.execPath, ['-e', requires + program], project))).to.deep.equal(printed);
  });

  it('records when it is required where require cannot load an ES module, as in a test runner with a loader of its own', async () => {
    const flags = ['--no-experimental-require-module', '-e', requires + program];

    expect(JSON.parse(await run(process.execPath, flags, project))).to.deep.equal(printed);
  });

  it('is one copy for those who import it and those who require it', async () => {
    const both = `
      const required = require('sequelize-audit');
      import('sequelize-audit').then((imported) => {
        console.log(JSON.stringify(Object.keys(imported).map((name) => [name, imported[name] === required[name]])));
      });`;

    expect(await runFile('both.cjs', both)).to.deep.equal([
      ['Audit', true],
      ['AuditError', true],
      ['attachAudit', true],
      ['changesOf', true],
    ]);
  });

  it('serves the viewer, imported and required, where the packages are that it needs', async () => {
    for (const name of ['@hono/node-server', 'diff', 'hono']) {
      const link = path.join(project, 'node_modules', name);
      mkdirSync(path.dirname(link), { recursive: true });
      // Optional dependencies are installed where npm has them in its cache.
      if (!existsSync(link)) symlinkSync(path.join(root, 'node_modules', name), link, 'junction');
    }
    const serve = `
      const sequelize = new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false });
      const viewer = createViewer(attachAudit(sequelize), { authorize: () => true });
      sequelize.sync().then(() => viewer.fetch(new Request('http://localhost/'))).then(({ status }) => console.log(status));`;
    const imported = `${imports}import { createViewer } from 'sequelize-audit/viewer';${serve}`;
    const required = `${requires}const { createViewer } = require('sequelize-audit/viewer');${serve}`;

    expect(await runFile('viewer.mjs', imported)).to.equal(200);
    expect(await runFile('viewer.cjs', required)).to.equal(200);
    const flags = ['--no-experimental-require-module', '-e', required];
    expect(JSON.parse(await run(process.execPath, flags, project))).to.equal(200);
  });

  for (const module of ['node16', 'nodenext']) {
    it(`compiles and records in TypeScript, as ESM and as CommonJS, with module ${module}`, async () => {
      writeFileSync(path.join(project, 'index.mts'), imports + types + program);
      writeFileSync(path.join(project, 'index.cts'), imports + types + program);
      const flags = [
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'es2022',
        '--types',
        'node',
        '--outDir',
        module,
      ];

      const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      await run(process.execPath, [tsc, '--module', module, ...flags, 'index.mts', 'index.cts'], project);

      for (const name of ['index.mjs', 'index.cjs']) {
        const output = await run(process.execPath, [path.join(module, name)], project);
        expect(JSON.parse(output), name).to.deep.equal(printed);
      }
    });
  }

  for (const [name, exported] of Object.entries(subpaths)) {
    it(`has ${name} in one copy for those who import it and those who require it`, async () => {
      const both = `
        const required = require('sequelize-audit/${name}');
        import('sequelize-audit/${name}').then((imported) => {
          console.log(JSON.stringify(Object.keys(imported).map((name) => [name, imported[name] === required[name]])));
        });`;

      expect(await runFile('both.cjs', both)).to.deep.equal(exported.map((export_) => [export_, true]));
    });

    it(`has ${name} where require cannot load an ES module, with the errors of the package`, async () => {
      const program = `
        const { AuditError } = require('sequelize-audit');
        const { auditRequests, ...others } = require('sequelize-audit/${name}');
        let error;
        try { auditRequests(null, {}, (told) => { error = told; }); } catch (thrown) { error = thrown; }
        console.log(JSON.stringify([error instanceof AuditError, Object.keys(others)]));`;
      const flags = ['--no-experimental-require-module', '-e', program];

      const others = exported.filter((export_) => export_ !== 'auditRequests');
      expect(JSON.parse(await run(process.execPath, flags, project))).to.deep.equal([true, others]);
    });
  }

  for (const [module, extension] of [
    ['nodenext', 'mts'],
    ['nodenext', 'cts'],
    ['commonjs', 'ts'],
  ] as const) {
    it(`has types for its frameworks in a file .${extension} with module ${module}`, async () => {
      const file = `requests.${extension}`;
      writeFileSync(path.join(project, file), requestTypes);
      const flags = [
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2022',
        '--types',
        'node',
        '--esModuleInterop',
        '--noEmit',
      ];
      if (module === 'commonjs') flags.push('--moduleResolution', 'bundler');

      const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      await run(process.execPath, [tsc, '--module', module, ...flags, file], project);
    });
  }

  it('needs Sequelize 6.37 as a peer, sqlite3 only for asOf, fast-json-patch, and the rest for its parts alone', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta, optionalDependencies } = JSON.parse(
      readFileSync(path.join(installed, 'package.json'), 'utf8'),
    );

    const { sequelize, ...optional } = peerDependencies;
    expect(sequelize).to.equal('^6.37.0');
    expect(optional).to.deep.equal({
      '@nestjs/common': '>=10.0.0',
      '@nestjs/core': '>=10.0.0',
      fastify: '>=4.10.0',
      rxjs: '>=7.0.0',
      sqlite3: '>=5.0.0',
    });
    expect(peerDependenciesMeta).to.deep.equal(
      Object.fromEntries(Object.keys(optional).map((name) => [name, { optional: true }])),
    );
    expect(Object.keys(dependencies)).to.deep.equal(['fast-json-patch']);
    expect(Object.keys(optionalDependencies)).to.deep.equal(toolsOfWings);
  });

  it('says where the types of its frameworks are to importers that do not read exports, as of older Nest projects', () => {
    const { exports, typesVersions } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    const files = Object.entries<string[]>(typesVersions['*']).map(([name, [file]]) => [name, file]);

    expect(files).to.deep.equal(Object.keys(subpaths).map((name) => [name, exports[`./${name}`].import.types]));
  });

  it('holds the build, its sources, and nothing else', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(installed, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

    const others = files.filter((name) => !/^(dist|lib)\//.test(name));
    expect(others).to.include.members(['LICENSE', 'package.json']);
    expect(['LICENSE', 'README.md', 'package.json']).to.include.members(others);
  });

  it('maps each file of the build to a source that it holds', () => {
    const dist = path.join(installed, 'dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    const built = files.filter((name) => /\.c?[jt]s$/.test(name));

    expect(built).to.include.members(['index.js', 'index.d.ts', 'index.cjs', 'index.d.cts']);
    for (const name of built) {
      const { sources } = JSON.parse(readFileSync(path.join(dist, `${name}.map`), 'utf8')) as { sources: string[] };
      expect(sources, name).to.have.lengthOf(1);
      for (const source of sources) {
        expect(existsSync(path.resolve(dist, path.dirname(name), source)), `${name}: ${source}`).to.equal(true);
      }
    }
  });

  it('has nothing that publint would change', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball));

    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });

    expect(messages).to.deep.equal([]);
  });

  it('has types that resolve for every kind of importer that attw knows of Node 16 and later', async () => {
    const output = await npm(['exec', '--', 'attw', '--no-color', '--profile', 'node16', tarball], root);

    // It ends with an error where it finds a problem.
    expect(output).to.match(/"sequelize-audit\/doctor".*CJS.*ESM/);
  });
});

/** Runs npm, with its own warnings (about the machine's settings, say) left out. */
function npm(args: readonly string[], cwd: string): Promise<string> {
  const isWindows = process.platform === 'win32';
  return execute(isWindows ? 'npm.cmd' : 'npm', args, cwd, isWindows).then(({ stdout }) => stdout);
}

/** Runs a program that has nothing to warn of. */
async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout, stderr } = await execute(file, args, cwd);
  expect(stderr).to.equal('');
  return stdout;
}

function execute(file: string, args: readonly string[], cwd: string, shell = false) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise<{ readonly stdout: string; readonly stderr: string }>((resolve, reject) => {
    execFile(file, args, { cwd, env, shell }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error }));
      else resolve({ stdout, stderr });
    });
  });
}
