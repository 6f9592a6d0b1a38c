import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { emptyWorld, isPossible, type Session, withSession } from '../oracle/session.js';
import { type Document, type Snapshot, snapshot } from '../oracle/snapshot.js';
import { programs, type Step } from '../programs/program.js';
import { endAll, runStep } from '../programs/run.js';
import { schemas } from '../programs/schema.js';
import { onEachDatabase } from '../setup/suite.js';
import { instant } from './as-of-world.js';

const seed = Number(process.env.AUDIT_TEST_SEED ?? 1);
const runs = Number(process.env.AUDIT_TEST_RUNS ?? 5);

/** The tables by plain SQL at one moment. */
interface Moment {
  readonly at: Date;
  readonly tables: Snapshot;
}

onEachDatabase('audit.asOf after random programs', (database) => {
  it(`holds the tables of every moment, ${runs} times from seed ${seed}`, async function () {
    this.timeout(runs * 20_000);
    let pasts = 0;
    let rows = 0;
    const samples = fc.sample(
      schemas(database.dialect).chain((schema) =>
        programs(schema, database.dialect).map((program) => ({ schema, program })),
      ),
      { seed, numRuns: runs },
    );

    for (const { schema, program } of samples) {
      if (!(await isPossible(database, schema))) continue;
      await withSession(database, schema, async (session) => {
        for (const { at, tables } of await run(session, program)) {
          const past = await session.audit.asOf(at);
          const found = await readPast(past, session);
          await past.close();

          const where = `${at.toISOString()} of ${JSON.stringify(program)}`;
          expect([...found.keys()].sort(), where).to.deep.equal([...tables.keys()].sort());
          for (const [name, document] of tables) check(session, name, found.get(name) as Document, document);
          await compareHistories(session, at, found);
          pasts += 1;
          rows += tables.size;
        }
      });
    }

    expect(pasts).to.be.greaterThan(runs / 2);
    expect(rows).to.be.greaterThan(runs);
  });
});

/** Runs a program, and stops to look wherever no transaction is open. */
async function run(session: Session, program: readonly Step[]): Promise<Moment[]> {
  const world = await emptyWorld(session);
  const moments: Moment[] = [];
  const look = async () => {
    if (world.transactions.length > 0) return;
    moments.push({ tables: await snapshot(session.sequelize, session.models, null), at: await instant() });
  };
  for (const step of program) {
    const outcome = await runStep(world, step);
    if ('error' in outcome && world.transactions.length > 0) await endAll(world, 'rollback');
    await look();
  }
  await endAll(world, 'commit');
  await look();
  return moments;
}

async function readPast(past: Sequelize, { models }: Session): Promise<Map<string, Document>> {
  const found = new Map<string, Document>();
  for (const [name, origin] of Object.entries(models)) {
    for (const row of await (past.model(name) as ModelStatic<Model>).unscoped().findAll({ paranoid: false })) {
      const values = row.get() as Document;
      const key = origin.primaryKeyAttributes.map((attribute) => textOf(origin, attribute, values[attribute]));
      found.set(`${name} ${key.length > 1 ? JSON.stringify(key) : String(key[0])}`, values);
    }
  }
  return found;
}

/** Compares what Sequelize reads from the past with what plain SQL printed then. */
function check({ models }: Session, name: string, values: Document, expected: Document): void {
  const model = models[name.split(' ')[0] as string] as ModelStatic<Model>;
  for (const [attribute, value] of Object.entries(expected)) {
    const key = keyOf(model, attribute);
    const isIso = /^\d{4}-.*Z$/.test(String(value));
    // What SQLite and MySQL hold that is no date, Sequelize reads as none either.
    if (key === 'DATE' && value !== null && !isIso) continue;
    const isNumber = ['BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE PRECISION'].includes(key) && value !== null;
    const plain = (each: unknown) => (isNumber ? Number(each) : textOf(model, attribute, each));
    expect(plain(values[attribute]), `${name}.${attribute}`).to.deep.equal(plain(value));
  }
}

/** What the history of each record says is what the past holds. */
async function compareHistories(
  { audit, models }: Session,
  at: Date,
  found: ReadonlyMap<string, Document>,
): Promise<void> {
  const seen = new Set((await audit.AuditLog.findAll()).map(({ modelName, recordId }) => `${modelName} ${recordId}`));
  for (const name of [...seen].slice(0, 5)) {
    const [modelName = '', ...rest] = name.split(' ');
    const model = models[modelName] as ModelStatic<Model>;
    const id = rest.join(' ');
    const keys = model.primaryKeyAttributes;
    const parts = keys.length > 1 ? (JSON.parse(id) as unknown[]) : [id];
    const key = Object.fromEntries(keys.map((attribute, index) => [attribute, parts[index]]));
    const then = await audit.history(model, key).at(at);
    const values = found.get(name);
    // A record that is softly destroyed is null to its history, and a row to the past.
    if (then === null) expect(values === undefined || isDeleted(model, values), name).to.equal(true);
    else if (!isDeepStrictEqual(then.get(), values)) expect(values, name).to.deep.equal(then.get());
  }
}

function isDeleted(model: ModelStatic<Model>, values: Document): boolean {
  return model.options.paranoid === true && values.deletedAt !== null;
}

function keyOf(model: ModelStatic<Model>, attribute: string): string {
  const attributes = model.getAttributes() as unknown as Record<string, { type: { key: string } }>;
  return attributes[attribute]?.type.key ?? '';
}

function textOf(model: ModelStatic<Model>, attribute: string, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return keyOf(model, attribute) === 'BIGINT' && value !== null ? String(value) : value;
}
