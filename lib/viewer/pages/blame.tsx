/** For each value of a record the entry that set it. */
import type { ModelStatic } from 'sequelize';
import { Actor } from '../parts/entry.js';
import { Notice } from '../parts/layout.js';
import { RecordHead } from '../parts/record-head.js';
import { Time } from '../parts/time.js';
import { Place, short, Value } from '../parts/value.js';
import { checkLength, recordOf } from '../read/record.js';
import { Refusal } from '../refusal.js';
import { named, type Page, to } from '../visit.js';

export const blamePage: Page = async (visit) => {
  const { audit, sight, params } = visit;
  const record = await recordOf(audit, sight, params);
  const { modelName, recordId, audited, key, count } = record;
  if (!audited || count === null) throw new Refusal(400, `${modelName} is not audited any more.`);
  checkLength(count);
  const blames = await audit.blame(audited.model as ModelStatic<never>, key);
  const shown = (blames ?? []).flatMap(({ attribute, path, value, entry }) =>
    sight
      .changes(modelName, [{ attribute, path, from: undefined, to: value }])
      .map((change) => ({ path, value: change.to, entry })),
  );
  const name = named(record, record.last.id);
  return {
    title: `${modelName} ${recordId}: who set what`,
    body: (detail) => (
      <>
        <RecordHead visit={visit} record={record} />
        {blames === null ? (
          <Notice title="The record does not exist today.">
            <p>Its timeline says how it ended.</p>
          </Notice>
        ) : (
          <table class="values blame">
            <caption>Who set each value that it has today</caption>
            <thead>
              <tr>
                <th scope="col">Attribute</th>
                <th scope="col">Value</th>
                <th scope="col">Set by</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, detail.rows).map(({ path, value, entry }) => (
                <tr>
                  <th scope="row">
                    <Place path={path} length={detail.name} />
                  </th>
                  <td>
                    <Value
                      value={value}
                      room={detail.characters}
                      whole={to(visit, '/value', {
                        ...name,
                        point: String(count),
                        path: path.length > 300 ? null : path,
                      })}
                    />
                  </td>
                  <td>
                    <Actor visit={visit} of={entry} length={detail.name} />
                    {entry.reason !== null && <q class="note">{short(entry.reason, detail.name)}</q>}
                  </td>
                  <td>
                    <a href={to(visit, '/entry', { id: entry.id })}>
                      <Time at={entry.at} />
                    </a>
                    <span class="note">revision {entry.revision}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {shown.length > detail.rows && <p class="more">and {shown.length - detail.rows} more</p>}
      </>
    ),
  };
};
