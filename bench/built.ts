/** The build, which is what applications run: what runs TypeScript as it is makes some of it slower. */
export type { Audit, History } from '../lib/index.js';

// tsx asks for source maps, with which each stack trace costs a tenth of a millisecond; applications seldom have them.
process.setSourceMapsEnabled(false);

const file = new URL('../dist/index.js', import.meta.url).href;

export const { attachAudit } = (await import(file)) as typeof import('../lib/index.js');
