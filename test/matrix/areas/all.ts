/** Every area of the matrix, in the order in which it is printed. */
import type { Sequelize } from 'sequelize';
import type { Area } from '../area.js';
import { associations } from './associations.js';
import { bulkCreates } from './bulk-creates.js';
import { bulkDestroys } from './bulk-destroys.js';
import { bulkUpdates } from './bulk-updates.js';
import { cascades } from './cascades.js';
import { counters } from './counters.js';
import { includes } from './includes.js';
import { instances } from './instances.js';
import { keys } from './keys.js';
import { paranoids } from './paranoids.js';
import { queryInterfaces } from './query-interface.js';
import { shapes } from './shapes.js';
import { upserts } from './upserts.js';

export const areas: readonly ((sequelize: Sequelize) => Area)[] = [
  instances,
  paranoids,
  counters,
  upserts,
  bulkCreates,
  bulkUpdates,
  bulkDestroys,
  associations,
  includes,
  cascades,
  shapes,
  queryInterfaces,
  keys,
];
