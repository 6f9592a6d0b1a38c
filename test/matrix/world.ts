/** One database with every model of the matrix, audited, and a connection beside it that reads what is there. */
import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';
import { attachAudit } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import type { LoggedEntry } from '../setup/oracle.js';
import type { Any, AnyModel, Area, CallOptions, Row } from './area.js';
import { type PlainConnection, plainConnection } from './plain-connection.js';
import { type Records, Table } from './tables.js';

/** What the tables of an area and the log hold. */
export interface Snapshot {
  readonly records: Records;
  readonly entries: readonly LoggedEntry[];
}

export class World {
  readonly sequelize: Sequelize;
  /** What the package has said of writes that it did not record as it should. */
  readonly reports: string[];
  readonly #plain: PlainConnection;
  readonly #log: Table;
  readonly #mark: AnyModel;
  readonly #known = new Map<AnyModel, Table>();

  private constructor(sequelize: Sequelize, plain: PlainConnection, log: AnyModel, mark: AnyModel, reports: string[]) {
    this.sequelize = sequelize;
    this.reports = reports;
    this.#plain = plain;
    this.#log = new Table(log);
    this.#mark = mark;
  }

  /** @param define each defines the models of an area */
  static async open(
    database: Database,
    define: readonly ((sequelize: Sequelize) => Area)[],
  ): Promise<{ readonly world: World; readonly areas: readonly Area[] }> {
    const sequelize = await database.connect({ pool: { max: 5, acquire: 10_000 } });
    const reports: string[] = [];
    const audit = attachAudit(sequelize, { onUnaudited: ({ message }) => void reports.push(message) });
    const mark = sequelize.define<Any>('Mark', { name: DataTypes.STRING }, { timestamps: false });
    const areas = define.map((area) => area(sequelize));
    if (sequelize.getDialect() === 'postgres') await sequelize.createSchema('acme', {});
    await sequelize.sync();
    for (const { finish } of areas) await finish?.();
    const plain = await plainConnection(sequelize);
    const keys = areas.flatMap(({ models }) => models.map((model) => new Table(model).generateHighKeys));
    await plain.execute(keys.filter((statement) => statement !== null));
    const log = audit.AuditLog as ModelStatic<Model> as AnyModel;
    return { world: new World(sequelize, plain, log, mark, reports), areas };
  }

  /** Writes a row that is of no area. */
  readonly mark = async (options: CallOptions): Promise<void> => {
    await this.#mark.create({ name: 'mark' }, options);
  };

  /** Empties the log, and gives the tables of an area the rows that every write begins with. */
  async reset({ models, rows }: Area): Promise<void> {
    const tables = this.#tables(models);
    await this.#plain.execute([
      this.#log.empty,
      ...tables.toReversed().map((table) => table.empty),
      ...tables.flatMap((table) => (rows[table.name] ? table.insert(rows[table.name] as readonly Row[]) : [])),
    ]);
    this.reports.length = 0;
  }

  async read({ models }: Area): Promise<Snapshot> {
    const tables = this.#tables(models);
    const statements = [`${this.#log.select} ORDER BY id`, ...tables.map(({ select }) => select)];
    const [log = [], ...rows] = await this.#plain.select(statements);
    return {
      records: new Map(tables.flatMap((table, index) => [...table.records(rows[index] ?? [])])),
      entries: log.map((row) => ({ ...row, patch: json(row.patch) }) as unknown as LoggedEntry),
    };
  }

  async close(): Promise<void> {
    await this.#plain.close();
    await this.sequelize.close();
  }

  #tables(models: readonly AnyModel[]): readonly Table[] {
    return [...models, this.#mark].map((model) => {
      const table = this.#known.get(model) ?? new Table(model);
      this.#known.set(model, table);
      return table;
    });
  }
}

function json(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}
