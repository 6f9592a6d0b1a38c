import { frameworks } from './frameworks.js';
import { requestLaws } from './laws.js';

for (const name of ['Express 5', 'Express 4', 'Connect'] as const) requestLaws(name, frameworks[name]);
