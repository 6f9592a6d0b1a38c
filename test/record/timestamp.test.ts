import { expect } from 'chai';
import type { Json } from '../../lib/index.js';
import { timestampOf } from '../../lib/record/timestamp.js';

describe('timestampOf', () => {
  const cases: readonly [title: string, value: unknown, offset: string, timestamp: Json][] = [
    ['a Date', new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), '+02:00', '2026-01-02T03:04:05.006Z'],
    ['a Date that is none', new Date(Number.NaN), '+00:00', 'Invalid Date'],
    ['a number that an attribute holds', 5, '+00:00', 5],
    ['the end of time', Infinity, '+00:00', 'Infinity'],
    ['the beginning of time', -Infinity, '+00:00', '-Infinity'],
    ['what is no number', Number.NaN, '+00:00', 'NaN'],
    ['the end of time as PostgreSQL writes it', 'infinity', '+00:00', 'Infinity'],
    ['the beginning of time as PostgreSQL writes it', '-infinity', '+00:00', '-Infinity'],
    ['text in UTC', '2026-01-02 03:04:05.678', '+00:00', '2026-01-02T03:04:05.678Z'],
    ['whole seconds', '2026-01-02 03:04:05', '+00:00', '2026-01-02T03:04:05.000Z'],
    ['the first second of a day', '2026-01-02 00:00:00', '+00:00', '2026-01-02T00:00:00.000Z'],
    ['a tenth of a second', '2026-01-02 03:04:05.6', '+00:00', '2026-01-02T03:04:05.600Z'],
    ['a millisecond', '2026-01-02 03:04:05.001', '+00:00', '2026-01-02T03:04:05.001Z'],
    ['microseconds', '2026-01-02 03:04:05.678901', '+00:00', '2026-01-02T03:04:05.678901Z'],
    ['microseconds without the zeros behind them', '2026-01-02 03:04:05.678100', '+00:00', '2026-01-02T03:04:05.6781Z'],
    ['microseconds with zeros in them', '2026-01-02 03:04:05.000001', '+00:00', '2026-01-02T03:04:05.000001Z'],
    ['microseconds that are all zero', '2026-01-02 03:04:05.678000', '+00:00', '2026-01-02T03:04:05.678Z'],
    ['nanoseconds', '2026-01-02 03:04:05.678901234', '+00:00', '2026-01-02T03:04:05.678901234Z'],
    ['ISO 8601', '2026-01-02T03:04:05.678Z', '+02:00', '2026-01-02T03:04:05.678Z'],
    ['ISO 8601 as PostgreSQL writes it', '2026-01-02T03:04:05.67810+00:00', '+02:00', '2026-01-02T03:04:05.6781Z'],
    ['the same in whole seconds', '2026-01-02T03:04:05+00:00', '+02:00', '2026-01-02T03:04:05.000Z'],
    ['the same in tenths', '2026-01-02T03:04:05.6+00:00', '+02:00', '2026-01-02T03:04:05.600Z'],
    ['ISO 8601 in small letters', '2026-01-02t03:04:05.678z', '+02:00', '2026-01-02T03:04:05.678Z'],
    ['text without an offset in that of the connection', '2026-01-02 03:04:05', '+05:30', '2026-01-01T21:34:05.000Z'],
    ['the same west of UTC', '2026-01-02 03:04:05', '-03:30', '2026-01-02T06:34:05.000Z'],
    ['an offset of its own', '2026-01-02 03:04:05+01:30', '+05:30', '2026-01-02T01:34:05.000Z'],
    ['an offset behind a space, as in SQLite', '2026-01-02 03:04:05.678 +01:30', '+00:00', '2026-01-02T01:34:05.678Z'],
    ['an offset of hours, as in PostgreSQL', '2026-01-02 03:04:05-08', '+00:00', '2026-01-02T11:04:05.000Z'],
    ['an offset without a colon', '2026-01-02 03:04:05+0130', '+00:00', '2026-01-02T01:34:05.000Z'],
    ['an offset to the second', '1900-01-01 00:00:00+00:19:32', '+00:00', '1899-12-31T23:40:28.000Z'],
    ['an offset to the second without colons', '1900-01-01 00:00:00-001932', '+00:00', '1900-01-01T00:19:32.000Z'],
    ['an offset that is unknown as none', '2026-01-02 03:04:05', 'Europe/Amsterdam', '2026-01-02T03:04:05.000Z'],
    [
      'an offset that is unknown, with a number, as none',
      '2026-01-02 03:04:05',
      'Etc/GMT+10',
      '2026-01-02T03:04:05.000Z',
    ],
    ['a year of two digits', '0099-12-31 23:59:59.999', '+00:00', '0099-12-31T23:59:59.999Z'],
    ['29 February of a year of two digits', '0096-02-29 00:00:00', '+00:00', '0096-02-29T00:00:00.000Z'],
    ['a year before the first', '0044-03-15 12:00:00+00 BC', '+00:00', '-000043-03-15T12:00:00.000Z'],
    ['a year of five digits', '12026-01-02 03:04:05', '+00:00', '+012026-01-02T03:04:05.000Z'],
    ['the last instant that a Date knows', '275760-09-13 00:00:00', '+00:00', '+275760-09-13T00:00:00.000Z'],
  ];

  for (const [title, value, offset, timestamp] of cases) {
    it(`is in UTC: ${title}`, () => {
      expect(timestampOf(value, offset)).to.equal(timestamp);
    });
  }

  for (const text of [
    '',
    'text',
    'infinity and more',
    'to infinity',
    '2026-01-02',
    '2026-01-02 03:04',
    ' 2026-01-02 03:04:05',
    '2026-01-02 03:04:05.',
    '2026-01-02 03:04:05.1234567890',
    '2026-01-02 03:04:05 Europe/Amsterdam',
    '2026-01-02 03:04:05+1',
    '226-01-02 03:04:05',
    '0000-00-00 00:00:00',
    '2026-00-02 03:04:05',
    '2026-01-00 03:04:05',
    '275760-09-13 00:00:00.001',
  ]) {
    it(`leaves text as it is that is no instant: ${JSON.stringify(text)}`, () => {
      expect(timestampOf(text, '+00:00')).to.equal(text);
    });
  }
});
