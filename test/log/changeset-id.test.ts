import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

/** RFC 9562 §5.7: 48 bits of milliseconds, then the version, the variant and random bits. */
const form = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const timeOf = (id: string) => Number.parseInt(id.replace(form, '$1$2'), 16);

onEachDatabase('The id of a changeset', (database) => {
  for (const capture of ['complete', 'hooks'] as const) {
    it(`begins with its time, and is no other's, with capture: '${capture}'`, async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize, { capture, onUnaudited: 'ignore' });
      const Note = sequelize.define('Note', { title: DataTypes.STRING }, { timestamps: false });
      await sequelize.sync();
      const start = Date.now();

      const note = await Note.create({ title: 'one' });
      await note.update({ title: 'two' });
      await sequelize.transaction((transaction) => note.update({ title: 'three' }, { transaction }));
      await Promise.all(['a', 'b', 'c'].map((title) => Note.create({ title })));
      await Note.bulkCreate([{ title: 'd' }], { individualHooks: true });

      const ids = (await readLog(sequelize)).map(({ changesetId }) => changesetId);
      expect(ids).to.have.length(7);
      expect(new Set(ids).size).to.equal(7);
      for (const id of ids) {
        expect(id).to.match(form);
        // The database's clock is this machine's, of which it keeps the millisecond that has begun or the next.
        expect(timeOf(id)).to.be.within(start - 1, Date.now() + 1);
      }
    });
  }
});
