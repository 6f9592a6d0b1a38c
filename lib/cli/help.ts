/** Parts of the help that all verbs have. */

/** A command line without the program's name, and what it does. */
export type Example = readonly [line: string, meaning: string];

/** For `addHelpText('after', …)`. */
export function examples(...lines: readonly Example[]): string {
  return ['', 'Examples:', ...lines.flatMap(([line, meaning]) => [`  # ${meaning}`, `  sequelize-audit ${line}`])].join(
    '\n',
  );
}
