/** One request: who asks for what, and the pieces that every page needs. */
import type { Audit } from '../index.js';
import type { FormToken } from './form-token.js';
import type { ResolvedViewerOptions } from './options.js';
import type { RecordName, Sight } from './read/sight.js';
import type { Verifications } from './read/verifications.js';

export interface Visit {
  readonly audit: Audit;
  readonly options: ResolvedViewerOptions;
  readonly sight: Sight;
  readonly tokens: FormToken;
  readonly verifications: Verifications;
  /** null for nobody. */
  readonly actor: string | null;
  /** Whether revert and undo are there. */
  readonly canWrite: boolean;
  /** The path before all paths of the viewer; '' for none. */
  readonly base: string;
  readonly path: string;
  readonly params: URLSearchParams;
  /** What a form has sent; null when none was. */
  readonly form: URLSearchParams | null;
}

/** How much of long values and lists a page shows: it is made with less until it is small enough. */
export interface Detail {
  /** Characters of one value. */
  readonly characters: number;
  /** Changes of one entry in a list of entries. */
  readonly changes: number;
  /** Rows of a table. */
  readonly rows: number;
  /** Characters of a name. */
  readonly name: number;
}

/** From much to little. */
export const details: readonly Detail[] = [
  { characters: 1200, changes: 12, rows: 200, name: 80 },
  { characters: 400, changes: 8, rows: 100, name: 80 },
  { characters: 140, changes: 5, rows: 60, name: 60 },
  { characters: 60, changes: 3, rows: 40, name: 40 },
  { characters: 24, changes: 2, rows: 25, name: 20 },
];

export type Html = { toString(): string | Promise<string> } | Promise<unknown>;

/** What a page answers with. */
export type Answer =
  | {
      readonly title: string;
      /** @default 200 */
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: (detail: Detail) => Html;
    }
  | { readonly text: string }
  | { readonly location: string };

export type Page = (visit: Visit) => Promise<Answer>;

type Params = Readonly<Record<string, string | null | undefined>>;

/** The address of a page. Parameters that are null, undefined or empty are left out. */
export function to({ base }: Pick<Visit, 'base'>, path: string, params: Params = {}): string {
  const pairs = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const query = new URLSearchParams(pairs as [string, string][]).toString();
  return `${base}${path}${query === '' ? '' : `?${query}`}` || '/';
}

/** How addresses name a record: a long id is named by an entry that has it. @param entry the id of one */
export function named({ modelName, recordId }: RecordName, entry: string): Params {
  const length = encodeURIComponent(modelName + recordId).length;
  return length > 300 || recordId === '' ? { entry } : { model: modelName, id: recordId };
}

/** How addresses name an actor: a long name by an entry that has it, null for nobody. @param entry the id of one */
export function namedActor(actor: string | null, entry: string): Params {
  if (actor === null) return { nobody: '1' };
  return actor === '' || encodeURIComponent(actor).length > 200 ? { entry } : { name: actor };
}
