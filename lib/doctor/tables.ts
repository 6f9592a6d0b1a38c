/** Compares a table of the package with what the database has. */
import type { Sequelize } from 'sequelize';
import type { AuditTable } from '../index.js';
import { expectation } from './column-types.js';
import type { Finding } from './finding.js';
import { placeOf, type StoredIndex, type StoredTable } from './stored-table.js';

/** @param stored null when the table is not there */
export function tableFindings(sequelize: Sequelize, table: AuditTable, stored: StoredTable | null): Finding[] {
  const { model } = table;
  const { tableName, schema } = placeOf(model);
  const named = schema === null ? `"${tableName}"` : `"${tableName}" in the schema "${schema}"`;
  const finding = (
    code: Finding['code'],
    attribute: string | null,
    problem: string,
    advice: string,
    severity: Finding['severity'] = 'error',
  ): Finding => ({ code, severity, model: model.name, attribute, problem, advice });

  if (stored === null) {
    return [
      finding(
        'table-missing',
        null,
        `There is no table ${named}.`,
        'Run what `sequelize-audit migration` writes, or sync().',
      ),
    ];
  }

  const attributes = Object.entries(model.getAttributes());
  const fields = attributes.map(([attribute, { field = attribute }]) => field);
  const columns = attributes.flatMap(
    ([attribute, { field = attribute, type, allowNull, autoIncrement }]): Finding[] => {
      const column = stored.columns.get(field);
      if (!column)
        return [
          finding(
            'column-missing',
            attribute,
            `Table ${named} has no column "${field}".`,
            'Add it, as the migration has it.',
          ),
        ];
      const expected = expectation(sequelize.getDialect(), type, column);
      return [
        ...(expected === null
          ? []
          : [
              finding(
                'column-type',
                attribute,
                `Column "${field}" of ${named}: expected ${expected}, found ${column.type}${collated(column.collation)}.`,
                'Change its type to what the migration says.',
              ),
            ]),
        ...(autoIncrement && !column.hasValue
          ? [
              finding(
                'column-refuses',
                attribute,
                `Column "${field}" of ${named} numbers no entries.`,
                'Make it one that the database numbers by itself, as the migration has it.',
              ),
            ]
          : []),
        ...(allowNull !== false && !autoIncrement && !column.isNullable && !column.hasValue && field !== keyOf(table)
          ? [
              finding(
                'column-refuses',
                attribute,
                `Column "${field}" of ${named} cannot be null, and entries may have nothing in it.`,
                'Let it be null.',
              ),
            ]
          : []),
      ];
    },
  );
  const own = table.ownIndexes.map(({ column }) => column);
  const foreign = [...stored.columns].filter(
    ([name, { isNullable, hasValue }]) => !fields.includes(name) && !own.includes(name) && !isNullable && !hasValue,
  );
  return [
    ...columns,
    ...foreign.map(([name]) =>
      finding(
        'column-refuses',
        null,
        `Table ${named} has a column "${name}" that wants a value, which no entry has.`,
        'Give it a default, let it be null, or drop it.',
      ),
    ),
    ...missingIndexes(table, stored).map(({ name, breaks }) =>
      finding(
        'index-missing',
        null,
        `Table ${named} has no index "${name}"${breaks ? ', and not the column that belongs to it' : ''}.`,
        `Call ${model.name}.sync(), or add it by a migration as \`sequelize-audit migration\` writes it.`,
        breaks ? 'error' : 'warning',
      ),
    ),
  ];
}

interface Missing {
  readonly name: string;
  /** Whether questions name a column that is not there. */
  readonly breaks: boolean;
}

function missingIndexes({ indexes, ownIndexes }: AuditTable, stored: StoredTable): Missing[] {
  const isNamed = (wanted: string) => stored.indexes.some(({ name }) => name === wanted);
  const plain = indexes.filter(({ name = '', fields = [], where }) => {
    const isPlain = where === undefined && fields.every((field) => typeof field === 'string');
    return !isNamed(name) && !(isPlain && stored.indexes.some((index) => begins(index, fields as string[])));
  });
  return [
    ...plain.map(({ name = '' }) => ({ name, breaks: false })),
    ...ownIndexes
      .map(({ name, column }) => ({
        name,
        isThere: isNamed(name),
        breaks: column !== null && !stored.columns.has(column),
      }))
      .filter(({ isThere, breaks }) => !isThere || breaks),
  ];
}

/** Whether an index, whatever it is called, serves those columns. */
function begins({ columns, isPartial }: StoredIndex, fields: readonly string[]): boolean {
  return !isPartial && fields.every((field, place) => columns[place] === field);
}

function keyOf({ model }: AuditTable): string | undefined {
  const [attribute = ''] = model.primaryKeyAttributes;
  return model.getAttributes()[attribute]?.field;
}

function collated(collation: string | null): string {
  return collation === null ? '' : ` collated ${collation}`;
}
