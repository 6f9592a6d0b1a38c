/** A process of its own that writes the records of a test: `node writer.ts <options> <turns>`. */
import { Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import { defineCounter, insisting, write } from './counters.js';

const [, , options, turns] = process.argv as unknown as [string, string, string, string];
const sequelize = new Sequelize({ ...JSON.parse(options), logging: false });
attachAudit(sequelize);
const Counter = defineCounter(sequelize);
console.warn = () => undefined;

await Promise.all(
  [0, 1, 2, 3].map(async (writer) => {
    for (let turn = writer; turn < writer + Number(turns); turn += 1) {
      await insisting(() =>
        turn % 2
          ? write(Counter, 1, turn, {})
          : sequelize.transaction((transaction) => write(Counter, 1, turn, { transaction })),
      );
    }
  }),
);
await sequelize.close();
