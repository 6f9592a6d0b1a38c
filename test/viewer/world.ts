/** A small shop with a history that is the same each time, and requests for its viewer. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import { createViewer, type Viewer, type ViewerAccess, type ViewerOptions } from '../../lib/viewer/index.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

export interface World {
  readonly sequelize: Sequelize;
  readonly audit: Audit;
  readonly User: ModelStatic<Any>;
  readonly Product: ModelStatic<Any>;
  readonly Price: ModelStatic<Any>;
}

/** The models alone, without rows. */
export async function emptyWorld(sequelize: Sequelize): Promise<World> {
  const audit = attachAudit(sequelize, {
    models: { User: { redact: ['passwordHash'] } },
    onUnaudited: 'ignore',
  });
  const User = sequelize.define<Any>(
    'User',
    {
      name: DataTypes.STRING,
      email: { type: DataTypes.STRING, unique: true },
      passwordHash: DataTypes.STRING,
    },
    { timestamps: false },
  );
  const Product = sequelize.define<Any>(
    'Product',
    {
      name: { type: DataTypes.STRING, validate: { notEmpty: true } },
      description: DataTypes.TEXT,
      stock: DataTypes.INTEGER,
      isListed: DataTypes.BOOLEAN,
      settings: DataTypes.JSON,
    },
    { timestamps: false },
  );
  const Price = sequelize.define<Any>(
    'Price',
    {
      country: { type: DataTypes.STRING(2), primaryKey: true },
      sku: { type: DataTypes.STRING(20), primaryKey: true },
      cents: DataTypes.INTEGER,
    },
    { timestamps: false },
  );
  await sequelize.sync();
  return { sequelize, audit, User, Product, Price };
}

const [early, late] = [
  'A light tent for two people. It weighs 1.9 kg and stands up to wind and rain. The poles are of aluminium, and the floor keeps the water out up to a column of three metres. Two doors, two vestibules, and room for a dog.',
  'A light tent for two people. It weighs 1.7 kg and stands up to storm and rain. The poles are of carbon, and the floor keeps the water out up to a column of five metres. Two doors, two vestibules, and room for a dog.',
];

/** 18 entries of four records, by three actors and by nobody. */
export async function filledWorld(sequelize: Sequelize): Promise<World> {
  const world = await emptyWorld(sequelize);
  const { audit, User, Product, Price } = world;
  const as = <T>(actor: string, run: () => Promise<T>, reason?: string, meta?: Record<string, unknown>) =>
    audit.run({ actor, reason, meta }, run);

  const ben = await User.create({ name: 'Ben', email: 'ben@example.org', passwordHash: 'x1' });
  await as('user:ada', () => ben.update({ email: 'ben@shop.example' }), 'He has a new address');
  const tent = await as('import', () =>
    Product.create({
      name: 'Tent “Fjell”',
      description: early,
      stock: 12,
      isListed: false,
      settings: { colors: ['green', 'grey'], shipping: { weight: 1900, fragile: false }, tags: ['outdoor'] },
    }),
  );
  await as(
    'import',
    () =>
      Price.bulkCreate([
        { country: 'de', sku: 'TENT-2', cents: 34_900 },
        { country: 'no', sku: 'TENT-2', cents: 41_500 },
      ]),
    'Nightly import',
    { requestId: 'r-7' },
  );
  await as('user:ben', () => tent.update({ stock: 11 }));
  await as('user:ada', () => tent.update({ description: late, isListed: true }), 'New edition for spring', {
    requestId: 'r-9',
  });
  await as('user:ada', () =>
    tent.update({
      settings: {
        colors: ['green', 'sand', 'grey'],
        shipping: { weight: 1700, fragile: false },
        tags: ['outdoor', 'new'],
      },
    }),
  );
  await as('user:ben', () => ben.update({ passwordHash: 'x2', name: 'Ben Olsen' }));
  const lamp = await as('user:ben', () =>
    Product.create({ name: 'Lamp', description: '', stock: 40, isListed: true, settings: null }),
  );
  await as(
    'user:ada',
    () =>
      sequelize.transaction(async (transaction) => {
        await tent.update({ stock: 9 }, { transaction });
        await lamp.update({ stock: 38 }, { transaction });
        await Price.update({ cents: 29_900 }, { where: { country: 'de' }, transaction });
      }),
    'Order 1207',
    { requestId: 'r-12', order: 1207 },
  );
  for (const stock of [36, 33, 30]) await as('user:ben', () => lamp.update({ stock }));
  await as('user:ben', () => lamp.destroy(), 'No longer made');
  await settle(world);
  return world;
}

/** Gives the entries times and changesets that are the same each time: some on a day, over two weeks. */
async function settle({ sequelize, audit }: World): Promise<void> {
  const rows = await audit.AuditLog.findAll({ order: [['id', 'ASC']] });
  const changesets = [...new Set(rows.map(({ changesetId }) => changesetId))];
  const days = [2, 3, 3, 4, 4, 5, 9, 9, 11, 12, 12, 13, 13, 16, 16];
  for (const row of rows) {
    const index = changesets.indexOf(row.changesetId);
    const at = new Date(Date.UTC(2026, 2, days[index] ?? 16, 8 + (index % 9), (index * 17) % 60, (index * 7) % 60));
    const uuid = `${String(index).padStart(8, '0')}-5a2e-4c1b-9d3f-7b60c1e5a942`;
    await sequelize.query('UPDATE AuditLogs SET createdAt = ?, changesetId = ? WHERE id = ?', {
      replacements: [at, uuid, row.id],
    });
  }
}

/** A viewer of which everybody sees all, unless `access` narrows it. */
export function viewerOf(
  { audit }: Pick<World, 'audit'>,
  access: ViewerAccess | boolean = { actor: 'user:ada' },
  options: Partial<ViewerOptions> = {},
): Viewer {
  return createViewer(audit, {
    authorize: () => access,
    onError: (error) => {
      throw error;
    },
    ...options,
  });
}

const origin = 'http://localhost';

export interface Loaded {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Loads a page. */
export async function load(viewer: Viewer, path: string, init?: RequestInit): Promise<Loaded> {
  const response = await viewer.fetch(new Request(`${origin}${path}`, init));
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Sends a form as the browser would from a page of ours. */
export function send(
  viewer: Viewer,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { 'Sec-Fetch-Site': 'same-origin' },
): Promise<Loaded> {
  return load(viewer, path, { method: 'POST', body: new URLSearchParams(fields), headers });
}

/** What stands in the hidden fields of the form of a page. */
export function fieldsOf(html: string): Record<string, string> {
  const found = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  return Object.fromEntries(found.map(([, name, value]) => [name as string, value as string]));
}

/** Every address of ours that a page leads to. */
export function linksOf(html: string): string[] {
  const found = [...html.matchAll(/ (?:href|action)="(\/[^"]*)"/g)];
  return [...new Set(found.map(([, link]) => (link as string).replaceAll('&amp;', '&')))];
}

/** Loads a page and all that can be reached from it. @returns by address */
export async function crawl(viewer: Viewer, start = '/', most = 400): Promise<Map<string, Loaded>> {
  const loaded = new Map<string, Loaded>();
  const waiting = [start];
  for (let next = waiting.shift(); next !== undefined && loaded.size < most; next = waiting.shift()) {
    if (loaded.has(next)) continue;
    const page = await load(viewer, next);
    loaded.set(next, page);
    if (page.headers.get('content-type')?.startsWith('text/html')) waiting.push(...linksOf(page.body));
  }
  return loaded;
}
