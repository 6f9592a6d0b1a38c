import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { DataTypes, type Model, type ModelStatic, type Transaction } from 'sequelize';
import { attachAudit, type Conflict } from '../../lib/index.js';
import { foldLog, type LoggedEntry, readLog, readTables } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;
type State = Record<string, unknown> | undefined;
type States = Record<string, State>;

interface Write {
  readonly kind: 'create' | 'child' | 'name' | 'data' | 'move' | 'destroy' | 'force' | 'restore';
  /** Chooses the record, and another one. */
  readonly which: number;
  readonly other: number;
  readonly name: string;
  readonly member: string;
  readonly value: unknown;
}

const write: fc.Arbitrary<Write> = fc.record({
  kind: fc.constantFrom(
    'create',
    'child',
    'child',
    'name',
    'name',
    'data',
    'data',
    'data',
    'move',
    'destroy',
    'force',
    'restore',
  ),
  which: fc.nat(7),
  other: fc.nat(7),
  name: fc.constantFrom('a', 'b', 'c'),
  member: fc.constantFrom('x', 'y', 'z/z', 'deep', 'list'),
  value: fc.constantFrom<unknown>(undefined, null, 1, 2, { in: 1 }, { in: 2, more: 1 }, [1], [2, 1]),
});
const program = fc.array(fc.array(write, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 8 });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place of a record that is reached through objects alone, and what is there. */
function placesOf(value: unknown, path = ''): Map<string, unknown> {
  const members = isObject(value) ? Object.entries(value) : [];
  const inside = members.flatMap(([name, member]) => [
    ...placesOf(member, `${path}/${jsonPatch.escapePathComponent(name)}`),
  ]);
  return new Map([[path, value], ...inside]);
}

function changedPlaces(before: State, after: State): string[] {
  const [was, is] = [placesOf(before), placesOf(after)];
  const differ = [...new Set([...was.keys(), ...is.keys()])].filter(
    (path) => !isDeepStrictEqual(was.get(path), is.get(path)) && !(isObject(was.get(path)) && isObject(is.get(path))),
  );
  return differ.filter((path) => !differ.some((other) => path.startsWith(`${other}/`)));
}

interface Expected {
  readonly conflicts: Conflict[];
  /** The records of the changeset without it. */
  readonly states: States;
}

/** What undoing a changeset must do, from the log alone. */
function expectedOf(log: readonly LoggedEntry[], changesetId: string): Expected {
  const own = log.filter((entry) => entry.changesetId === changesetId);
  const from = log.indexOf(own[0] as LoggedEntry);
  const [before, after, present] = [
    foldLog(log.slice(0, from)) as States,
    foldLog(log.slice(0, from + own.length)) as States,
    foldLog(log) as States,
  ];
  const conflicts: Conflict[] = [];
  const states: States = {};
  for (const name of new Set(own.map(({ modelName, recordId }) => `${modelName} ${recordId}`))) {
    const [modelName, recordId] = name.split(' ') as [string, string];
    const [was, is, now] = [before[name], after[name], present[name]];
    const clash = (path: string, expected: unknown, found: unknown) =>
      conflicts.push({ modelName, recordId, path, expected, found });
    const count = conflicts.length;
    if (was && is) {
      const next = structuredClone(now);
      for (const path of changedPlaces(was, is)) {
        const [expected, found, back] = [placesOf(is).get(path), placesOf(now).get(path), placesOf(was).get(path)];
        if (!isDeepStrictEqual(expected, found)) clash(path, expected, found);
        else if (now) {
          const operation =
            back === undefined
              ? { op: 'remove', path }
              : { op: found === undefined ? 'add' : 'replace', path, value: back };
          jsonPatch.applyPatch(next as object, [operation as never], true);
        }
      }
      states[name] = next;
      continue;
    }
    if (is && now) {
      for (const path of changedPlaces(is, now)) clash(path, placesOf(is).get(path), placesOf(now).get(path));
    } else if (is || now) clash('', is, now);
    states[name] = conflicts.length > count ? now : was;
  }
  for (const [name, state] of Object.entries(present)) {
    const parent = `Parent ${state?.ParentId}`;
    const isGoing = parent in states && present[parent] && states[parent] === undefined;
    const leaves = name in states && states[name]?.ParentId !== state?.ParentId;
    const [modelName, recordId] = name.split(' ') as [string, string];
    if (isGoing && !leaves)
      conflicts.push({ modelName, recordId, path: '/ParentId', expected: undefined, found: state?.ParentId });
  }
  return { conflicts, states };
}

/** The records of a changeset as the log without it folds to; undefined where it does not fold. */
function withoutChange(log: readonly LoggedEntry[], changesetId: string, names: readonly string[]): States | undefined {
  try {
    const states = foldLog(log.filter((entry) => entry.changesetId !== changesetId)) as States;
    return Object.fromEntries(names.map((name) => [name, states[name]]));
  } catch {
    return undefined;
  }
}

