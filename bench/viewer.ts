/**
 * Loads each page of the viewer over a log of many entries, and prints its time and size.
 * `node --import tsx bench/viewer.ts [entries] [sqlite|postgres|mariadb]…`
 */
import { DataTypes, type Model, type ModelStatic, QueryTypes } from 'sequelize';
import { attachAudit } from '../lib/index.js';
import { createViewer, type ViewerAccess } from '../lib/viewer/index.js';
import { databases, findMariadb, stopAll } from '../test/setup/databases.js';
import { fillLog } from '../test/setup/fill-log.js';

const [given = '1000000', ...asked] = process.argv.slice(2);
const count = Number(given);
const chosen = asked.length > 0 ? asked : ['sqlite', 'postgres'];
const middle = Math.floor(count / 2);

/** An actor of `fillLog` with a thousandth of the entries, and nobody with a twentieth. */
const pages: Readonly<Record<string, string>> = {
  'what changed lately': '/',
  'the page from the middle': `/?after=${middle}`,
  'by model (no index)': '/?model=Rare',
  'by action (no index), few at the end': '/?action=create',
  'by attribute (no index)': '/?attribute=email',
  'by actor': '/?actor=user:5',
  'by actor, attribute and action': '/?actor=user:5&attribute=email&action=update',
  'by nobody': '/?nobody=1',
  'by time, a day': '/?since=2024-03-01&until=2024-03-01',
  'by time, the first half': '/?until=2024-06-20',
  'by time, model and attribute': '/?since=2024-02-01&until=2024-03-01&model=Rare&attribute=email',
  'by text that is nowhere': '/?text=nowhere',
  'by text, actor and model': '/?text=nowhere&actor=user:5&model=User',
  'a timeline of 1,000 revisions': '/record?model=Product&id=10000002',
  'a record as it was': '/record/at?model=Product&id=10000002&point=1000',
  'two points compared': '/record/compare?model=Product&id=10000002&from=1&to=1000',
  blame: '/record/blame?model=Product&id=10000002',
  'an entry': `/entry?id=${middle}`,
  'a changeset of 999 entries': '/changeset?id=',
  'an actor, with the chart': '/actor?name=user:5',
  'nobody, with the chart': '/actor?nobody=1',
  'revert, the preview': '/revert?model=Product&id=10000002&point=5',
};

const narrowed: ViewerAccess = {
  models: ['User', 'Rare'],
  records: (_, recordIds) => recordIds.filter((recordId) => Number(recordId) % 3 === 0),
};

await findMariadb();
for (const database of databases.filter(
  ({ name, dialect }) => chosen.includes(dialect) && name !== 'SQLite in memory',
)) {
  const sequelize = await database.connect({ pool: { max: 1 } });
  const audit = attachAudit(sequelize);
  for (const name of ['Product', 'User', 'Order', 'Rare'])
    sequelize.define(
      name,
      { name: DataTypes.STRING, stock: DataTypes.INTEGER, email: DataTypes.STRING, updatedAt: DataTypes.DATE },
      { timestamps: false },
    );
  await sequelize.sync();
  await fillLog(sequelize, count);
  await sequelize.query(database.dialect === 'mariadb' ? 'ANALYZE TABLE AuditLogs' : 'ANALYZE', {
    type: QueryTypes.SELECT,
  });
  // What `fillLog` writes does not fit together; this does, and is long.
  const Product = sequelize.models.Product as ModelStatic<Model>;
  const product = await Product.create({ id: 10_000_002, stock: 0 });
  await sequelize.transaction(async (transaction) => {
    for (let stock = 1; stock < 1000; stock += 1) await product.update({ stock }, { transaction });
  });
  const [entry] = await audit.entries({ limit: 1 });
  console.log(`\n## ${database.name}, ${count} entries\n`);
  console.log('| page | status | bytes | ms, all | ms, narrowed to records |\n|---|---|---|---|---|');
  for (const [title, path] of Object.entries(pages)) {
    const whole = path.endsWith('?id=') ? `${path}${entry?.changesetId}` : path;
    const all = await load({ actor: 'a' }, whole);
    const part = await load({ actor: 'a', ...narrowed }, whole);
    console.log(`| ${title} | ${all.status} | ${all.bytes} | ${all.times} | ${part.times} |`);
  }
  await sequelize.close();

  async function load(access: ViewerAccess, path: string) {
    const viewer = createViewer(audit, { authorize: () => access, write: true });
    const times: string[] = [];
    let response = new Response();
    let bytes = 0;
    for (let run = 0; run < 2; run += 1) {
      const begin = performance.now();
      response = await viewer.fetch(new Request(`http://localhost${path}`));
      bytes = (await response.arrayBuffer()).byteLength;
      times.push((performance.now() - begin).toFixed(0));
    }
    return { status: response.status, bytes, times: times.join(', ') };
  }
}
await stopAll();
