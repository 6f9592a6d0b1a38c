/** Increments and decrements, which run no hooks at all. */
import { DataTypes, type Sequelize } from 'sequelize';
import { type Any, type Area, load } from '../area.js';

export function counters(sequelize: Sequelize): Area {
  const Counter = sequelize.define<Any>('Counter', {
    label: DataTypes.STRING,
    count: { type: DataTypes.INTEGER, defaultValue: 0 },
    other: { type: DataTypes.INTEGER, field: 'other_count' },
  });

  return {
    title: 'Increments and decrements',
    models: [Counter],
    rows: {
      Counter: [
        { id: 1, label: 'a', count: 1, other: 10 },
        { id: 2, label: 'a', count: 2, other: 20 },
        { id: 3, label: 'b', count: 3, other: 30 },
      ],
    },
    paths: {
      "counter.increment('count')": {
        entry: 'an update',
        write: async (options) => (await load(Counter, options)).increment('count', options),
      },
      "counter.increment('count', { by })": {
        entry: 'an update',
        write: async (options) => (await load(Counter, options)).increment('count', { ...options, by: 5 }),
      },
      "counter.increment('count', { silent: true })": {
        entry: 'an update',
        write: async (options) => (await load(Counter, options)).increment('count', { ...options, silent: true }),
      },
      "counter.increment(['count', 'other'])": {
        entry: 'an update of both',
        write: async (options) => (await load(Counter, options)).increment(['count', 'other'], options),
      },
      'counter.increment({ count: 2, other: -1 })': {
        entry: 'an update of both',
        write: async (options) => (await load(Counter, options)).increment({ count: 2, other: -1 }, options),
      },
      "counter.increment('count', { by: 0, silent: true })": {
        entry: 'nothing',
        isIdle: true,
        write: async (options) =>
          (await load(Counter, options)).increment('count', { ...options, by: 0, silent: true }),
      },
      "counter.decrement('count')": {
        entry: 'an update',
        write: async (options) => (await load(Counter, options)).decrement('count', options),
      },
      'counter.decrement({ count: 2, other: 1 })': {
        entry: 'an update of both',
        write: async (options) => (await load(Counter, options)).decrement({ count: 2, other: 1 }, options),
      },
      "Counter.increment('count', { where })": {
        entry: 'an update for each row',
        write: (options) => Counter.increment('count', { ...options, where: { label: 'a' } }),
      },
      "Counter.increment('count', { by, where: { count } })": {
        entry: 'an update for each row',
        write: (options) => Counter.increment('count', { ...options, by: 5, where: { count: [1, 3] } }),
      },
      'Counter.increment({ count: 2, other: 3 }, { where })': {
        entry: 'an update for each row',
        write: (options) => Counter.increment({ count: 2, other: 3 }, { ...options, where: { id: [1, 2] } }),
      },
      "Counter.increment(['count', 'other'], { where: {} })": {
        entry: 'an update for each row',
        write: (options) => Counter.increment(['count', 'other'], { ...options, where: {} }),
      },
      "Counter.increment('count', { where: no row })": {
        entry: 'nothing',
        isIdle: true,
        write: (options) => Counter.increment('count', { ...options, where: { label: 'none' } }),
      },
      "Counter.decrement('count', { by, where })": {
        entry: 'an update for each row',
        write: (options) => Counter.decrement('count', { ...options, by: 5, where: { label: 'a' } }),
      },
    },
  };
}
