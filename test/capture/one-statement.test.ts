import { expect } from 'chai';
import {
  DataTypes,
  type Model,
  type ModelAttributes,
  type ModelOptions,
  type ModelStatic,
  type Options,
  QueryTypes,
  Sequelize,
} from 'sequelize';
import { type AuditOptions, attachAudit } from '../../lib/index.js';
import { allCases, inputOf } from '../record/cases/all-cases.js';
import { foldLog, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;
type Values = Readonly<Record<string, unknown>>;

interface Shape {
  readonly attributes: ModelAttributes;
  readonly options?: ModelOptions;
  readonly audit?: AuditOptions;
  /** What is written one after the other; null destroys the row, and what follows restores or creates it. */
  readonly states: readonly (Values | null)[];
  /** Writes that need more than one statement. @default 0 */
  readonly general?: number;
  /** Those on MariaDB, and on PostgreSQL. @default as many as elsewhere */
  readonly generalOnMariadb?: number;
  readonly generalOnPostgres?: number;
}

/** How a write is sent: on MariaDB a third way leaves the entry to JavaScript. */
type Way = 'alone' | 'in a transaction' | 'by JavaScript';

const { INTEGER, STRING, TEXT, UUID, BIGINT, DATE, BOOLEAN, JSONB } = DataTypes;

const strange = `it's "a" \\ ~/ back\nslash é 😀`;

const long = 'é'.repeat(40);

const shapes: Readonly<Record<string, Shape>> = {
  'a model with timestamps': {
    attributes: { name: STRING },
    options: { timestamps: true },
    states: [{ name: 'a' }, { name: 'b' }, { name: 'b' }, { name: null }, null],
  },
  'redacted and excluded attributes': {
    attributes: { name: STRING, secret: STRING, seen: INTEGER },
    audit: { models: { Row: { redact: ['secret'], exclude: ['seen'] } } },
    states: [{ name: 'a', secret: 's', seen: 1 }, { secret: 't' }, { secret: null, name: 'b' }, { seen: 2 }, null],
  },
  'a paranoid model': {
    attributes: { name: STRING },
    options: { paranoid: true, timestamps: true },
    states: [{ name: 'a' }, null, { name: 'b' }, { name: 'c' }, null],
    // Whether an update of deletedAt destroys or restores.
    generalOnMariadb: 3,
  },
  'a paranoid model whose deletedAt is redacted': {
    attributes: { name: STRING },
    options: { paranoid: true, timestamps: true },
    audit: { models: { Row: { redact: ['deletedAt'] } } },
    states: [{ name: 'a' }, null, { name: 'b' }, null],
    generalOnMariadb: 3,
  },
  'a version': {
    attributes: { name: STRING },
    options: { version: true },
    states: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, null],
    // A DELETE that asks for the version, too.
    general: 1,
  },
  'columns of other names': {
    attributes: { firstName: { type: STRING, field: 'first_name' }, odd: { type: STRING, field: 'odd /~ $1' } },
    states: [{ firstName: 'a', odd: 'b' }, { odd: 'c' }, { firstName: strange, odd: strange }, null],
  },
  'attributes of odd names': {
    attributes: {
      ...{ 'a/b~c': STRING, "it's": STRING, __proto: STRING, 'back\\slash': STRING },
      'say "so"': { type: STRING, field: 'said' },
    },
    states: [
      { 'a/b~c': 'a', "it's": strange, __proto: '1', 'back\\slash': '2', 'say "so"': 'so' },
      { 'a/b~c': 'b', 'back\\slash': '3' },
      null,
    ],
  },
  'an attribute of a name that is longer than PostgreSQL keeps': {
    attributes: { [long]: { type: STRING, field: 'short' } },
    states: [{ [long]: 'a' }, { [long]: 'b' }, null],
    // The document has it as a column.
    generalOnPostgres: 2,
  },
  'a composite key': {
    attributes: { left: { type: STRING, primaryKey: true }, right: { type: BIGINT, primaryKey: true }, name: STRING },
    states: [{ left: strange, right: '9007199254740993', name: 'a' }, { name: 'b' }, null],
    // Its text has characters that MariaDB writes in another way.
    generalOnMariadb: 3,
  },
  'a composite key of numbers': {
    attributes: { left: { type: INTEGER, primaryKey: true }, right: { type: BIGINT, primaryKey: true }, name: STRING },
    states: [{ left: -1, right: '9007199254740993', name: 'a' }, { name: 'b' }, null],
  },
  'a key that is a uuid': {
    attributes: { key: { type: UUID, primaryKey: true }, name: STRING },
    states: [{ key: '3F333DF6-90A4-4FDA-8DD3-9485D27CEE36', name: 'a' }, { name: 'b' }, null],
  },
  'a key that is a date': {
    attributes: { key: { type: DATE, primaryKey: true }, name: STRING },
    states: [{ key: new Date('2026-01-02T03:04:05Z'), name: 'a' }, { name: 'b' }, null],
    // Sequelize writes the time into the DELETE in a form of its own.
    general: 1,
    generalOnMariadb: 3,
  },
  'a hundred and twenty columns': {
    attributes: Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`c${index}`, INTEGER])),
    states: [
      Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`c${index}`, index])),
      { c7: 8, c119: 0 },
      null,
    ],
  },
  'a unique column': {
    attributes: { email: { type: STRING, unique: true }, isOn: BOOLEAN, text: TEXT },
    states: [{ email: 'a', isOn: true, text: '' }, { email: 'b', isOn: false }, null],
  },
  'a JSON column that is not written': {
    attributes: { data: JSONB, name: STRING },
    states: [{ data: { a: [1, { b: null }] }, name: 'a' }, { name: 'b' }, { data: { a: [2] } }, { data: null }, null],
    general: 2,
  },
};

