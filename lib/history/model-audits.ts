/** Says what is audited, for whoever looks at an application from outside. */
import type { Model, ModelStatic } from 'sequelize';
import { chosenModels } from './chosen-models.js';
import type { HistoryParts } from './log-reader.js';

/** What is audited of one model. */
export interface ModelAudit {
  /** As entries name it. */
  readonly modelName: string;
  readonly model: ModelStatic<Model>;
  /** Those that entries hold, redacted ones included. */
  readonly attributes: readonly string[];
  /** Those of them whose values are hidden. */
  readonly redact: readonly string[];
  /** The names that attributes had in older entries, by today's name. */
  readonly renamed: Readonly<Record<string, readonly string[]>>;
}

export function modelAudits(parts: HistoryParts): ModelAudit[] {
  return chosenModels(parts, undefined).map(({ modelName, model, columns, renamed }) => ({
    modelName,
    model,
    attributes: columns.map(({ attribute }) => attribute),
    redact: columns.filter(({ isRedacted }) => isRedacted).map(({ attribute }) => attribute),
    renamed,
  }));
}
