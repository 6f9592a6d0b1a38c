import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic, Op, QueryTypes, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { type LoggedEntry, readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>>;
type Write = (Item: ModelStatic<Row>, options: object, sequelize: Sequelize) => Promise<unknown>;

const { INTEGER, STRING, DATE, JSONB, DOUBLE, DECIMAL } = DataTypes;

const strange = `it's "a" \\ ~/ RETURNING "id" 😀`;
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `${strange} ${index}`, size: index % 7, price: index / 3 }));

/** Writes that are one statement with all their entries. */
const alone: Readonly<Record<string, Write>> = {
  'a bulkCreate': (Item, options) => Item.bulkCreate(rows(40), options),
  'a bulkCreate that gives nothing back': (Item, options) =>
    Item.bulkCreate([{ name: `a RETURNING "id"` }], { ...options, returning: false }),
  'a bulkCreate of keys of its own': (Item, options) => Item.bulkCreate([{ id: 900 }, { id: 800 }], options),
  'an update of all': (Item, options) => Item.update({ price: 7.5 }, { where: {}, ...options }),
  'an update that changes some': (Item, options) =>
    Item.update({ size: 3, secret: 'known' }, { where: { name: { [Op.like]: '%1' } }, ...options }),
  'an update by a list': (Item, options) =>
    Item.update({ name: strange }, { where: { id: [1, 2, 3, 900], size: { [Op.gt]: 0 } }, ...options }),
  'an update by an expression': (Item, options, sequelize) =>
    Item.update({ size: sequelize.literal('size * 2') as never }, { where: { size: { [Op.lt]: 5 } }, ...options }),
  'an update that gives its rows back': (Item, options) =>
    Item.update({ size: 11 }, { where: { id: [5, 4] }, returning: true, ...options }),
  'an update of what nobody has': (Item, options) => Item.update({ size: 1 }, { where: { id: -1 }, ...options }),
  'an update of times': (Item, options) =>
    Item.update({ seenAt: new Date('2026-01-02T03:04:05.6Z') }, { where: {}, ...options }),
  'a destroy of some': (Item, options) => Item.destroy({ where: { name: `${strange} 30` }, ...options }),
  'a destroy of all': (Item, options) => Item.destroy({ where: {}, ...options }),
};

/** Writes that are more than one, with the same entries. */
const general: Readonly<Record<string, Write>> = {
  'an update inside JSON': (Item, options) => Item.update({ data: { a: [2] } }, { where: { id: [1, 2] }, ...options }),
  'an update of keys': (Item, options, sequelize) =>
    Item.update({ id: sequelize.literal('id + 5000') as never }, { where: { id: [1, 2] }, ...options }),
  'an increment': (Item, options) => Item.increment('size', { by: 2, where: { id: [6, 7] }, ...options }),
  'an upsert': (Item, options) => Item.bulkCreate([{ id: 1, size: 9 }], { updateOnDuplicate: ['size'], ...options }),
};