onEachDatabase(
  'A write that is one statement with its entry',
  (database) => {
    const isMariadb = database.dialect === 'mariadb';
    const ways: readonly Way[] = ['alone', 'in a transaction', ...(isMariadb ? (['by JavaScript'] as const) : [])];
    let sequelize: Sequelize;
    let sent: string[] = [];

    /** The patches of the same writes, without a transaction and in one, where on other databases JavaScript makes them. */
    async function recorded({
      attributes: given,
      options,
      audit: auditOptions,
      states,
      general = 0,
      generalOnMariadb = general,
      generalOnPostgres = general,
    }: Shape): Promise<unknown[][]> {
      sequelize = await database.connect({ logging: (sql) => sent.push(sql) });
      try {
        const audit = attachAudit(sequelize, auditOptions ?? {});
        const attributes = Object.fromEntries(
          Object.entries(given).map(([name, type]) => {
            if (!isMariadb) return [name, type];
            // A JSONB is of PostgreSQL, and Sequelize takes $1 for a value here.
            const isOdd = typeof type === 'object' && 'field' in type && name === 'odd';
            return [name, type === JSONB ? DataTypes.JSON : isOdd ? { type: STRING, field: 'odd /~, =' } : type];
          }),
        );
        const Row = sequelize.define<Row>('Row', attributes, { timestamps: false, ...options });
        const patches = [];
        for (const way of ways) {
          const isInTransaction = way !== 'alone';
          await sequelize.sync({ force: true });
          // Where warnings are shown, no statement of ours is in the place of Sequelize's.
          const silent = { silent: true, showWarnings: way === 'by JavaScript' };
          let row: Row | null = null;
          sent = [];
          for (const state of states) {
            const write = async (transaction: never) => {
              if (state === null) await row?.destroy({ transaction, ...silent } as never);
              else if (!row)
                row = await Row.create({ ...fixed(options), ...state }, { transaction, ...silent } as never);
              else {
                if (options?.paranoid && row.get('deletedAt')) await row.restore({ transaction, ...silent } as never);
                await row.update(state, { transaction, ...silent });
              }
            };
            await (isInTransaction
              ? sequelize.transaction((transaction) => write(transaction as never))
              : write(undefined as never));
          }
          const { length } = sent.filter((sql) =>
            /: (BEGIN NOT ATOMIC )?(START|BEGIN IMMEDIATE) TRANSACTION/.test(sql),
          );
          const rows = await audit.AuditLog.findAll({ order: ['id'], raw: true });
          patches.push(
            rows.map(({ modelName, recordId, action, patch }) => ({
              modelName,
              recordId,
              action,
              patch: timeless(patch),
            })),
          );
          const isPostgres = database.dialect === 'postgres';
          const expected = isMariadb ? generalOnMariadb : isPostgres ? generalOnPostgres : general;
          if (!isInTransaction) expect(length, 'writes of more than one statement').to.equal(expected);
          const blocks = sent.filter((sql) => /: BEGIN NOT ATOMIC DECLARE/.test(sql)).length;
          if (isMariadb) expect(blocks > 0, 'blocks').to.equal(way !== 'by JavaScript' && expected < states.length);
        }
        return patches;
      } finally {
        await sequelize.close();
      }
    }

    for (const [title, shape] of Object.entries(shapes)) {
      it(`leaves the entry that it would leave in a transaction: ${title}`, async () => {
        const [alone, ...others] = await recorded(shape);

        for (const other of others) expect(alone).to.deep.equal(other);
        expect(alone).to.have.length.above(1);
      });
    }

    it('leaves that entry for every value of every type', async function () {
      this.timeout(120_000);
      sequelize = await database.connect();
      const audit = attachAudit(sequelize);
      const differences: string[] = [];
      let entries = 0;
      for (const { title, type, values, on, extension } of allCases) {
        if (extension || (on && !on.includes(database.dialect))) continue;
        const Row = sequelize.define<Row>('Row', { value: type }, { timestamps: false });
        const logs: unknown[][] = [];
        await sequelize.sync({ force: true });
        for (const way of ways) {
          const isInTransaction = way !== 'alone';
          const shown = { showWarnings: way === 'by JavaScript' };
          const write = <T>(task: (transaction: never) => Promise<T>) =>
            isInTransaction
              ? sequelize.transaction((transaction) => task(transaction as never))
              : task(undefined as never);
          const row = await write((transaction) => Row.create({ value: null }, { transaction, ...shown } as object));
          for (const given of [...values, null]) {
            row.set('value', inputOf(given));
            row.changed('value' as never, true);
            await write((transaction) => row.save({ transaction, ...shown } as object));
          }
          await write((transaction) => row.destroy({ transaction, ...shown } as object));
          const id = String(row.get('id'));
          const entries = (await readLog(sequelize)).filter(({ recordId }) => recordId === id);
          logs.push(entries.map(({ patch }) => JSON.stringify(patch).replaceAll(`"id":${id}`, '"id":0')));
        }
        await audit.AuditLog.count();
        entries += logs[0]?.length ?? 0;
        const texts = logs.map((log) => JSON.stringify(log));
        if (new Set(texts).size > 1) differences.push(title, ...texts);
        (sequelize as unknown as { modelManager: { removeModel(model: unknown): void } }).modelManager.removeModel(Row);
      }
      await sequelize.close();

      expect(differences).to.deep.equal([]);
      expect(entries).to.be.above(200);
    });

    describe('that is refused', () => {
      const connectWith = async (isAudited: boolean) => {
        sequelize = await connect(database);
        if (isAudited) attachAudit(sequelize, { onUnaudited: 'ignore' });
        const Row = sequelize.define<Row>('Row', { name: { type: STRING(5), unique: true } }, { timestamps: false });
        await sequelize.sync();
        return Row;
      };
      const caught = (promise: Promise<unknown>) =>
        promise.then(
          () => null,
          (error: unknown) => error as Error & { parent?: { code?: string } },
        );

      if (database.dialect !== 'postgres') return;
      for (const [title, write] of Object.entries({
        'for a value that is taken': async (Row: ModelStatic<Row>) => {
          await Row.create({ name: 'a' });
          return Row.create({ name: 'a' });
        },
        'for a text that is too long': async (Row: ModelStatic<Row>) =>
          (await Row.create({ name: 'a' })).update({ name: 'a text' }),
      })) {
        it(`gives the error that it gives without us, ${title}, and draws no number more`, async () => {
          const errors = [];
          for (const isAudited of [false, true]) {
            const Row = await connectWith(isAudited);
            const { name, message, parent } = (await caught(write(Row))) as Error & { parent: { code: string } };
            errors.push({ name, message, code: parent.code, next: (await Row.create({ name: 'next' })).get('id') });
          }

          expect(errors[1]).to.deep.equal(errors[0]);
        });
      }

      it('is refused by the log as in a transaction, and leaves nothing', async () => {
        const Row = await connectWith(true);
        const row = await Row.create({ name: 'a' });
        await sequelize.query('ALTER TABLE "AuditLogs" ADD CHECK ("action" = \'create\') NOT VALID');

        const refused = await caught(row.update({ name: 'b' }));
        await sequelize.query('DROP TABLE "AuditLogs"');
        const unknown = await caught(Row.create({ name: 'c' }));

        expect(
          [refused, unknown].map((error) => [error?.name, (error as unknown as { code: string }).code]),
        ).to.deep.equal(Array(2).fill(['AuditError', 'ERR_AUDIT_ENTRY_NOT_WRITTEN']));
        expect(await sequelize.query('SELECT name FROM "Rows"', { type: QueryTypes.SELECT })).to.deep.equal([
          { name: 'a' },
        ]);
      });
    });

    it('is not done again when a logger throws after it', async () => {
      let throws = 0;
      sequelize = await connect(database, {
        benchmark: true,
        logging: (sql) => {
          if (throws > 0 && /INSERT INTO .Rows./.test(sql)) {
            throws -= 1;
            throw new Error('the logger');
          }
        },
      });
      attachAudit(sequelize);
      const Row = sequelize.define<Row>('Row', { name: STRING }, { timestamps: false });
      await sequelize.sync();
      await Row.create({ name: 'warm' });
      throws = 1;

      const error = await Row.create({ name: 'logged' }).catch((caught: unknown) => caught);

      expect(String(error)).to.include('the logger');
      expect(foldLog(await readLog(sequelize))).to.deep.equal(await readTables([Row]));
      expect(await Row.count()).to.equal(2);
    });

    it('goes on when another connection changes the table under it', async function () {
      if (database.dialect !== 'postgres') this.skip();
      sequelize = await connect(database);
      const audit = attachAudit(sequelize);
      const Row = sequelize.define<Row>('Row', { name: STRING, size: INTEGER }, { timestamps: false });
      await sequelize.sync();
      const row = await Row.create({ name: 'a', size: 1 });
      await row.update({ size: 2 });
      await sequelize.transaction((transaction) => row.update({ size: 1, name: 'b' }, { transaction }));
      const other = new Sequelize({ ...(sequelize as unknown as { options: Options }).options, hooks: {} });
      await other.query('ALTER TABLE "Rows" ALTER COLUMN size TYPE text, ADD COLUMN more integer');
      await other.close();

      await row.update({ size: 3 });
      const inTransaction = () =>
        sequelize.transaction((transaction) => row.update({ size: 5, name: 'c' }, { transaction }));
      await inTransaction().catch(inTransaction);
      await Row.create({ name: 'b', size: 4 });
      await row.destroy();

      const actions = (await audit.AuditLog.findAll({ order: ['id'] })).map(({ action }) => action);
      expect(actions).to.deep.equal(['create', 'update', 'update', 'update', 'update', 'create', 'destroy']);
    });
  },
  ({ name, dialect }) => ['postgres', 'mariadb'].includes(dialect) || name === 'SQLite',
);

function fixed(options: ModelOptions | undefined): Values {
  return options?.timestamps ? { createdAt: new Date(0), updatedAt: new Date(0) } : {};
}

/** A destroy writes the time it happens at. */
function timeless(patch: unknown): unknown {
  const text = typeof patch === 'string' ? patch : JSON.stringify(patch);
  return JSON.parse(text.replaceAll(/"20\d\d-\d\d-\d\dT[^"]*Z"/g, '"now"'));
}
