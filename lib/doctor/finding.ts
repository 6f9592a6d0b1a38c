/** What is wrong with an installation, as data. */

/** Every kind of finding, with what it is about. `docs/doctor.md` is compared with this table. */
export const findingCodes = {
  'option-invalid':
    'An option of `attachAudit` names a model or attribute that does not exist, so every write is refused.',
  'table-missing': 'The table of the log, or that of snapshots, is not there.',
  'column-missing': 'A column of such a table is not there.',
  'column-type': 'A column has a type that does not hold all that is written, or is not read as it was written.',
  'column-refuses': 'A column refuses what is written: it wants a value that entries do not have, or numbers none.',
  'index-missing': 'An index that the options ask for is not there.',
  'partition-missing': 'A partitioned log has no partition for next month, or entries in the default one.',
  'primary-key-missing': 'A model has no primary key, so its writes are refused.',
  'model-undecided': 'A model is left out only because `include` does not name it.',
  'attribute-secret': 'An attribute has a name like that of a secret, and its values are in the log.',
  'rows-without-beginning': 'A model has rows whose beginning the log does not hold.',
  'rows-unreadable': 'The rows or the history of a model cannot be read.',
  'trigger-writes': 'A trigger writes an audited table, which nobody records.',
} as const;

export type FindingCode = keyof typeof findingCodes;

export interface Finding {
  readonly code: FindingCode;
  /** `error`: writes or answers fail, or will be wrong. `warning`: it works, and should be looked at. */
  readonly severity: 'error' | 'warning';
  /** The model it is about, which can be that of the log; null for the installation as a whole. */
  readonly model: string | null;
  /** The attribute, as the model calls it; null for the model as a whole. */
  readonly attribute: string | null;
  /** What is wrong, in a sentence. */
  readonly problem: string;
  /** What to do about it, in a sentence. */
  readonly advice: string;
}
