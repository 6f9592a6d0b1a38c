/** Puts calls of the query interface into the form that the program expects which runs a migration. */
import type { ResolvedMigrationOptions } from './options.js';
import { type Calls, usesLiteral } from './tables.js';

interface Frame extends ResolvedMigrationOptions {
  readonly dialect: string;
  readonly isTransactional: boolean;
}

const names: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
};

export function framed({ up, down }: Pick<Calls, 'up' | 'down'>, frame: Frame): string {
  const { tool, modules, dialect } = frame;
  const imported = ['DataTypes', ...(usesLiteral(up) ? ['literal'] : [])].join(', ');
  const bodies = { up: bodyOf(up, frame), down: bodyOf(down, frame) };
  const lines = [
    ...(modules === 'commonjs' && frame.language === 'javascript' ? ["'use strict';", ''] : []),
    `/** The tables of sequelize-audit on ${names[dialect] ?? dialect}. */`,
    ...(tool === 'umzug' ? forUmzug(bodies, imported, frame) : forSequelizeCli(bodies, imported, frame)),
  ];
  return `${lines.join('\n')}\n`;
}

interface Bodies {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

function forSequelizeCli({ up, down }: Bodies, imported: string, { language, modules }: Frame): string[] {
  const isTyped = language === 'typescript';
  const first = isTyped ? 'queryInterface: QueryInterface' : 'queryInterface';
  const second = isTyped ? `{ ${imported} }: typeof import('sequelize')` : `{ ${imported} }`;
  const methods = { up: [`up(${first}, ${second})`, up], down: [`down(${first})`, down] } as const;
  const head = isTyped ? ["import type { QueryInterface } from 'sequelize';", ''] : [];
  if (modules === 'esm' || isTyped) {
    const functions = Object.values(methods).flatMap(([signature, body]) => [
      '',
      `export async function ${signature}${isTyped ? ': Promise<void>' : ''} {`,
      ...indented(body),
      '}',
    ]);
    return [...head, ...functions].slice(isTyped ? 0 : 1);
  }
  const members = Object.values(methods).map(([signature, body]) =>
    indented([`async ${signature} {`, ...indented(body), '},']),
  );
  return ['module.exports = {', ...(members[0] ?? []), '', ...(members[1] ?? []), '};'];
}

function forUmzug({ up, down }: Bodies, imported: string, { language, modules }: Frame): string[] {
  const isTyped = language === 'typescript';
  const isCommon = modules === 'commonjs' && !isTyped;
  const types = isTyped ? ', type QueryInterface, type Sequelize' : '';
  const head = isCommon
    ? `const { ${imported} } = require('sequelize');`
    : `import { ${imported}${types} } from 'sequelize';`;
  const argument = isTyped ? '({ context }: { context: QueryInterface | Sequelize })' : '({ context })';
  const exported = (name: string, body: readonly string[]) => [
    `${isCommon ? `exports.${name} =` : `export const ${name} =`} async ${argument}${isTyped ? ': Promise<void>' : ''} => {`,
    "  const queryInterface = 'getQueryInterface' in context ? context.getQueryInterface() : context;",
    ...indented(body),
    '};',
  ];
  return [
    head,
    '',
    '// The context is the query interface, or the Sequelize instance.',
    ...exported('up', up),
    '',
    ...exported('down', down),
  ];
}

function bodyOf(lines: readonly string[], { isTransactional }: Frame): readonly string[] {
  if (!isTransactional) return lines;
  return ['await queryInterface.sequelize.transaction(async (transaction) => {', ...indented(lines), '});'];
}

/** Lines of SQL are left as they are: they stand in a string. */
function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`));
}
