import { expect } from 'chai';
import { DataTypes, literal, type Model } from 'sequelize';
import { AuditError, attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { storedText } from './stored-text.js';

type Note = Model & { id: number; data: unknown };

/** What a document cannot hold, or only as Sequelize itself reads it: each of these is a sentence of docs. */
onEachDatabase('The values of a document', (database) => {
  it('have numbers inside JSON as doubles, as Sequelize reads them', async () => {
    const { Note, audit } = await setUp(database, DataTypes.JSON);
    const { id } = await Note.create({ data: literal(`'{"n":12345678901234567890,"d":1.10}'`) });

    const found = await Note.findByPk(id);

    expect(found?.data).to.deep.equal({ n: 12345678901234567000, d: 1.1 });
    expect((await audit.history(Note, id).at(1))?.data).to.deep.equal(found?.data);
  });

  it('have an SQL NULL and a JSON null as one, as Sequelize reads them', async () => {
    const { sequelize, Note, audit } = await setUp(database, DataTypes.JSON);
    const note = await Note.create({ data: literal("'null'") });
    const json = await storedText(sequelize, 'Notes', note.id, 'text', 'data');
    note.set('data' as never, null as never);
    note.changed('data' as never, true);
    await note.save();
    const sql = await storedText(sequelize, 'Notes', note.id, 'text', 'data');

    expect([json, sql]).to.deep.equal([database.dialect === 'sqlite' ? 'text 6E756C6C' : 'null', null]);
    expect((await Note.findByPk(note.id))?.data).to.equal(null);
    expect(await audit.history(note).revisions()).to.have.lengthOf(1);
  });
});

onEachDatabase(
  'The log in JSONB',
  (database) => {
    for (const [title, data] of [
      ['a NUL', { a: '\u0000' }],
      ['half a surrogate pair', { a: '\ud800' }],
    ] as const) {
      it(`cannot hold ${title}, which a column of the type JSON can: such a write is refused with its row`, async () => {
        const { Note, audit } = await setUp(database, DataTypes.JSON);

        const error = await Note.create({ data }).catch((thrown: unknown) => thrown);

        expect(error).to.be.instanceOf(AuditError).with.property('code', 'ERR_AUDIT_ENTRY_NOT_WRITTEN');
        expect([await Note.count(), await audit.AuditLog.count()]).to.deep.equal([0, 0]);
      });
    }
  },
  ({ dialect }) => dialect === 'postgres',
);

onEachDatabase(
  'A GEOMETRY of MySQL',
  (database) => {
    it('is without its SRID, which Sequelize neither reads nor writes', async () => {
      const { Note, audit } = await setUp(database, DataTypes.GEOMETRY);
      const { id } = await Note.create({ data: literal("ST_GeomFromText('POINT(1 2)', 4326)") });

      const past = await audit.history(Note, id).at(1);

      expect(past?.data).to.deep.equal({ type: 'Point', coordinates: [1, 2] });
      expect((await Note.findByPk(id))?.data).to.deep.equal(past?.data);
    });
  },
  ({ dialect }) => dialect === 'mariadb' || dialect === 'mysql',
);

onEachDatabase(
  'The log of MySQL',
  (database) => {
    it('cannot hold the name of a record beyond 255 characters: such a write is refused with its row', async () => {
      const sequelize = await connect(database);
      const audit = attachAudit(sequelize);
      const key = { type: DataTypes.STRING(150), primaryKey: true };
      const Pair = sequelize.define('Pair', { a: key, b: key }, { timestamps: false });
      await sequelize.sync();

      const error = await Pair.create({ a: 'a'.repeat(150), b: 'b'.repeat(150) }).catch((thrown: unknown) => thrown);

      expect(error).to.be.instanceOf(AuditError).with.property('code', 'ERR_AUDIT_ENTRY_NOT_WRITTEN');
      expect([await Pair.count(), await audit.AuditLog.count()]).to.deep.equal([0, 0]);
    });
  },
  ({ dialect }) => dialect === 'mariadb' || dialect === 'mysql',
);

async function setUp(database: Database, type: typeof DataTypes.JSON | typeof DataTypes.GEOMETRY) {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const Note = sequelize.define<Note>('Note', { data: type }, { timestamps: false });
  await sequelize.sync();
  return { sequelize, audit, Note };
}
