/** Writes past the library, as whoever has the password of the database can. */
import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';

export class Vandal {
  readonly #sequelize: Sequelize;
  readonly #transaction: Transaction | null;

  constructor(sequelize: Sequelize, transaction: Transaction | null = null) {
    this.#sequelize = sequelize;
    this.#transaction = transaction;
  }

  /** Runs raw SQL, in which names stand in double quotes. */
  readonly run = async (sql: string): Promise<unknown> => {
    const isPlain = this.#sequelize.getDialect() === 'postgres';
    return this.#sequelize.query(isPlain ? sql : this.#requoted(sql), {
      type: QueryTypes.RAW,
      logging: false,
      transaction: this.#transaction,
    });
  };

  /** Outside of text, whose quotes are single. */
  #requoted(sql: string): string {
    return sql.replace(/'(?:[^']|'')*'|"(\w+)"/g, (whole, name?: string) => (name ? `\`${name}\`` : whole));
  }
}
