import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** Begins transactions that nobody ends, and counts those that are still in memory after garbage collection. */
const program = (library: string) => `
  import { DataTypes, Sequelize } from 'sequelize';
  import { attachAudit } from '${library}';
  const sequelize = new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false });
  const audit = attachAudit(sequelize);
  const Note = sequelize.define('Note', { title: DataTypes.STRING });
  await sequelize.sync();
  const queryInterface = sequelize.getQueryInterface();
  let alive = 0;
  const registry = new FinalizationRegistry(() => { alive -= 1; });
  for (let count = 0; count < 300; count += 1) {
    const transaction = await sequelize.transaction();
    await Note.create({ title: 'x'.repeat(1000) }, { transaction });
    alive += 1;
    registry.register(transaction, null);
    // As when its connection is lost: nobody will commit it or roll it back.
    await sequelize.query('ROLLBACK');
  }
  for (let turn = 0; turn < 20 && alive > 5; turn += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(alive);
`;

describe('Transactions that are never finished', () => {
  it('are not kept in memory', async function () {
    this.timeout(60_000);
    const library = pathToFileURL(new URL('../../lib/index.ts', import.meta.url).pathname).href;

    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program(library)],
      { encoding: 'utf8' },
    );

    expect(Number(stdout)).to.be.at.most(5);
  });
});
