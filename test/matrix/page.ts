/** Turns the list of paths into docs/what-is-recorded.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Sequelize } from 'sequelize';
import type { Area, Path } from './area.js';
import { areas } from './areas/all.js';

export const pageName = 'docs/what-is-recorded.md';
const file = path.join(import.meta.dirname, '..', '..', pageName);

const introduction = `# What is recorded

With \`capture: 'complete'\` each of these writes leaves in the log exactly what it changed: one entry for each row that is
not as it was before, and none for any other. That holds without a transaction, in one, in one that CLS finds and in a savepoint, with
hooks and with \`hooks: false\`. All entries of a transaction share one \`changesetId\`; a savepoint that is rolled back leaves none.

\`npm run capture-matrix\` runs every line in all of these ways on SQLite (on a file and in memory), PostgreSQL, and MariaDB with
the drivers of MariaDB and MySQL. It reads tables and log with plain SQL before and after, and says where they differ. This page is made from
its list.

✓ is recorded; – is refused by the database or by Sequelize, as without this package, and leaves nothing in the log.

What is left out, and why: [what is not recorded](what-is-not-recorded.md).
`;

export function writePage(): void {
  writeFileSync(file, page());
}

export function isPageCurrent(): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') === page();
}

function page(): string {
  // Nothing is sent to it: the models are needed to name the calls.
  const sequelize = new Sequelize({ dialect: 'sqlite', storage: ':memory:', logging: false });
  return [introduction, ...areas.map((area) => section(area(sequelize)))].join('\n');
}

function section({ title, paths }: Area): string {
  const rows = Object.entries(paths).map(([call, one]) => `| ${code(call)} | ${marks(one)} | ${entry(one)} |`);
  return [
    `## ${title}\n`,
    '| you write | SQLite | PostgreSQL | MariaDB, MySQL | the log gets |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** With ticks around all but the words after the call. */
function code(call: string): string {
  const [, written, words] = /^([\w.]+\(.*\))(.*)$/.exec(call) ?? [];
  return written === undefined ? call : `\`${written}\`${words}`;
}

function marks({ fails = {} }: Path): string {
  return [fails.sqlite, fails.postgres, fails.mysql].map((reason) => (reason ? '–' : '✓')).join(' | ');
}

function entry({ entry: words, fails = {}, isCommit }: Path): string {
  const reasons = [...new Set(Object.values(fails))].map((reason) => ` (– ${reason})`);
  const commit = isCommit ? '; MariaDB and MySQL commit the open transaction' : '';
  return `${words}${reasons.join('')}${commit}`;
}
