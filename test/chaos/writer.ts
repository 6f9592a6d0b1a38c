/** The program that is killed: eight writers side by side on one Sequelize instance with the audit attached. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Sequelize, Transaction } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Order, Report, Settings, Word } from './messages.js';
import { defineModels } from './models.js';
import { Random } from './random.js';
import { work } from './work.js';
import { writesOf } from './writes.js';

const writers = 8;

const { options, seed } = JSON.parse(String(process.argv[2])) as Settings;
// Where eight deferred transactions read before they write, SQLite lets hardly any of them through.
const isImmediate = options.dialect === 'sqlite';
const sequelize = new Sequelize({
  ...options,
  ...(isImmediate ? { transactionType: Transaction.TYPES.IMMEDIATE } : {}),
  logging: false,
  // Fewer connections than writers, so that some wait for one when another dies.
  pool: { max: 6 },
});
attachAudit(sequelize);
const models = defineModels(sequelize);

/** Since the last report, and in all. */
let committed = 0;
let total = 0;
let errors: Record<string, number> = {};
let isStopping = false;
/** Writers that have not committed anything yet that they began after the last mark. */
let waiting = new Set<number>();

function say(word: Word): void {
  const report: Report = { word, committed, errors };
  committed = 0;
  errors = {};
  process.send?.(report);
}

function note(writer: number, isMarked: boolean): void {
  committed += 1;
  total += 1;
  if (total === writers) say('alive');
  if (isMarked && waiting.delete(writer) && waiting.size === 0) say('through');
}

async function write(writer: number): Promise<void> {
  const random = new Random(seed * writers + writer);
  const writes = writesOf(models, random);
  while (!isStopping) {
    const isMarked = waiting.has(writer);
    try {
      if (await work(sequelize, writes, random)) note(writer, isMarked);
    } catch (error) {
      const name = nameOf(error);
      errors[name] = (errors[name] ?? 0) + 1;
      // A server that is not there refuses at once.
      await sleep(2);
    }
  }
}

/** The error's own name, the database's code, and the statement that met it. */
function nameOf(error: unknown): string {
  const { name, code, cause, original, sql } = error as {
    name?: string;
    code?: string;
    cause?: unknown;
    original?: { code?: string };
    sql?: string;
  };
  const statement = /^(\w+)/.exec(sql ?? '')?.[1];
  const own = [name, code ?? original?.code, statement].filter((part) => part !== undefined).join(' ');
  return cause ? `${own} < ${nameOf(cause)}` : own;
}

async function run(): Promise<void> {
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  // Resolves only when no connection is held any more.
  await sequelize.close();
  say('done');
  process.disconnect();
}

// Sequelize warns of every transaction that cannot end on a connection that is gone.
console.warn = () => undefined;

process.on('message', (order: Order) => {
  if (order === 'go') void run();
  else if (order === 'stop') isStopping = true;
  else waiting = new Set(Array.from({ length: writers }, (_, writer) => writer));
});

// A killer that is gone itself must not leave writers behind.
process.on('disconnect', () => process.exit());

say('ready');
