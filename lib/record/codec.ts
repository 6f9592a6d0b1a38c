/**
 * Turns column values into JSON and back, by attribute type and dialect, so that nothing is lost: what JSON can
 * hold stays as it is, the rest becomes text.
 */
import { array, hstore, json, range } from './container-codecs.js';
import { type Codec, type DataType, other, type Place } from './encoding.js';
import { bigint, boolean, decimal, float, integer } from './number-codecs.js';
import { blob, date, day, text } from './text-codecs.js';

export type { Codec, DataType } from './encoding.js';

/** The codec of a data type in a dialect. */
export function codecOf(type: DataType, place: Place): Codec {
  switch (type.key) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'MEDIUMINT':
    case 'INTEGER':
      return integer(place);
    case 'BIGINT':
      return bigint(place);
    case 'DECIMAL':
      return decimal(type, place);
    case 'FLOAT':
    case 'REAL':
    case 'DOUBLE PRECISION':
    case 'NUMBER':
      return float(type, place);
    case 'BOOLEAN':
      return boolean;
    case 'DATE':
      return date(type, place);
    case 'DATEONLY':
      return day(place);
    case 'BLOB':
      return blob;
    case 'JSON':
    case 'JSONB':
      return json(place);
    case 'ARRAY':
      return type.type ? array(codecOf(type.type, place), type.type.key) : other;
    case 'RANGE':
      return range(codecOf({ key: type._subtype ?? 'INTEGER' }, place));
    case 'HSTORE':
      return hstore;
    case 'GEOMETRY':
    case 'GEOGRAPHY':
      return other;
    default:
      // PostgreSQL has no binary strings: there STRING.BINARY is a bytea.
      return place.dialect === 'postgres' && type._binary ? blob : text(type, place);
  }
}
