/** `sequelize-audit show`: one entry, or all of one changeset, with what changed. */
import type { Command } from 'commander';
import { isChangeset } from '../arguments/point.js';
import { recordOf } from '../arguments/record.js';
import { UsageError } from '../exit.js';
import { examples } from '../help.js';
import { entryOf, pagesOf } from '../pages.js';
import { numbered } from '../revisions.js';
import type { Shell } from '../shell.js';
import { entryLines } from '../text/entry-lines.js';

export function showVerb(program: Command, shell: Shell): void {
  program
    .command('show')
    .description('show an entry, or all entries of a changeset, and what they changed')
    .argument('<what>', 'the id of an entry, or of a changeset')
    .addHelpText(
      'after',
      examples(
        ['show 42', 'who changed what in entry 42, when and why'],
        ['show 0b3c0f0e-4f0e-4d5e-9d6b-0c8f6c1f7a55', 'all that one transaction changed'],
        ['show 42 --json', 'the same for programs, its RFC 6902 patch included'],
      ),
    )
    .action((what: string) =>
      shell.withAudit((audit) => (isChangeset(what) ? changeset(audit, what) : one(audit, what))),
    );

  async function one(audit: Parameters<typeof entryOf>[0], id: string): Promise<void> {
    const entry = await entryOf(audit, id);
    if (!entry) throw new UsageError(`the log holds no entry ${JSON.stringify(id)}`);
    const [shown = entry] = await numbered(audit, recordOf(audit, `${entry.modelName}/${entry.recordId}`), [entry]);
    if (shell.isJson) return shell.printJson(shown);
    await shell.print(entryLines(shown, shell.stdout));
  }

  async function changeset(audit: Parameters<typeof entryOf>[0], changesetId: string): Promise<void> {
    let count = 0;
    for await (const page of pagesOf(audit, { changesetId, order: 'ASC' })) {
      for (const entry of page) {
        if (shell.isJson) await shell.printJson(entry);
        else await shell.print([...(count === 0 ? [] : ['']), ...entryLines(entry, shell.stdout)]);
        count += 1;
      }
    }
    if (count === 0) throw new UsageError(`the log holds no changeset ${changesetId}`);
  }
}
