/** A table whose schema changes again and again while its records are written, and what they held, known without our code. */
import { DataTypes, type Model, type ModelAttributes, type ModelStatic, QueryTypes, type Sequelize } from 'sequelize';
import { type Audit, attachAudit } from '../../lib/index.js';
import type { Random } from '../chaos/random.js';
import type { Database } from '../setup/databases.js';
import { quoted, type Retyping, retype } from './cases/type-changes.js';

type Row = Model<Record<string, unknown>, Record<string, unknown>>;

/** What an attribute holds, whatever its type is at the time. */
type Kind = 'number' | 'truth' | 'json' | 'day' | 'text';

interface Type extends Pick<Retyping, 'postgres' | 'sqlite'> {
  readonly kind: Kind;
  readonly to: () => Retyping['to'];
  /** Those that a migration can turn it into without a loss. */
  readonly next: readonly string[];
}

const types: Readonly<Record<string, Type>> = {
  INTEGER: { kind: 'number', to: () => DataTypes.INTEGER, postgres: 'integer', next: ['BIGINT', 'STRING', 'DECIMAL'] },
  BIGINT: { kind: 'number', to: () => DataTypes.BIGINT, postgres: 'bigint', next: ['INTEGER', 'STRING', 'DECIMAL'] },
  STRING: { kind: 'number', to: () => DataTypes.STRING(40), postgres: 'varchar(40)', next: ['INTEGER', 'BIGINT'] },
  DECIMAL: {
    kind: 'number',
    to: () => DataTypes.DECIMAL(10, 2),
    postgres: 'numeric(10, 2)',
    next: ['INTEGER', 'DOUBLE'],
  },
  DOUBLE: { kind: 'number', to: () => DataTypes.DOUBLE, postgres: 'double precision', next: ['INTEGER', 'DECIMAL'] },
  BOOLEAN: { kind: 'truth', to: () => DataTypes.BOOLEAN, postgres: 'boolean', next: ['TINY'] },
  TINY: { kind: 'truth', to: () => DataTypes.INTEGER, postgres: 'integer', next: ['BOOLEAN'] },
  TEXT: { kind: 'json', to: () => DataTypes.TEXT, postgres: 'text', next: ['JSON'] },
  JSON: { kind: 'json', to: () => DataTypes.JSON, postgres: 'json', next: ['TEXT'] },
  DATE: {
    kind: 'day',
    to: () => DataTypes.DATE,
    postgres: 'timestamptz',
    sqlite: "value || ' 00:00:00.000 +00:00'",
    next: ['DATEONLY'],
  },
  DATEONLY: {
    kind: 'day',
    to: () => DataTypes.DATEONLY,
    postgres: 'date',
    sqlite: 'substr(value, 1, 10)',
    next: ['DATE'],
  },
  NAME: { kind: 'text', to: () => DataTypes.STRING(40), postgres: 'varchar(40)', next: ['NOTE'] },
  NOTE: { kind: 'text', to: () => DataTypes.TEXT, postgres: 'text', next: ['NAME'] },
};

interface Attribute {
  /** Its names, oldest first; the last is today's. */
  readonly names: readonly string[];
  readonly type: string;
}

/** A value in a row: a whole number stands for it, whatever its kind. */
interface Cell {
  readonly number: number | null;
  /** Of the attribute when it was written. */
  readonly type: string;
  /** Whether an entry has told of it. */
  readonly isKnown: boolean;
}

/** The cells of a record by the number of their attribute; null where the record is gone. */
type Held = ReadonlyMap<number, Cell> | null;

/** What all records were at one time, and how many entries each had by then. */
export interface Checkpoint {
  readonly held: ReadonlyMap<number, Held>;
  readonly revisions: ReadonlyMap<number, number>;
}

export class Evolution {
  readonly #sequelize: Sequelize;
  readonly #database: Database;
  readonly #random: Random;
  readonly #attributes = new Map<number, Attribute>();
  readonly #held = new Map<number, Held>();
  #count = 0;
  #audit: Audit | undefined;
  #Thing: ModelStatic<Row> | undefined;

  constructor(sequelize: Sequelize, database: Database, random: Random) {
    this.#sequelize = sequelize;
    this.#database = database;
    this.#random = random;
  }

  async begin(records: number): Promise<void> {
    for (const type of ['INTEGER', 'NAME', 'TEXT', 'DATE']) this.#newAttribute(type);
    this.#deploy();
    await this.#sequelize.sync();
    const ids = Array.from({ length: records }, (_, index) => index + 1);
    await this.#create(ids);
  }

