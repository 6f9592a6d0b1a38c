/** Writes the SQL of a log on PostgreSQL that has a partition for each month. */
import type { AuditTable } from '../index.js';
import { invalid } from './options.js';

export interface Partitions {
  /** Makes the table, without indexes, and the partition for what no other takes. */
  readonly table: readonly string[];
  /** Makes the functions that add and detach partitions, and the first partitions. */
  readonly functions: readonly string[];
  /** Takes the functions away. */
  readonly down: readonly string[];
}

/** PostgreSQL cuts names after 63 bytes; the longest end that is added is this. */
const longest = 63 - '_detach_partitions'.length;

/** @throws AuditError ERR_AUDIT_OPTION_INVALID when the name of the table leaves no room */
export function partitionsOf(model: AuditTable['model']): Partitions {
  const table = model.getTableName();
  const { tableName, schema } = typeof table === 'string' ? { tableName: table, schema: undefined } : table;
  if (Buffer.byteLength(tableName) > longest)
    throw invalid(
      `Option partition: expected a table whose name has at most ${longest} bytes, which leaves room for those of its partitions, got "${tableName}"`,
    );
  const generator = queryInterfaceOf(model);
  const place = schema === undefined ? '' : `${generator.quoteIdentifier(schema)}.`;
  const named = (end: string) => `${place}${generator.quoteIdentifier(`${tableName}${end}`)}`;
  const time = generator.quoteIdentifier(model.getAttributes().createdAt?.field ?? 'createdAt');
  const [add, detach] = [named('_add_partitions'), named('_detach_partitions')];
  const log = named('');
  const rest = named('_default');
  // As the database has the name: without quotes it is read in lower case.
  const quoted = generator.quoteIdentifier(tableName);
  const prefix = text(`${quoted.startsWith('"') ? quoted.slice(1, -1) : quoted.toLowerCase()}_`);
  const [restOf, timeOf] = [rest, time].map((name) => name.replaceAll('%', '%%'));

  return {
    table: [
      `CREATE TABLE ${log} (\n${columnsOf(model, time)}\n) PARTITION BY RANGE (${time})`,
      `CREATE TABLE ${rest} PARTITION OF ${log} DEFAULT`,
    ],
    functions: [
      `-- Makes the partitions of this month and of the next ones, and of all months of which the default one has entries.
-- Returns their names.
CREATE FUNCTION ${add}(months integer DEFAULT 12) RETURNS SETOF text
LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  this_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
  log regclass := ${text(log)};
  place text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = log);
  first timestamp;
  part text;
BEGIN
  LOCK TABLE ${rest} IN ACCESS EXCLUSIVE MODE;
  FOR first IN
    SELECT generate_series(this_month, this_month + months * interval '1 month', interval '1 month')
    UNION SELECT date_trunc('month', ${time} AT TIME ZONE 'UTC') FROM ${rest}
    ORDER BY 1
  LOOP
    part := ${prefix} || to_char(first, 'YYYY_MM');
    CONTINUE WHEN to_regclass(place || '.' || quote_ident(part)) IS NOT NULL;
    EXECUTE format('CREATE TABLE %s.%I (LIKE %s)', place, part, log);
    EXECUTE format(${text(`WITH moved AS (DELETE FROM ${restOf} WHERE ${timeOf} >= $1 AND ${timeOf} < $2 RETURNING *)
      INSERT INTO %s.%I SELECT * FROM moved`)}, place, part)
      USING first AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC';
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s.%I FOR VALUES FROM (%L) TO (%L)',
      log, place, part, first AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
    RETURN NEXT part;
  END LOOP;
END $function$`,
      `-- Takes the partitions of the months before the month of a day out of the log. They stay, as tables of their own.
-- Returns their names.
CREATE FUNCTION ${detach}(before date) RETURNS SETOF text
LANGUAGE plpgsql SET search_path FROM CURRENT AS $function$
DECLARE
  part regclass;
BEGIN
  FOR part IN
    SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = ${text(log)}::regclass AND relname ~ '_[0-9]{4}_[0-9]{2}$'
    AND right(relname, 7) < to_char(before, 'YYYY_MM')
    ORDER BY relname
  LOOP
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', ${text(log)}::regclass, part);
    RETURN NEXT (SELECT relname FROM pg_class WHERE oid = part);
  END LOOP;
END $function$`,
      `SELECT ${add}()`,
    ],
    down: [`DROP FUNCTION ${add}(integer)`, `DROP FUNCTION ${detach}(date)`],
  };
}

/** An index that no two rows share has to have the column in it that says where each of them is. */
function columnsOf(model: AuditTable['model'], time: string): string {
  const generator = queryInterfaceOf(model);
  const columns = Object.entries(model.getAttributes()).map(([attribute, { field, type, primaryKey, allowNull }]) => {
    const name = generator.quoteIdentifier(field ?? attribute);
    if (primaryKey) return `${name} BIGSERIAL NOT NULL`;
    return `${name} ${(type as { toSql(): string }).toSql()}${allowNull === false ? ' NOT NULL' : ''}`;
  });
  return [...columns, `PRIMARY KEY (${generator.quoteIdentifier('id')}, ${time})`]
    .map((line) => `  ${line}`)
    .join(',\n');
}

function queryInterfaceOf(model: AuditTable['model']) {
  return (model.sequelize as NonNullable<typeof model.sequelize>).getQueryInterface();
}

/** A text as SQL. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
