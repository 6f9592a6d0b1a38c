/** Follows the log while others write to it, without missing an entry. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FindOptions, Sequelize, WhereOptions } from 'sequelize';
import type { Audit, AuditEntry, AuditLogAttributes, EntriesQuery } from '../index.js';
import { pagesOf } from './pages.js';

/** Ids from one to another, both included. */
type Range = readonly [first: bigint, last: bigint];

/** Ids that are read at once. */
const idsAtOnce = 5000;

/** Gaps that are looked at again: of more, the oldest are given up. */
const mostGaps = 500;

/**
 * A transaction draws the ids of its entries before it commits, so that entries with higher ids can be seen earlier. Ids
 * that are left out are therefore looked for again each time: they may come, or never, if theirs was rolled back.
 */
export class Follower {
  readonly #audit: Audit;
  readonly #query: EntriesQuery;
  /** The highest id that has been seen. */
  #high: bigint;
  #gaps: Range[] = [];

  /**
   * @param query which entries to give; `after` and `order` mean nothing here
   * @param high an id that has been seen, as those before it have
   */
  private constructor(audit: Audit, query: EntriesQuery, high: bigint) {
    this.#audit = audit;
    this.#query = query;
    this.#high = high;
  }

  /** Begins with what is written from now on, gaps that are open by now included. */
  static async fromNow(audit: Audit, query: EntriesQuery): Promise<Follower> {
    const latest = await idsOf(audit, {}, { order: [['id', 'DESC']], limit: idsAtOnce });
    const follower = new Follower(audit, query, latest[0] ?? 0n);
    if (latest.length > 0) follower.#note(latest.toReversed(), latest.at(-1) as bigint);
    return follower;
  }

  /** The id of the newest entry when it began, or was seen last. */
  get high(): bigint {
    return this.#high;
  }

  /** Whether `next` will give the entry when it sees it. */
  isAwaited(id: bigint): boolean {
    return id > this.#high || this.#gaps.some(([first, last]) => id >= first && id <= last);
  }

  /** What has come since: entries that fulfil the query, in the order of their ids. */
  async *next(): AsyncGenerator<AuditEntry> {
    const late = await this.#late();
    const fresh: bigint[] = [];
    let page: bigint[];
    do {
      const { gt } = operators(this.#audit);
      const where = { id: { [gt]: String(this.#high) } };
      page = await idsOf(this.#audit, where as never, { order: [['id', 'ASC']], limit: idsAtOnce });
      this.#note(page, this.#high);
      this.#high = page.at(-1) ?? this.#high;
      fresh.push(...page);
    } while (page.length === idsAtOnce);
    for (const run of runsOf([...late, ...fresh])) yield* this.#entries(run);
  }

  /** Looks again at the gaps. @returns the ids that were found there */
  async #late(): Promise<bigint[]> {
    if (this.#gaps.length === 0) return [];
    const { or, between } = operators(this.#audit);
    const where = { [or]: this.#gaps.map((gap) => ({ id: { [between]: gap.map(String) } })) };
    const found = await idsOf(this.#audit, where as never, { order: [['id', 'ASC']] });
    this.#gaps = this.#gaps.flatMap(([first, last]) =>
      gapsOf([first - 1n, ...found.filter((id) => id >= first && id <= last), last + 1n]),
    );
    return found;
  }

  /** @param ids in their order, the next after `before` */
  #note(ids: readonly bigint[], before: bigint): void {
    this.#gaps = [...this.#gaps, ...gapsOf([before, ...ids])].slice(-mostGaps);
  }

  async *#entries(run: readonly bigint[]): AsyncGenerator<AuditEntry> {
    const wanted = new Set(run.map(String));
    const last = run.at(-1) as bigint;
    const query: EntriesQuery = { ...this.#query, order: 'ASC', after: (run[0] as bigint) - 1n };
    for await (const page of pagesOf(this.#audit, query)) {
      yield* page.filter(({ id }) => wanted.has(id));
      if (BigInt(page.at(-1)?.id ?? last) >= last) return;
    }
  }
}

/**
 * The entries that are there, oldest first, and from then on those that come.
 *
 * @param backlog how many of those that are there
 * @param interval milliseconds from one look to the next
 */
export async function* follow(
  audit: Audit,
  query: Omit<EntriesQuery, 'limit' | 'order'>,
  { backlog, interval }: { readonly backlog: number; readonly interval: number },
): AsyncGenerator<AuditEntry[]> {
  const follower = await Follower.fromNow(audit, query);
  const earlier: AuditEntry[] = [];
  for await (const page of pagesOf(audit, { ...query, order: 'DESC', after: follower.high + 1n }, backlog))
    earlier.push(...page.filter(({ id }) => !follower.isAwaited(BigInt(id))));
  if (earlier.length > 0) yield earlier.reverse();
  for (;;) {
    const batch: AuditEntry[] = [];
    for await (const entry of follower.next()) batch.push(entry);
    if (batch.length > 0) yield batch;
    await sleep(interval);
  }
}

/** The ranges that are left out between one id and the next. */
function gapsOf(ids: readonly bigint[]): Range[] {
  return ids.slice(1).flatMap((id, index) => {
    const before = ids[index] as bigint;
    return id - before > 1n ? [[before + 1n, id - 1n] as const] : [];
  });
}

/** Ids that are near enough to each other to be read by one walk through the log. */
function runsOf(ids: readonly bigint[]): bigint[][] {
  const runs: bigint[][] = [];
  for (const id of [...ids].sort((one, other) => (one < other ? -1 : 1))) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && id - last <= 100n) runs.at(-1)?.push(id);
    else runs.push([id]);
  }
  return runs;
}

async function idsOf(
  { AuditLog }: Audit,
  where: WhereOptions<AuditLogAttributes>,
  options: Pick<FindOptions<AuditLogAttributes>, 'order' | 'limit'>,
): Promise<bigint[]> {
  const rows = await AuditLog.findAll({ ...options, where, attributes: ['id'], raw: true, useMaster: true } as never);
  return rows.map(({ id }) => BigInt(id));
}

function operators({ sequelize }: Audit): typeof import('sequelize')['Op'] {
  return (sequelize as unknown as { readonly Sequelize: typeof Sequelize & typeof import('sequelize') }).Sequelize.Op;
}