  /** One change of the schema, by a migration, and the start of the application that knows it. */
  async change(): Promise<string> {
    this.#audit?.detach();
    const kind = this.#attributes.size < 2 ? 'add' : this.#random.pick(['add', 'drop', 'rename', 'retype', 'retype']);
    const told = await { add: this.#add, drop: this.#drop, rename: this.#rename, retype: this.#retype }[kind]?.call(
      this,
    );
    this.#deploy();
    return String(told);
  }

  async write(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const ids = [...this.#held.keys()];
      const gone = ids.filter((id) => this.#held.get(id) === null);
      const alive = ids.filter((id) => this.#held.get(id));
      const chance = this.#random.integer(20);
      if (chance === 0 || alive.length === 0) await this.#create([Math.max(...ids) + 1]);
      else if (chance === 1 && gone.length > 0) await this.#create([this.#random.pick(gone)]);
      else if (chance === 2) await this.#destroy(this.#random.pick(alive));
      else await this.#update(this.#random.list(1 + this.#random.integer(4), () => this.#random.pick(alive)));
    }
  }

  async checkpoint(): Promise<Checkpoint> {
    const quote = (name: string) => quoted(this.#database.dialect, name);
    const rows = await this.#sequelize.query<{ id: string; count: number | string }>(
      `SELECT ${quote('recordId')} AS id, COUNT(*) AS count FROM ${quote('AuditLogs')} GROUP BY ${quote('recordId')}`,
      { type: QueryTypes.SELECT },
    );
    const revisions = new Map(rows.map(({ id, count }) => [Number(id), Number(count)]));
    return { held: new Map(this.#held), revisions };
  }

  /** What `history.at` says of a record at a checkpoint, and what it should say today; both as plain values. */
  async compare(id: number, { held, revisions }: Checkpoint): Promise<readonly [unknown, unknown]> {
    const past = await this.#audit?.history(this.#Thing as ModelStatic<Row>, id).at(revisions.get(id) as number);
    const cells = held.get(id);
    if (!past || !cells) return [past, cells];
    const expected: Record<string, unknown> = { id };
    const found: Record<string, unknown> = { ...past.dataValues };
    for (const [number, { names, type }] of this.#attributes) {
      const cell = cells.get(number);
      const name = names.at(-1) as string;
      if (cell?.isKnown) expected[name] = this.#expected(cell, type);
      if (types[type]?.kind === 'json' && typeof found[name] === 'string')
        // PostgreSQL has an order of its own for the keys in the log.
        found[name] = { text: JSON.parse(found[name]) };
    }
    return [found, expected];
  }

  #deploy(): void {
    const attributes: ModelAttributes<Row> = { id: { type: DataTypes.INTEGER, primaryKey: true } };
    const renamed: Record<string, readonly string[]> = {};
    for (const { names, type } of this.#attributes.values()) {
      const name = names.at(-1) as string;
      attributes[name] = (types[type] as Type).to();
      if (names.length > 1) renamed[name] = names.slice(0, -1);
    }
    this.#Thing = this.#sequelize.define<Row>('Thing', attributes, { timestamps: false });
    this.#audit = attachAudit(this.#sequelize, { models: { Thing: { renamed } } });
  }

  #newAttribute(type: string): Attribute {
    const number = ++this.#count;
    const attribute = { names: [`a${number}`], type };
    this.#attributes.set(number, attribute);
    return attribute;
  }

  async #add(): Promise<string> {
    const type = this.#random.pick(Object.keys(types));
    const attribute = this.#newAttribute(type);
    const [name] = attribute.names as [string];
    const isFilled = ['INTEGER', 'NAME'].includes(type) && this.#random.chance(0.5);
    const number = isFilled ? 7 : null;
    const defaultValue = isFilled ? { defaultValue: this.#value(7, type) } : {};
    await this.#query.addColumn('Things', name, { type: types[type]?.to() as never, ...defaultValue });
    for (const [id, cells] of this.#held)
      if (cells) this.#held.set(id, new Map([...cells, [this.#count, { number, type, isKnown: false }]]));
    return `add ${name} ${type}`;
  }

  async #drop(): Promise<string> {
    const [number, { names }] = this.#random.pick([...this.#attributes]);
    const name = names.at(-1) as string;
    this.#attributes.delete(number);
    // removeColumn of Sequelize 6 fails with the present driver of MariaDB.
    if (this.#database.dialect === 'mariadb') await this.#sequelize.query(`ALTER TABLE Things DROP COLUMN ${name}`);
    else await this.#query.removeColumn('Things', name);
    return `drop ${name}`;
  }

  async #rename(): Promise<string> {
    const [number, attribute] = this.#random.pick([...this.#attributes]);
    const name = attribute.names.at(-1) as string;
    const old = attribute.names.filter((each) => each !== name);
    const next = old.length > 0 && this.#random.chance(0.3) ? this.#random.pick(old) : `${name}x`;
    await this.#query.renameColumn('Things', name, next);
    this.#attributes.set(number, { ...attribute, names: [...attribute.names, next] });
    return `rename ${name} ${next}`;
  }

  async #retype(): Promise<string> {
    const [number, attribute] = this.#random.pick([...this.#attributes]);
    const name = attribute.names.at(-1) as string;
    const next = this.#random.pick(types[attribute.type]?.next ?? []);
    const type = types[next] as Type;
    if (this.#database.dialect === 'postgres')
      await this.#sequelize.query(`ALTER TABLE "Things" ALTER COLUMN "${name}" DROP DEFAULT`);
    await retype(this.#sequelize, this.#database, 'Things', name, { ...type, to: type.to() });
    this.#attributes.set(number, { ...attribute, type: next });
    return `retype ${name} ${attribute.type} ${next}`;
  }

  async #create(ids: readonly number[]): Promise<void> {
    const rows = ids.map((id) => {
      const cells = new Map<number, Cell>();
      const values: Record<string, unknown> = { id };
      for (const [number, { names, type }] of this.#attributes) {
        const content = this.#random.chance(0.1) ? null : this.#content(type);
        cells.set(number, { number: content, type, isKnown: true });
        values[names.at(-1) as string] = this.#value(content, type);
      }
      this.#held.set(id, cells);
      return values;
    });
    await this.#Thing?.bulkCreate(rows);
  }

  async #destroy(id: number): Promise<void> {
    await this.#Thing?.destroy({ where: { id } });
    this.#held.set(id, null);
  }

  async #update(ids: readonly number[]): Promise<void> {
    const chosen = new Map(
      this.#random.list(1 + this.#random.integer(2), () => this.#random.pick([...this.#attributes])),
    );
    const values: Record<string, unknown> = {};
    for (const [number, { names, type }] of chosen) {
      const content = this.#random.chance(0.1) ? null : this.#content(type);
      values[names.at(-1) as string] = this.#value(content, type);
      for (const id of ids) {
        const cells = this.#held.get(id) as ReadonlyMap<number, Cell>;
        if (cells.get(number)?.number === content) continue;
        this.#held.set(id, new Map([...cells, [number, { number: content, type, isKnown: true }]]));
      }
    }
    await this.#Thing?.update(values, { where: { id: ids } });
  }

