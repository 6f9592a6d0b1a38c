/** What the viewer is told: once when it is made, and for each request by `authorize`. Checked here. */
import { type Audit, AuditError } from '../index.js';

/** What somebody may see and do. What is left out does not narrow anything. */
export interface ViewerAccess {
  /** Who looks. Nobody reverts or undoes without a name, which their entries get. */
  readonly actor?: string | number | bigint | null | undefined;
  /** Names of models as entries have them. @default every model of the log */
  readonly models?: readonly string[] | undefined;
  /**
   * Which of some records of a model may be seen. A record is seen as a whole or not at all.
   *
   * @param recordIds as entries have them
   */
  readonly records?:
    | ((modelName: string, recordIds: readonly string[]) => Iterable<string> | Promise<Iterable<string>>)
    | undefined;
  /** Records are seen all of whose entries have these members in `meta`, such as `{ tenant: 'acme' }`. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** false takes `write` of the viewer away. @default true */
  readonly write?: boolean | undefined;
}

/** What `authorize` answers: false, null or undefined is 403, true is all, and a Response is sent as it is. */
export type Authorization = ViewerAccess | Response | boolean | null | undefined;

export interface ViewerOptions {
  /**
   * Who may see what, asked for each request.
   *
   * @param context what the viewer was called with beside the request: with `viewer.node` the request of Node, or of
   * the framework
   */
  readonly authorize: (request: Request, context: unknown) => Authorization | Promise<Authorization>;
  /** Whether the viewer reverts and undoes. @default false */
  readonly write?: boolean;
  /** The path it is mounted under, such as `/audit`. @default what Express and Connect say, or none */
  readonly basePath?: string;
  /** At the head of each page. @default 'Audit log' */
  readonly title?: string;
  /** Signs the forms; give all processes of an application the same. @default made up at the start of each */
  readonly secret?: string;
  /** Told of what went wrong, of which the page says nothing. @default console.error */
  readonly onError?: (error: unknown) => void;
}

export type ResolvedViewerOptions = Required<Omit<ViewerOptions, 'secret' | 'basePath'>> & {
  readonly secret: string | null;
  /** null where nothing was said. */
  readonly basePath: string | null;
};

const known = ['authorize', 'write', 'basePath', 'title', 'secret', 'onError'];

/** @throws AuditError ERR_AUDIT_OPTION_INVALID naming the option, what was expected and what came */
export function resolveViewerOptions(audit: unknown, options: unknown): ResolvedViewerOptions {
  // Not instanceof: the application may have loaded the package twice.
  if (typeof (audit as Partial<Audit> | undefined)?.entries !== 'function')
    throw invalid('the first argument', 'what attachAudit returned', audit);
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object with authorize', options);
  const given = options as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid('options', known.join(', '), unknown);
  const { authorize, write = false, basePath, title = 'Audit log', secret, onError = logged } = given;
  if (typeof authorize !== 'function')
    throw invalid('authorize', 'a function that says who may see what, without which nobody may', authorize);
  if (typeof write !== 'boolean') throw invalid('write', 'true or false', write);
  if (basePath !== undefined && !(typeof basePath === 'string' && /^(\/[^/?#\s]+)*\/?$/.test(basePath)))
    throw invalid('basePath', 'a path such as "/audit"', basePath);
  if (typeof title !== 'string' || title === '') throw invalid('title', 'a text', title);
  if (secret !== undefined && !(typeof secret === 'string' && secret.length >= 32))
    throw new AuditError(
      'ERR_AUDIT_OPTION_INVALID',
      'createViewer: Option secret: expected a text of at least 32 characters',
    );
  if (typeof onError !== 'function') throw invalid('onError', 'a function', onError);
  return Object.freeze({
    authorize: authorize as ViewerOptions['authorize'],
    write,
    basePath: basePath === undefined ? null : basePath.replace(/\/$/, ''),
    title,
    secret: secret ?? null,
    onError: onError as (error: unknown) => void,
  });
}

/**
 * What somebody may see, from what `authorize` answered.
 *
 * @returns null for nothing at all
 * @throws AuditError ERR_AUDIT_OPTION_INVALID for an answer that is none: a misspelt narrowing must not widen
 */
export function accessOf(answer: unknown): ViewerAccess | null {
  if (answer === false || answer === null || answer === undefined) return null;
  if (answer === true) return {};
  if (typeof answer !== 'object' || Array.isArray(answer)) throw wrong('an object, true, false or a Response', answer);
  const { actor, models, records, meta, write, ...others } = answer as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong('actor, models, records, meta and write', unknown);
  if (actor !== undefined && actor !== null && !['string', 'number', 'bigint'].includes(typeof actor))
    throw wrong('a string or a number as actor', actor);
  if (models !== undefined && !(Array.isArray(models) && models.every((name) => typeof name === 'string')))
    throw wrong('an array of names as models', models);
  if (records !== undefined && typeof records !== 'function') throw wrong('a function as records', records);
  if (meta !== undefined && (typeof meta !== 'object' || meta === null || Array.isArray(meta)))
    throw wrong('an object as meta', meta);
  if (write !== undefined && typeof write !== 'boolean') throw wrong('true or false as write', write);
  return answer as ViewerAccess;
}

function wrong(expected: string, got: unknown): AuditError {
  return new AuditError('ERR_AUDIT_OPTION_INVALID', `authorize: expected ${expected}, got ${shown(got)}`);
}

function invalid(option: string, expected: string, got: unknown): AuditError {
  const where = known.includes(option) ? `Option ${option}` : option;
  return new AuditError('ERR_AUDIT_OPTION_INVALID', `createViewer: ${where}: expected ${expected}, got ${shown(got)}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function logged(error: unknown): void {
  console.error('sequelize-audit/viewer:', error);
}
