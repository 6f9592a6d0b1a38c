/** Options that several verbs have, and how their texts become values. */
import { Option } from 'commander';
import { UsageError } from '../exit.js';

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, earlier: readonly string[] | undefined) => [
    ...(earlier ?? []),
    value,
  ]);
}

/** @throws UsageError */
export function countOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`${option}: expected a number from 1, got ${JSON.stringify(text)}`);
  return count;
}

/**
 * Members of `meta`: `key=text`, and `key:=json` for what is no text.
 *
 * @throws UsageError
 */
export function metaOf(texts: readonly string[] | undefined): Record<string, unknown> | undefined {
  if (texts === undefined) return undefined;
  const pairs = texts.map((text) => {
    const [, key, isJson, value = ''] = /^([^=]+?)(:?)=(.*)$/s.exec(text) ?? [];
    if (key === undefined) throw new UsageError(`--meta: expected key=text or key:=json, got ${JSON.stringify(text)}`);
    return [key, isJson ? jsonOf(text, value) : value];
  });
  return Object.fromEntries(pairs) as Record<string, unknown>;
}

function jsonOf(text: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw new UsageError(`--meta: expected JSON after :=, got ${JSON.stringify(text)}`);
  }
}

/** Who writes and why, for the verbs that write. */
export interface ContextOptions {
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
}

export const actorOption = () => new Option('--actor <name>', 'who writes, for the log');
export const reasonOption = () => new Option('--reason <text>', 'why, for the log');

/** Without those that were not given. */
export function contextOf({ actor, reason }: ContextOptions): { readonly actor?: string; readonly reason?: string } {
  return { ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) };
}
