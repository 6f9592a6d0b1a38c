/** Says which types of a database can hold a column of the log, besides those that `sync` makes. */
import type { StoredColumn } from './stored-table.js';

interface Type {
  readonly key: string;
  readonly options?: { readonly length?: number | string; readonly binary?: boolean };
}

/** @returns what is expected, as a part of a sentence; null when the column will do */
export function expectation(dialect: string, type: unknown, stored: StoredColumn): string | null {
  const { key, options = {} } = type as Type;
  const size = Number(/\((\d+)\)/.exec(stored.type)?.[1] ?? Number.NaN);
  const name = stored.type.replace(/\(.*?\)/, '').replace(/ +/g, ' ');
  const holds = (length: number) => Number.isNaN(size) || size >= length;
  const long = typeof options.length === 'string';
  const length = typeof options.length === 'number' ? options.length : 255;
  const or = (isFit: boolean, expected: string) => (isFit ? null : expected);

  switch (dialect) {
    case 'sqlite': {
      // Sequelize reads values by what the table calls their types.
      if (key === 'JSON') return or(name === 'json', 'JSON, which Sequelize reads as such');
      if (key === 'DATE') return or(name === 'datetime', 'DATETIME, which Sequelize reads as such');
      if (key === 'BIGINT' || key === 'INTEGER') return or(name.includes('int'), 'INTEGER');
      return or(/char|clob|text|uuid/.test(name), 'a type of text');
    }
    case 'postgres': {
      if (key === 'JSONB') return or(name === 'jsonb', 'jsonb, which can be asked what is in it');
      if (key === 'DATE')
        return or(name === 'timestamp with time zone' && holds(3), 'timestamp with time zone, with milliseconds');
      if (key === 'BIGINT') return or(name === 'bigint', 'bigint');
      if (key === 'INTEGER') return or(['integer', 'bigint'].includes(name), 'integer');
      if (key === 'UUID') return or(name === 'uuid', 'uuid');
      const isText = name === 'text' || name === 'character varying';
      return key === 'TEXT'
        ? or(isText && Number.isNaN(size), 'text of any length')
        : or(isText && holds(length), `text of at least ${length} characters`);
    }
    default: {
      if (key === 'JSON') return or(name === 'json' || name === 'longtext', 'json');
      if (key === 'DATE')
        return or(['datetime', 'timestamp'].includes(name) && size >= 3, 'datetime(3), with milliseconds');
      if (key === 'BIGINT') return or(name.startsWith('bigint'), 'bigint');
      if (key === 'INTEGER') return or(/^(big)?int/.test(name), 'int');
      if (key === 'UUID') return or(/^(var)?char$/.test(name) && holds(36), 'char(36)');
      if (key === 'TEXT')
        return long ? or(name === 'longtext', 'longtext') : or(/^(medium|long)?text$/.test(name), 'text');
      const isText = /^(var)?char$/.test(name) ? holds(length) : /^(medium|long)?text$/.test(name);
      if (!isText) return `varchar(${length})`;
      return or(
        !options.binary || /_bin$|^binary$/.test(stored.collation ?? ''),
        'a binary collation, as "a" is not "A"',
      );
    }
  }
}
