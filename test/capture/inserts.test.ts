import { expect } from 'chai';
import { DataTypes } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

onEachDatabase(
  'A row that is given twice to one upsert',
  (database) => {
    it('is recorded once, as the statement leaves it', async () => {
      const sequelize = await connect(database);
      attachAudit(sequelize);
      const Item = sequelize.define(
        'Item',
        { code: { type: DataTypes.STRING, unique: true }, size: DataTypes.INTEGER },
        { timestamps: false },
      );
      await sequelize.sync();
      const twice = (code: string, size: number) => [
        { code, size },
        { code, size: size + 1 },
      ];
      await Item.create({ code: 'old', size: 1 });

      await Item.bulkCreate([...twice('new', 2), ...twice('old', 4)], { updateOnDuplicate: ['size'] });

      expect((await readLog(sequelize)).slice(1).map(({ action, patch }) => [action, patch])).to.have.deep.members([
        ['create', [{ op: 'add', path: '', value: { id: 2, code: 'new', size: 3 } }]],
        [
          'update',
          [
            { op: 'test', path: '/size', value: 1 },
            { op: 'replace', path: '/size', value: 5 },
          ],
        ],
      ]);
    });
  },
  // PostgreSQL refuses it.
  ({ dialect }) => dialect !== 'postgres',
);
