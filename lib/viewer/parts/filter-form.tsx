/** The form that narrows a list, and what it is narrowed by. */
import { actions, filterOf } from '../read/filter.js';
import { to, type Visit } from '../visit.js';
import { short } from './value.js';

const more = ['attribute', 'actor', 'nobody', 'since', 'until'] as const;

export function FilterForm({ visit }: { readonly visit: Visit }) {
  const { params, sight } = visit;
  const given = (name: string) => params.get(name) ?? '';
  const models = [...new Set([...sight.models.map(({ modelName }) => modelName), given('model')])].filter(Boolean);
  const attributes = [...new Set(sight.models.flatMap((model) => model.attributes))].sort().slice(0, 200);
  const isNarrowed = Object.values(filterOf(params)).some((condition) => condition !== undefined);
  return (
    <search>
      <form class="filter" action={to(visit, '/')} method="get">
        <div class="field grow">
          <label for="f-text">Text</label>
          <input id="f-text" name="text" type="search" value={given('text')} placeholder="In ids, reasons and values" />
        </div>
        <div class="field">
          <label for="f-model">Model</label>
          <select id="f-model" name="model">
            <option value="">Any</option>
            {models.map((name) => (
              <option value={name} selected={name === given('model')}>
                {short(name, 60)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="f-action">Action</label>
          <select id="f-action" name="action">
            <option value="">Any</option>
            {actions.map((name) => (
              <option value={name} selected={name === given('action')}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <details class="more-filters" open={more.some((name) => given(name) !== '')}>
          <summary>Actor, attribute, time</summary>
          <div class="fields">
            <div class="field">
              <label for="f-actor">Actor</label>
              <input id="f-actor" name="actor" value={given('actor')} autocomplete="off" />
            </div>
            <div class="field check">
              <input id="f-nobody" name="nobody" type="checkbox" value="1" checked={given('nobody') !== ''} />
              <label for="f-nobody">Nobody was named</label>
            </div>
            <div class="field">
              <label for="f-attribute">Attribute</label>
              <input
                id="f-attribute"
                name="attribute"
                list="attributes"
                value={given('attribute')}
                autocomplete="off"
              />
              <datalist id="attributes">
                {attributes.map((name) => (
                  <option value={name} />
                ))}
              </datalist>
            </div>
            <div class="fields">
              <div class="field moment">
                <label for="f-since">From (UTC)</label>
                <input id="f-since" name="since" type="datetime-local" value={given('since')} />
              </div>
              <div class="field moment">
                <label for="f-until">Until (UTC)</label>
                <input id="f-until" name="until" type="datetime-local" value={given('until')} />
              </div>
            </div>
          </div>
        </details>
        <div class="buttons">
          <button type="submit">Filter</button>
          {isNarrowed && <a href={to(visit, '/')}>Clear</a>}
        </div>
      </form>
    </search>
  );
}
