/** The unique keys of a table of MySQL, as the database has them: a row meets another one through any of them. */
import type { Sequelize } from 'sequelize';
import { queryGeneratorOf, tableKeyOf } from '../internals.js';
import type { Run } from '../log/append.js';

interface Place {
  readonly schema?: string;
  readonly tableName?: string;
}

export class UniqueKeys {
  readonly #sequelize: Sequelize;
  #byTable = new Map<string, readonly (readonly string[])[]>();

  constructor(sequelize: Sequelize) {
    this.#sequelize = sequelize;
  }

  /** The schema has changed: they are read again before the next write that needs them. */
  forget(): void {
    this.#byTable = new Map();
  }

  /** The columns of each; an index on a part of a text or on an expression is left out. */
  async of(table: unknown, run: Run): Promise<readonly (readonly string[])[]> {
    const key = tableKeyOf(table);
    const byTable = this.#byTable;
    const known = byTable.get(key);
    if (known) return known;
    const literal = (text: string) => queryGeneratorOf(this.#sequelize).escape(text);
    // To the dialect `mariadb` a schema is a database, to `mysql` it is a part of the name.
    const place = this.#sequelize.getDialect() === 'mariadb' && typeof table === 'object' ? (table as Place) : {};
    const schema = place.schema ? literal(place.schema) : 'DATABASE()';
    const name = literal(place.tableName ?? key);
    const rows =
      (await run(`SELECT INDEX_NAME AS name, COLUMN_NAME AS \`column\`, SUB_PART AS part FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${name} AND NON_UNIQUE = 0
ORDER BY INDEX_NAME, SEQ_IN_INDEX`)) as readonly { name: string; column: string | null; part: unknown }[];
    const indexes = new Map<string, { columns: string[]; isWhole: boolean }>();
    for (const { name, column, part } of rows) {
      const index = indexes.get(name) ?? { columns: [], isWhole: true };
      index.columns.push(String(column));
      index.isWhole &&= column !== null && part === null;
      indexes.set(name, index);
    }
    const keys = [...indexes.values()].filter(({ isWhole }) => isWhole).map(({ columns }) => columns);
    byTable.set(key, keys);
    return keys;
  }
}
