import { frameworks } from './frameworks.js';
import { requestLaws } from './laws.js';

requestLaws('Koa', frameworks.Koa);
