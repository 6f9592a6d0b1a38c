/** Has the server end connections of writers: `pg_terminate_backend` and `KILL`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Options, QueryTypes, Sequelize } from 'sequelize';
import type { Blow } from './campaign.js';

/** What a connection is in the middle of when it is chosen. */
const phases = ['in a statement', 'between write and COMMIT'] as const;

type Phase = (typeof phases)[number];

/** How many connections are ended at most before the writers are asked whether they go on. */
const volley = 3;

/** How often one is looked for: eight writers do nothing else than what is looked for. */
const patience = 10_000;

/** Milliseconds between two looks: MariaDB shows INNODB_TRX as it was, until nobody has read it for 100 ms. */
const pauses = { postgres: 0, mysql: 110 } as const;

/** Which connections of this database, but for the one that asks, are in a phase. */
const choices: Readonly<Record<'postgres' | 'mysql', Readonly<Record<Phase, string>>>> = {
  postgres: {
    'in a statement': postgresChoice("state = 'active'"),
    'between write and COMMIT': postgresChoice("state = 'idle in transaction' AND backend_xid IS NOT NULL"),
  },
  mysql: {
    'in a statement': mysqlChoice("command = 'Query'"),
    'between write and COMMIT': mysqlChoice(
      "command = 'Sleep' AND id IN (SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0)",
    ),
  },
};

export class ConnectionKiller implements Blow {
  readonly #server: Sequelize;

  /** @param options of the writers' Sequelize instance */
  constructor(options: Options) {
    this.#server = new Sequelize({ ...options, logging: false, pool: { max: 1 } });
  }

  async strike(...[random, limit]: Parameters<Blow['strike']>): Promise<string[]> {
    const struck: string[] = [];
    for (let left = Math.min(1 + random.integer(volley), limit); left > 0; left -= 1) {
      const phase = random.pick(phases);
      await this.#kill(phase);
      struck.push(`connection ${phase}`);
    }
    return struck;
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async #kill(phase: Phase): Promise<void> {
    const isPostgres = this.#server.getDialect() === 'postgres';
    const kind = isPostgres ? 'postgres' : 'mysql';
    for (let tries = patience; tries > 0; tries -= 1) {
      const [row] = await this.#server.query<{ id: number; killed?: boolean }>(choices[kind][phase], {
        type: QueryTypes.SELECT,
      });
      if (row && (isPostgres ? row.killed : await this.#killOfMysql(row.id))) return;
      await sleep(pauses[kind]);
    }
    throw new Error(`No connection was found ${phase} in ${patience} looks`);
  }

  /** @returns false when it has gone by itself */
  async #killOfMysql(id: number): Promise<boolean> {
    return this.#server.query(`KILL ${id}`).then(
      () => true,
      () => false,
    );
  }
}

/** Chooses and ends in one statement, so that little can happen in between. */
function postgresChoice(condition: string): string {
  const choice = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND ${condition} ORDER BY random() LIMIT 1`;
  return `SELECT pid AS id, pg_terminate_backend(pid) AS killed FROM (${choice}) AS chosen`;
}

function mysqlChoice(condition: string): string {
  return `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()
    AND ${condition} ORDER BY RAND() LIMIT 1`;
}