onEachDatabase(
  'A write of many rows that is one statement with its entries',
  (database) => {
    const isPostgres = database.dialect === 'postgres';
    let sent: string[] = [];

    async function prepare(): Promise<[Sequelize, ModelStatic<Row>]> {
      const sequelize = await connect(database, { logging: (sql) => sent.push(sql) });
      attachAudit(sequelize, { models: { Item: { redact: ['secret'] } }, onUnaudited: 'ignore' });
      const Item = sequelize.define<Row>(
        'Item',
        {
          name: STRING,
          size: INTEGER,
          price: DOUBLE,
          secret: STRING,
          seenAt: DATE,
          cost: { type: DECIMAL, defaultValue: '1.50' },
          data: { type: JSONB, defaultValue: { a: [1] } },
        },
        { timestamps: false },
      );
      await sequelize.sync();
      return [sequelize, Item];
    }

    /** What each write gave, wrote and left in the log. */
    async function all(writes: Readonly<Record<string, Write>>, isInTransaction: boolean) {
      const [sequelize, Item] = await prepare();
      await Item.bulkCreate(rows(40));
      const found: Record<string, { readonly answer: unknown; readonly entries: unknown; isOne: boolean }> = {};
      let before = await readLog(sequelize);
      for (const [title, write] of Object.entries(writes)) {
        sent = [];
        const answer = isInTransaction
          ? await sequelize.transaction((transaction) => write(Item, { transaction }, sequelize))
          : await write(Item, {}, sequelize);
        // SQLite is told before who writes.
        const isOne = isPostgres ? sent.length === 1 : !sent.some((sql) => sql.includes(': BEGIN'));
        const log = await readLog(sequelize);
        found[title] = { answer: plain(answer), entries: entriesOf(log.slice(before.length)), isOne };
        before = log;
      }
      const stored = await sequelize.query('SELECT * FROM "Items" ORDER BY id', { type: QueryTypes.SELECT });
      return { found, stored };
    }

    for (const [title, writes, isOne] of [
      ['one statement', alone, true],
      ['more than one', general, false],
    ] as const) {
      it(`leaves the entries that it leaves in a transaction: ${title}`, async () => {
        const once = await all(writes, false);
        const within = await all(writes, true);

        expect(once.stored).to.deep.equal(within.stored);
        for (const [name, { answer, entries, isOne: wasOne }] of Object.entries(once.found)) {
          expect({ answer, entries }, name).to.deep.equal({
            answer: within.found[name]?.answer,
            entries: within.found[name]?.entries,
          });
          if (isPostgres || name !== 'an increment') expect(wasOne, `${name} was one statement`).to.equal(isOne);
        }
      });
    }

    if (!isPostgres) return;

    it('leaves none for rows that a trigger keeps as they were, and what a trigger has changed besides', async () => {
      const [sequelize] = await prepare();
      const Plain = sequelize.define<Row>('Plain', { name: STRING, size: INTEGER }, { timestamps: false });
      await Plain.sync();
      await Plain.bulkCreate(rows(4));
      await Plain.update({ size: 9 }, { where: { id: -1 } });
      await sequelize.query(`CREATE FUNCTION keep() RETURNS trigger AS $$ BEGIN
        IF OLD.size = 2 THEN RETURN NULL; END IF; NEW.name = NEW.size; RETURN NEW; END $$ LANGUAGE plpgsql`);
      await sequelize.query('CREATE TRIGGER keep BEFORE UPDATE ON "Plains" FOR EACH ROW EXECUTE FUNCTION keep()');

      const found = [];
      for (const size of [8, 9]) {
        const { length } = await readLog(sequelize);
        sent = [];
        const [count] = await Plain.update({ size }, { where: {} });
        const statements = sent.length;
        const log = (await readLog(sequelize)).slice(length);
        found.push({
          count,
          isOne: statements === 1,
          patches: log.map(({ recordId, patch }) => [recordId, patch.at(-1), patch.length]),
        });
      }

      const of = (size: number) =>
        ['1', '2', '4'].map((recordId) => [recordId, { op: 'replace', path: '/size', value: size }, 4]);
      // That the table has such a trigger is learnt by the first.
      expect(found).to.deep.equal([
        { count: 3, isOne: false, patches: of(8) },
        { count: 3, isOne: true, patches: of(9) },
      ]);
    });

    it('writes no row that has ceased to fulfil its condition while it was waited for', async () => {
      const [sequelize, Item] = await prepare();
      await Item.bulkCreate(rows(3));
      const other = await sequelize.transaction();
      await sequelize.query('UPDATE "Items" SET size = 50 WHERE id = 2', { transaction: other });
      const update = Item.update({ price: 0 }, { where: { size: { [Op.lt]: 10 } } });
      await waiting(sequelize);
      await other.commit();

      const [count] = await update;

      const log = (await readLog(sequelize)).filter(({ action }) => action === 'update');
      expect(count).to.equal(2);
      expect(log.map(({ recordId }) => recordId)).to.deep.equal(['3']);
    });

    it('is refused by the log as a whole', async () => {
      const [sequelize, Item] = await prepare();
      await Item.bulkCreate(rows(3));
      await sequelize.query('ALTER TABLE "AuditLogs" ADD CHECK ("recordId" <> \'2\') NOT VALID');

      const refused = await Item.update({ price: 1 }, { where: {} }).catch((error: unknown) => error);

      expect((refused as { code?: string }).code).to.equal('ERR_AUDIT_ENTRY_NOT_WRITTEN');
      expect(await Item.count({ where: { price: 1 } })).to.equal(0);
      expect(await readLog(sequelize)).to.have.length(3);
    });

    it('is done in a time that does not grow with the square of its rows, however few PostgreSQL expects', async () => {
      const [sequelize, Item] = await prepare();
      await Item.bulkCreate(rows(1));
      await sequelize.query('ANALYZE "Items"');
      sent = [];
      await Item.update({ price: 1 }, { where: { size: 0, secret: null } as never });
      const [sql] = sent.map((text) => text.replace(/^Executing[^:]*: /, ''));

      const connection = await sequelize.transaction();
      const plan = (await sequelize.query(
        `EXPLAIN (GENERIC_PLAN) ${sql}`,
        // Statements with parameters that nobody gives are not for Sequelize to look at.
        { transaction: connection, raw: true, type: QueryTypes.RAW },
      )) as unknown as [Record<string, string>[]];
      await connection.rollback();

      const text = plan[0].map((line) => line['QUERY PLAN']).join('\n');
      expect(text).to.match(/Full Join/);
      expect(text).to.not.match(/Nested Loop/);
    });
  },
  ({ name, dialect }) => dialect === 'postgres' || name === 'SQLite',
);

/** Resolves when a session waits for a lock. */
async function waiting(sequelize: Sequelize): Promise<void> {
  for (;;) {
    const [found] = await sequelize.query<{ n: string }>(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      { type: QueryTypes.SELECT, logging: false },
    );
    if (Number(found?.n) > 0) return;
  }
}

function plain(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer));
}

/** In the order of the records, as a delete has no order that anybody could rely on. */
function entriesOf(log: readonly LoggedEntry[]): unknown {
  const changesets = new Set(log.map(({ changesetId }) => changesetId));
  const entries = log.map(({ modelName, recordId, action, patch }) => ({ modelName, recordId, action, patch }));
  return { changesets: changesets.size, entries: entries.sort((a, b) => Number(a.recordId) - Number(b.recordId)) };
}
