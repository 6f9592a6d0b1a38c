/** An entry of the log as a block of lines, its head first and then what changed. */
import {
  type Action,
  type AuditEntry,
  type Conflict,
  changesOf,
  type PlannedChange,
  type Revision,
} from '../../index.js';
import type { Colors } from '../output.js';
import { changeLines } from './change-lines.js';
import { escaped, json } from './escape.js';
import type { Paper } from './paper.js';
import { valueText } from './value.js';
import { hanging } from './value-lines.js';

export function entryLines(entry: AuditEntry | Revision, paper: Paper): string[] {
  const { colors } = paper;
  const revision = 'revision' in entry ? `, revision ${entry.revision}` : '';
  const head = `${colors.yellow(`entry ${entry.id}`)}  ${actionText(entry.action, colors)} ${recordText(entry)}${revision}`;
  return [
    head,
    ...contextLines(entry, paper),
    `Changeset: ${entry.changesetId}`,
    '',
    ...entry.changes.flatMap((change) => changeLines(change, paper)),
  ];
}

/** Who, when and why. */
function contextLines({ actor, reason, meta, at }: AuditEntry, paper: Paper): string[] {
  return [
    `Date:      ${at.toISOString()}`,
    ...hanging('Actor:     ', actorText(actor), paper),
    ...(reason === null ? [] : hanging('Reason:    ', escaped(reason), paper)),
    ...(meta === null ? [] : hanging('Meta:      ', json(meta), paper)),
  ];
}

/** What a revert or undo writes to one record. */
export function plannedLines({ modelName, recordId, action, patch }: PlannedChange, paper: Paper): string[] {
  const changes = changesOf(patch).flatMap((change) => changeLines(change, paper));
  return [`${actionText(action, paper.colors)} ${recordText({ modelName, recordId })}`, ...changes];
}

/** Where a later change stands in the way of an undo. */
export function conflictLines({ modelName, recordId, path, expected, found }: Conflict, paper: Paper): string[] {
  const place = path === '' ? '' : ` ${escaped(path.slice(1))}`;
  return [
    `${paper.colors.red('conflict')} ${recordText({ modelName, recordId })}${place}`,
    ...hanging('    the change left  ', valueText(expected as never), paper),
    ...hanging('    and there is now ', valueText(found as never), paper),
  ];
}

export function recordText({ modelName, recordId }: { readonly modelName: string; readonly recordId: string }): string {
  return escaped(`${modelName}/${recordId}`);
}

/** @param actor null for nobody */
export function actorText(actor: string | null): string {
  return actor === null ? '-' : escaped(actor);
}

export function actionText(action: Action, colors: Colors): string {
  const color = {
    create: colors.green,
    restore: colors.green,
    destroy: colors.red,
    update: colors.yellow,
    baseline: colors.blue,
  };
  return color[action](action);
}
