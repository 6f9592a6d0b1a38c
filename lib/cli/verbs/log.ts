/** `sequelize-audit log`: the entries that fulfil some conditions, and those that will. */
import type { Command } from 'commander';
import type { Audit, AuditEntry, EntriesQuery } from '../../index.js';
import { instantForms, instantOf } from '../arguments/instant.js';
import { countOf, metaOf, repeatable } from '../arguments/options.js';
import { type NamedRecord, recordOf, unknownModel } from '../arguments/record.js';
import { UsageError } from '../exit.js';
import { follow } from '../follow.js';
import { examples } from '../help.js';
import { pagesOf } from '../pages.js';
import { numbered } from '../revisions.js';
import type { Shell } from '../shell.js';
import { entryLines } from '../text/entry-lines.js';
import { EntryTable } from '../text/entry-table.js';

interface Options {
  readonly model?: readonly string[];
  /** false: nobody. */
  readonly actor?: readonly string[] | false;
  readonly action?: readonly string[];
  readonly attribute?: readonly string[];
  readonly changeset?: string;
  readonly since?: string;
  readonly until?: string;
  readonly meta?: readonly string[];
  readonly limit?: string;
  readonly after?: string;
  readonly reverse?: boolean;
  readonly patch?: boolean;
  readonly follow?: boolean;
  readonly interval: string;
}

export function logVerb(program: Command, shell: Shell): void {
  program
    .command('log')
    .description('list entries, newest first; all conditions given have to be fulfilled')
    .argument('[record]', "only those of one record: User/1, or 'Membership/[1,2]'")
    .addOption(repeatable('-m, --model <name>', 'of this model; may be repeated, as may those below'))
    .addOption(repeatable('-a, --actor <name>', 'written by'))
    .option('--no-actor', 'written by nobody')
    .addOption(repeatable('--action <action>', 'create, update, destroy, restore or baseline'))
    .addOption(repeatable('--attribute <name>', 'that changed this attribute'))
    .addOption(repeatable('--meta <key=text>', 'whose meta has this member; key:=json for what is no text'))
    .option('--changeset <id>', 'of one transaction')
    .option('--since <time>', `not before: ${instantForms}`)
    .option('--until <time>', 'not after')
    .option('-n, --limit <count>', 'how many (default: 100, and 10 before those that follow)')
    .option('--after <entry>', 'the page after this entry')
    .option('--reverse', 'oldest first')
    .option('-p, --patch', 'with all that changed, as show has it')
    .option('-f, --follow', 'oldest first, and then those that are written from now on')
    .option('--interval <seconds>', 'how often --follow looks', '1')
    .addHelpText(
      'after',
      examples(
        ['log', 'the last changes'],
        ['log User/1 -p', 'what happened to one record, with its revisions'],
        ['log --model User --attribute role --since 7d', 'whose role was changed in the last week?'],
        ['log --actor ops --meta ticket=T-7 --json', 'for programs'],
        ['log --follow --action destroy', 'what is destroyed from now on'],
      ),
    )
    .action((record: string | undefined, options: Options) =>
      shell.withAudit((audit) => log(shell, audit, record, options)),
    );
}

async function log(shell: Shell, audit: Audit, text: string | undefined, options: Options): Promise<void> {
  const record = text === undefined ? null : recordOf(audit, text);
  const query = queryOf(record, options);
  const limit = countOf(options.limit, '--limit');
  const printer = new Printer(shell, audit, record, options.patch ?? false);
  if (options.follow) {
    if (options.after !== undefined || options.until !== undefined)
      throw new UsageError('--follow goes with neither --after nor --until');
    const interval = Number(options.interval) * 1000;
    if (!(interval >= 10 && interval <= 3_600_000))
      throw new UsageError(`--interval: expected seconds from 0.01 to 3600, got ${JSON.stringify(options.interval)}`);
    for await (const batch of follow(audit, query, { backlog: limit ?? 10, interval })) await printer.print(batch);
  }
  const order = options.reverse ? 'ASC' : 'DESC';
  const asked = limit ?? 100;
  for await (const page of pagesOf(audit, { ...query, order, after: options.after }, asked)) await printer.print(page);
  if (printer.count === 0 && record && !record.model) throw unknownModel(audit, record.modelName);
  if (printer.count === 0) await shell.note('no entries');
  if (printer.count === asked && shell.stdout.isTerminal)
    await shell.note(`there may be more: --after ${printer.last}`);
}

function queryOf(record: NamedRecord | null, options: Options): EntriesQuery {
  const { actor, action, attribute, changeset, since, until, meta, model } = options;
  if (record && model) throw new UsageError('--model beside a record: expected one of them');
  return {
    model: record ? record.modelName : model,
    recordId: record?.recordId,
    actor: actor === false ? null : actor,
    action: action as EntriesQuery['action'],
    attribute,
    changesetId: changeset,
    since: since === undefined ? undefined : instantOf(since, '--since'),
    until: until === undefined ? undefined : instantOf(until, '--until'),
    meta: metaOf(meta),
  };
}

class Printer {
  readonly #shell: Shell;
  readonly #audit: Audit;
  readonly #record: NamedRecord | null;
  readonly #isPatch: boolean;
  readonly #table: EntryTable;
  /** Entries so far, and the id of the last one. */
  count = 0;
  last = '';

  constructor(shell: Shell, audit: Audit, record: NamedRecord | null, isPatch: boolean) {
    this.#shell = shell;
    this.#audit = audit;
    this.#record = record;
    this.#isPatch = isPatch;
    this.#table = new EntryTable(shell.stdout, record !== null);
  }

  async print(entries: readonly AuditEntry[]): Promise<void> {
    const shown = this.#record ? await numbered(this.#audit, this.#record, entries) : entries;
    if (this.#shell.isJson) for (const entry of shown) await this.#shell.printJson(entry);
    else if (this.#isPatch)
      for (const [index, entry] of shown.entries())
        await this.#shell.print([...(this.count + index > 0 ? [''] : []), ...entryLines(entry, this.#shell.stdout)]);
    else await this.#shell.print(this.#table.lines(shown));
    this.count += entries.length;
    this.last = entries.at(-1)?.id ?? this.last;
  }
}