  get #query() {
    return this.#sequelize.getQueryInterface();
  }

  #content(type: string): number {
    return types[type]?.kind === 'truth' ? this.#random.integer(2) : 10 + this.#random.integer(100_000);
  }

  /** What the application writes into an attribute of a type. */
  #value(number: number | null, type: string): unknown {
    if (number === null) return null;
    switch (types[type]?.kind) {
      case 'truth':
        return type === 'BOOLEAN' ? number === 1 : number;
      case 'json':
        return type === 'JSON' ? jsonOf(number) : JSON.stringify(jsonOf(number));
      case 'day':
        return type === 'DATE' ? dayOf(number) : dayOf(number).toISOString().slice(0, 10);
      case 'text':
        return `text ${number}`;
      default:
        return type === 'STRING' ? String(number) : number;
    }
  }

  /** What a value of before is in the type that its attribute has today. */
  #expected({ number, type: written }: Cell, type: string): unknown {
    if (number === null) return null;
    const { dialect } = this.#database;
    const hasDecimals = written === 'DECIMAL' && dialect !== 'sqlite';
    switch (type) {
      case 'STRING':
        return hasDecimals ? `${number}.00` : String(number);
      case 'BIGINT':
        return dialect === 'postgres' ? String(number) : number;
      case 'DECIMAL':
        return dialect === 'postgres' || dialect === 'mysql' ? `${number}.00` : number;
      case 'JSON':
        return written === 'JSON' ? jsonOf(number) : { text: jsonOf(number) };
      case 'TEXT':
        return { text: jsonOf(number) };
      default:
        return this.#value(number, type);
    }
  }
}

function jsonOf(number: number): object {
  return { number, list: [number % 7, 'constant'], text: 'a text that stays the same, so that patches go inside' };
}

function dayOf(number: number): Date {
  return new Date(Date.UTC(1970, 0, 1 + (number % 30_000)));
}