onEachDatabase('audit.undo after any program', (database) => {
  it('undoes what does not conflict, does it again, and names every conflict and no other', async function () {
    this.timeout(600_000);
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize);
    const settings = { timestamps: true, createdAt: false, updatedAt: false } as const;
    const attributes = { name: DataTypes.STRING, data: DataTypes.JSON };
    const Parent = sequelize.define<Any>('Parent', attributes, settings);
    const Child = sequelize.define<Any>('Child', attributes, { ...settings, paranoid: true });
    Child.belongsTo(Parent, { foreignKey: 'ParentId', onDelete: 'CASCADE' });
    await sequelize.sync();
    const models: Record<string, ModelStatic<Any>> = { Parent, Child };
    const counts = { undone: 0, conflicting: 0, folded: 0, orphaned: 0, redone: 0 };

    const run = async ({ kind, which, other, name, member, value }: Write, transaction: Transaction) => {
      const options = { transaction };
      const all = async (model: ModelStatic<Any>) =>
        model.findAll({ where: { id: known[model.name] as number[] }, paranoid: false, order: ['id'], transaction });
      const [parents, children] = [await all(Parent), await all(Child)];
      const pick = <T>(list: readonly T[], index: number) => list[index % Math.max(list.length, 1)];
      if (kind === 'create') {
        const parent = await Parent.create({ name, data: value === undefined ? {} : { [member]: value } }, options);
        known.Parent?.push(parent.id as number);
        return;
      }
      const parent = pick(parents, other);
      if (kind === 'child') {
        const child = await Child.create({ name, data: {}, ParentId: (parent?.id ?? null) as number }, options);
        known.Child?.push(child.id as number);
        return;
      }
      const record = pick([...parents, ...children], which);
      if (!record) return;
      if (kind === 'name') await record.update({ name }, options);
      if (kind === 'move' && record instanceof Child)
        await record.update({ ParentId: parent?.id ?? null } as never, options);
      if (kind === 'force') await record.destroy({ force: true, ...options });
      if (kind === 'destroy' && record instanceof Child) await record.destroy(options);
      if (kind === 'restore' && record instanceof Child) await record.restore(options);
      if (kind === 'data') {
        const { [member]: _, ...rest } = (record.data ?? {}) as Record<string, unknown>;
        await record.update({ data: value === undefined ? rest : { ...rest, [member]: value } } as never, options);
      }
    };
    let known: Record<string, number[]> = {};

    const property = fc.asyncProperty(program, fc.nat(), async (changesets, choice) => {
      const base = (await readLog(sequelize)).at(-1)?.id ?? 0;
      const read = async () => (await readLog(sequelize)).filter(({ id }) => id > base);
      known = { Parent: [], Child: [] };
      for (const writes of changesets) {
        await sequelize.transaction(async (transaction) => {
          for (const each of writes) await run(each, transaction);
        });
      }
      const log = await read();
      const ids = [...new Set(log.map(({ changesetId }) => changesetId))];
      const changesetId = ids[choice % Math.max(ids.length, 1)];
      if (changesetId === undefined) return;
      const present = foldLog(log) as States;
      const { conflicts, states } = expectedOf(log, changesetId);

      const plan = await audit.undo(changesetId, { dryRun: true });
      expect(plan.conflicts).to.have.deep.members(conflicts);
      const undone = await audit.undo(changesetId).catch((error: unknown) => error as Error & { code?: string });

      const wanted = Object.fromEntries(Object.entries({ ...present, ...states }).filter(([, state]) => state));
      const isOrphan = (state: State) => state?.ParentId != null && !wanted[`Parent ${state.ParentId}`];
      if (undone instanceof Error) {
        expect(foldLog(await read())).to.deep.equal(present);
        if (conflicts.length > 0) {
          expect(undone.code).to.equal('ERR_AUDIT_UNDO_CONFLICT');
          counts.conflicting += 1;
        } else {
          expect(undone.name).to.equal('SequelizeForeignKeyConstraintError');
          expect(Object.values(wanted).some(isOrphan)).to.equal(true);
          counts.orphaned += 1;
        }
        return;
      }
      expect(conflicts).to.deep.equal([]);
      counts.undone += 1;
      expect(foldLog(await read())).to.deep.equal(wanted);
      const folded = withoutChange(log, changesetId, Object.keys(states));
      if (folded) {
        counts.folded += 1;
        expect(states).to.deep.equal(folded);
      }
      for (const { meta } of (await read()).slice(log.length)) expect(meta).to.deep.equal({ undoes: changesetId });
      if (undone.changesetId === null) return;
      counts.redone += 1;
      await audit.undo(undone.changesetId);
      expect(foldLog(await read())).to.deep.equal(present);
    });
    await fc.assert(property, { numRuns: database.name === 'SQLite in memory' ? 60 : 12, endOnFailure: true });

    const log = await readLog(sequelize);
    expect(foldLog(log)).to.deep.equal(await readTables(Object.values(models)));
    expect(
      Math.min(counts.undone, counts.conflicting, counts.folded, counts.redone),
      JSON.stringify(counts),
    ).to.be.above(0);
  });
});
