import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { QueryTypes, Sequelize } from 'sequelize';
import { Application, library } from '../cli/application.js';
import { blocksOf, read, root } from './pages.js';

const page = read('docs/existing-application.md');
const example = path.join(root, 'docs', 'examples', 'existing');

/** The commands of the page, in order, without that which installs the package. */
const commands = blocksOf(page, 'sh')
  .join('')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('npm install'));

describe('docs/existing-application.md', function () {
  this.timeout(60_000);
  const app = new Application();
  let shop: Shop | null = null;

  after(() => app.remove());
  afterEach(() => shop?.stop());

  /** The files of the shop before or after, which import the package as it is built here. */
  function become(what: 'before' | 'after'): void {
    cpSync(path.join(example, what), app.folder, { recursive: true });
    for (const file of readdirSync(app.folder).filter((name) => name.endsWith('.js'))) {
      const text = readFileSync(app.file(file), 'utf8');
      const inBuild = (name: string) => `'${pathToFileURL(path.join(path.dirname(library), name)).href}'`;
      writeFileSync(
        app.file(file),
        text
          .replace("'sequelize-audit'", inBuild('index.js'))
          .replace("'sequelize-audit/express'", inBuild('requests/express.js')),
      );
    }
  }

  it('shows what differs between the shop before and after, line by line', () => {
    const files = ['models.js', 'package.json', 'app.js'];
    const lines = (what: string, file: string) => readFileSync(path.join(example, what, file), 'utf8').split('\n');
    const [one, two, three] = files.map((file) => [
      ...lines('before', file)
        .filter((line) => !lines('after', file).includes(line))
        .map((line) => `-${line}`),
      ...lines('after', file)
        .filter((line) => !lines('before', file).includes(line))
        .map((line) => `+${line}`),
    ]);

    expect(readdirSync(path.join(example, 'after')).sort()).to.deep.equal([...files].sort());
    expect(blocksOf(page, 'diff').map((block) => block.trimEnd().split('\n'))).to.deep.equal([one, two, three]);
  });

  it('makes of a shop without history one with it, by its commands, which print what stands there', async () => {
    become('before');
    await migrate(app.folder, ['db:migrate']);
    shop = await Shop.start(app.folder);
    await shop.ask('POST', '/customers', { name: 'Ada', apiToken: 'ac3f' });
    for (const product of ['apple', 'pear']) await shop.ask('POST', '/products', { name: product, cents: 1250 });
    await shop.ask('POST', '/orders', { quantity: 2, CustomerId: 1, ProductId: 1 });
    shop.stop();

    become('after');
    const printed: string[] = [];
    for (const command of commands) {
      if (command.startsWith('curl')) {
        shop = await Shop.start(app.folder);
        await shop.curl(command);
        continue;
      }
      const [, program, ...args] = words(command);
      if (program === 'sequelize-cli') {
        await migrate(app.folder, args);
        continue;
      }
      const { stdout, stderr, code } = await app.run(args);
      expect({ command, stderr, code: args[0] === 'diff' ? 0 : code }).to.deep.equal({ command, stderr: '', code: 0 });
      if (!['migration', 'baseline'].includes(args[0] as string)) printed.push(stdout.replace(/"?\d{4}-\S+Z"?/g, '…'));
    }

    expect(printed.join('')).to.equal(blocksOf(page, 'text').join(''));
    expect(await logOf(app.file('shop.sqlite'))).to.deep.equal([
      ['Customer', '1', 'baseline', 'setup'],
      ['Product', '1', 'baseline', 'setup'],
      ['Product', '2', 'baseline', 'setup'],
      ['Order', '1', 'baseline', 'setup'],
      ['Product', '1', 'update', 'ada'],
    ]);
    expect(readFileSync(app.file('shop.sqlite')).includes('"apiToken":"ac3f"')).to.equal(false);
  });
});

/** The shop as a process of its own. */
class Shop {
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(process: ChildProcess, port: string) {
    this.#process = process;
    this.#url = `http://localhost:${port}`;
  }

  static start(folder: string): Promise<Shop> {
    const child = spawn(process.execPath, ['app.js'], { cwd: folder, env: { ...environment(), PORT: '0' } });
    let output = '';
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
          const [, port] = /listening on (\d+)/.exec(output) ?? [];
          if (port) resolve(new Shop(child, port));
        });
      child.on('exit', () => reject(new Error(output)));
    });
  }

  stop(): void {
    this.#process.kill();
  }

  async ask(method: string, at: string, body: object, headers: object = {}): Promise<void> {
    const response = await fetch(`${this.#url}${at}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${at}: ${response.status} ${await response.text()}`);
  }

  /** Does what a line of the page says, without the program. */
  async curl(line: string): Promise<void> {
    const [, , method = '', url = '', , user = '', , , , body = ''] = words(line);
    const [name = '', value = ''] = user.split(': ');
    await this.ask(method, url.replace(/^localhost:3000/, ''), JSON.parse(body) as object, { [name]: value });
  }
}

/** The words of a command line, as a shell reads them. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, plain]) => one ?? two ?? plain ?? '');
}

function migrate(folder: string, args: readonly string[]): Promise<void> {
  const program = path.join(root, 'node_modules', 'sequelize-cli', 'lib', 'sequelize');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, env: environment() }, (error, stdout, stderr) =>
      error ? reject(new Error(`${stdout}${stderr}`, { cause: error })) : resolve(),
    );
  });
}

function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env;
  return env;
}

async function logOf(storage: string): Promise<unknown[][]> {
  const sequelize = new Sequelize({ dialect: 'sqlite', storage, logging: false });
  const sql = 'SELECT modelName, recordId, action, actor FROM AuditLogs ORDER BY id';
  const rows = await sequelize.query<Record<string, unknown>>(sql, { type: QueryTypes.SELECT });
  await sequelize.close();
  return rows.map((row) => Object.values(row));
}
