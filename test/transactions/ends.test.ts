import { expect } from 'chai';
import { onEachDatabase } from '../setup/suite.js';
import { agrees, entries, world } from './world.js';

onEachDatabase(
  'A transaction whose end is asked for twice at once',
  (database) => {
    // Found by killing connections: two transactions shared one, and the COMMIT of the one kept rows of the other.
    it('gives its connection to one other transaction', async () => {
      const given = await world(database, { pool: { max: 1 } });
      const { sequelize, Note } = given;
      const ending = await sequelize.transaction();
      await Note.create({ title: 'undone' }, { transaction: ending });
      const waiting = [sequelize.transaction(), sequelize.transaction()] as const;
      let isShared = false;
      const last = waiting[1].then((transaction) => {
        isShared = true;
        return transaction;
      });

      await Promise.allSettled([ending.rollback(), ending.rollback()]);
      const next = await waiting[0];
      for (const title of ['a', 'b', 'c']) await Note.create({ title }, { transaction: next });
      const wasShared = isShared;
      await next.commit();
      await (await last).rollback();

      expect(wasShared).to.equal(false);
      expect(await entries(given)).to.have.length(3);
      await agrees(given);
    });
  },
  ({ dialect }) => dialect !== 'sqlite',
);
