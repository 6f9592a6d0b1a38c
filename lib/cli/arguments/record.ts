/** Records as users name them: `User/1`, and `'Membership/[1,2]'` for a composite key. */
import type { Model, ModelStatic } from 'sequelize';
import type { Audit, History } from '../../index.js';
import { UsageError } from '../exit.js';

export interface NamedRecord {
  /** As entries have it. */
  readonly modelName: string;
  readonly recordId: string;
  /** null when the model is not audited any more, or is gone. */
  readonly model: ModelStatic<Model> | null;
}

/**
 * @param text what stands before the first slash is the model, unless a model has a slash in its name; the rest is the
 * record's id as entries have it
 * @throws UsageError
 */
export function recordOf(audit: Audit, text: string): NamedRecord {
  const known = audit.models.map(({ modelName }) => modelName);
  const longest = known.filter((name) => text.startsWith(`${name}/`)).sort((one, other) => other.length - one.length);
  const modelName = longest[0] ?? text.slice(0, Math.max(text.indexOf('/'), 0));
  const recordId = text.slice(modelName.length + 1);
  if (modelName === '' || recordId === '')
    throw new UsageError(
      `expected a record such as User/1, or 'Membership/[1,2]' for a composite key, got ${JSON.stringify(text)}`,
    );
  return { modelName, recordId, model: modelOf(audit, modelName) };
}

/**
 * The history of a record, and its model and key, as `audit.blame` takes them.
 *
 * @throws UsageError when its model is not audited, or its id is none
 */
export function targetOf(
  audit: Audit,
  text: string,
): { readonly model: ModelStatic<Model>; readonly key: unknown; readonly history: History } {
  const { model, modelName, recordId } = recordOf(audit, text);
  if (!model) throw unknownModel(audit, modelName);
  const key = keyOf(model, recordId);
  return { model, key, history: audit.history(model, key) };
}

/** @param modelName as it was written */
export function unknownModel(audit: Audit, modelName: string): UsageError {
  const known = audit.models.map(({ modelName: name }) => name);
  return new UsageError(
    `no model ${JSON.stringify(modelName)} is audited: expected one of ${known.join(', ') || 'none'}`,
  );
}

function modelOf(audit: Audit, modelName: string): ModelStatic<Model> | null {
  const named = (name: string) => audit.models.find((each) => each.modelName === name)?.model;
  const point = modelName.lastIndexOf('.');
  const bound = point < 1 ? undefined : named(modelName.slice(point + 1))?.schema(modelName.slice(0, point));
  return named(modelName) ?? (bound as ModelStatic<Model> | undefined) ?? null;
}

/** The key that the text of a record id stands for. @throws UsageError */
export function keyOf(model: ModelStatic<Model>, recordId: string): unknown {
  const names = model.primaryKeyAttributes;
  const [only] = names;
  if (only !== undefined && names.length === 1) return partOf(model, only, recordId);
  const parts = parsed(recordId);
  if (!Array.isArray(parts) || parts.length !== names.length)
    throw new UsageError(
      `a record of ${model.name} is named by ${names.join(' and ')}: expected ${model.name}/[…] with ${names.length} values in JSON, got ${JSON.stringify(recordId)}`,
    );
  return Object.fromEntries(names.map((name, index) => [name, partOf(model, name, parts[index])]));
}

/** Models read their keys from the text of the log, but for bytes, which stand there as base64. */
function partOf(model: ModelStatic<Model>, attribute: string, part: unknown): unknown {
  const type = model.getAttributes()[attribute]?.type as unknown as { readonly key?: string } | undefined;
  return type?.key === 'BLOB' && typeof part === 'string' ? Buffer.from(part, 'base64') : part;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
