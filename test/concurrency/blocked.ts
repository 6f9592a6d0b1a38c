import { QueryTypes, type Sequelize } from 'sequelize';

/** Waits until statements of other connections wait for a lock, or gives up. @param count how many */
export async function untilBlocked(sequelize: Sequelize, count = 1): Promise<void> {
  const isPostgres = sequelize.getDialect() === 'postgres';
  const waiting = isPostgres
    ? 'SELECT count(*) AS count FROM pg_locks WHERE NOT granted'
    : `SELECT count(*) AS count FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p
       ON p.ID = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.DB = DATABASE()`;
  for (let tries = 2000; tries > 0; tries -= 1) {
    const [row] = await sequelize.query<{ count: string }>(waiting, { type: QueryTypes.SELECT, transaction: null });
    if (Number(row?.count) >= count) return;
  }
}
