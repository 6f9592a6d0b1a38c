/** Holds codecs to tables of values, dialect by dialect, without a database: `codec.test.ts` has those. */
import { expect } from 'chai';
import { Sequelize, type DataType as SequelizeType } from 'sequelize';
import type { Json } from '../../lib/index.js';
import { type Codec, codecOf, type DataType } from '../../lib/record/codec.js';
import type { Dialect } from './cases/type-case.js';

export interface CodecCase {
  readonly title: string;
  readonly type: SequelizeType;
  /** @default every dialect */
  readonly on?: readonly Dialect[];
  /** @default '+00:00' */
  readonly timezone?: string;
  /** What a driver hands over, and its JSON. */
  readonly stored?: readonly (readonly [unknown, Json])[];
  /** What an instance holds, and the JSON of what the database makes of it. */
  readonly held?: readonly (readonly [unknown, Json])[];
  /** JSON, and the value as Sequelize reads it. */
  readonly decoded?: readonly (readonly [Json, unknown])[];
  readonly exact?: readonly unknown[];
  readonly inexact?: readonly unknown[];
}

const dialects: readonly Dialect[] = ['sqlite', 'postgres', 'mariadb', 'mysql'];

export function checkCodecs(cases: readonly CodecCase[]): void {
  for (const each of cases) {
    for (const dialect of each.on ?? dialects) {
      it(`knows the values of ${each.title} on ${dialect}`, () => {
        const codec = codecIn(dialect, each);

        for (const [value, json] of each.stored ?? []) expect(codec.fromStored(value), said(value)).to.deep.equal(json);
        for (const [value, json] of each.held ?? []) expect(codec.fromInstance(value), said(value)).to.deep.equal(json);
        for (const [json, value] of each.decoded ?? []) expect(codec.decode(json), said(json)).to.deep.equal(value);
        for (const value of each.exact ?? []) expect(codec.isExact(value), said(value)).to.equal(true);
        for (const value of each.inexact ?? []) expect(codec.isExact(value), said(value)).to.equal(false);
        for (const nothing of [null, undefined]) {
          expect([codec.fromStored(nothing), codec.fromInstance(nothing)]).to.deep.equal([null, null]);
        }
        expect([codec.decode(null), codec.isExact(null)]).to.deep.equal([null, true]);
      });
    }
  }
}

/** The codec of an attribute as Sequelize defines it in a dialect; nothing is connected to. */
export function codecIn(dialect: Dialect, { type, timezone = '+00:00' }: Pick<CodecCase, 'type' | 'timezone'>): Codec {
  const Row = new Sequelize({ dialect, logging: false }).define('Row', { value: type });
  return codecOf(Row.getAttributes().value?.type as unknown as DataType, { dialect, timezone });
}

function said(value: unknown): string {
  return typeof value === 'bigint'
    ? `${value}n`
    : Object.is(value, -0)
      ? '-0'
      : (JSON.stringify(value) ?? String(value));
}
