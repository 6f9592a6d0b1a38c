/** `sequelize-audit stats`: what the log holds, in numbers. */
import type { Command } from 'commander';
import type { Action, Audit } from '../../index.js';
import { countOf } from '../arguments/options.js';
import { examples } from '../help.js';
import { logSize } from '../log-size.js';
import type { Shell } from '../shell.js';
import { actorText } from '../text/entry-lines.js';
import { escaped } from '../text/escape.js';
import { type Column, tableLines } from '../text/table.js';

const actions = ['create', 'update', 'destroy', 'restore', 'baseline'] as const satisfies readonly Action[];

/** How many entries there are of one model and action, or of one actor; what is not asked for is absent. */
interface Group {
  readonly modelName: string;
  readonly action: string;
  readonly actor: string | null;
  readonly count: number;
}

export function statsVerb(program: Command, shell: Shell): void {
  program
    .command('stats')
    .description('count entries by model, action and actor, and say how large the log is')
    .option('-n, --limit <count>', 'actors that are listed, the busiest first (default: 10)')
    .addHelpText('after', examples(['stats', 'the log in numbers'], ['stats --json', 'the same as one JSON object']))
    .action((options: { readonly limit?: string }) =>
      shell.withAudit((audit) => stats(shell, audit, countOf(options.limit, '--limit') ?? 10)),
    );
}

async function stats(shell: Shell, audit: Audit, limit: number): Promise<void> {
  const groups = await groupsOf(audit, ['modelName', 'action']);
  const actors = byCount(await groupsOf(audit, ['actor'])).map(({ actor, count }) => ({ actor, entries: count }));
  const models = modelsOf(groups);
  const [first] = await audit.entries({ order: 'ASC', limit: 1 });
  const [last] = await audit.entries({ limit: 1 });
  const entries = groups.reduce((sum, { count }) => sum + count, 0);
  const bytes = await logSize(audit);
  const ends = { first: first?.at ?? null, last: last?.at ?? null };
  if (shell.isJson)
    return shell.printJson({
      entries,
      ...ends,
      bytes,
      models,
      actors: actors.slice(0, limit),
      actorCount: actors.length,
    });

  const { stdout } = shell;
  await shell.print([
    `Entries:  ${entries}`,
    `First:    ${ends.first?.toISOString() ?? '-'}`,
    `Last:     ${ends.last?.toISOString() ?? '-'}`,
    `Size:     ${bytes === null ? 'the database does not say' : sizeText(bytes)}`,
  ]);
  if (entries === 0) return;
  const counted = actions.filter((action) => models.some((model) => model.actions[action] > 0));
  const modelColumns: Column[] = [
    { name: 'MODEL' },
    ...['entries', ...counted].map((name) => ({ name: name.toUpperCase(), align: 'right', isWhole: true }) as const),
  ];
  const modelRows = models.map(({ modelName, entries, actions: of }) => [
    escaped(modelName),
    String(entries),
    ...counted.map((action) => String(of[action] || '-')),
  ]);
  const actorColumns: Column[] = [{ name: 'ACTOR' }, { name: 'ENTRIES', align: 'right', isWhole: true }];
  const actorRows = actors.slice(0, limit).map(({ actor, entries }) => [actorText(actor), String(entries)]);
  await shell.print([
    '',
    ...tableLines(modelColumns, modelRows, stdout),
    '',
    ...tableLines(actorColumns, actorRows, stdout),
  ]);
  if (actors.length > limit) await stdout.print(`and ${actors.length - limit} more actors`);
}

/** The counts of each combination of some attributes that the log has. */
async function groupsOf({ AuditLog }: Audit, attributes: readonly (keyof Group)[]): Promise<Group[]> {
  const query = { attributes: [...attributes], group: [...attributes] };
  const groups = (await AuditLog.count(query as never)) as unknown as (Group & { readonly count: number | string })[];
  return groups.map((group) => ({ ...group, count: Number(group.count) }));
}

function modelsOf(groups: readonly Group[]): { modelName: string; entries: number; actions: Record<Action, number> }[] {
  const names = [...new Set(groups.map(({ modelName }) => modelName))];
  const models = names.map((modelName) => {
    const own = groups.filter((group) => group.modelName === modelName);
    const countOf = (action: Action) => own.find((group) => group.action === action)?.count ?? 0;
    const counts = Object.fromEntries(actions.map((action) => [action, countOf(action)])) as Record<Action, number>;
    return { modelName, count: own.reduce((sum, { count }) => sum + count, 0), actions: counts };
  });
  return byCount(models).map(({ modelName, count, actions: of }) => ({ modelName, entries: count, actions: of }));
}

function byCount<T extends { readonly count: number }>(groups: readonly T[]): T[] {
  return [...groups].sort((one, other) => other.count - one.count);
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
