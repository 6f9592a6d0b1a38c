import { expect } from 'chai';
import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import { type Audit, attachAudit, type Patch } from '../../lib/index.js';
import type { Database } from '../setup/databases.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Note = Model & { data: unknown };

const list = Array.from({ length: 50 }, (_, index) => `element ${index}`);
const own = (text: string) => JSON.parse(text) as object;

/** What one member of a JSON attribute becomes, and how little the patch says about it. */
const changes: readonly [title: string, before: object, after: object, patch: Patch][] = [
  [
    'a member deep inside',
    { a: [{ b: { c: 1 } }], list },
    { a: [{ b: { c: 2 } }], list },
    [
      { op: 'test', path: '/data/a/0/b/c', value: 1 },
      { op: 'replace', path: '/data/a/0/b/c', value: 2 },
    ],
  ],
  ['a new member', { list }, { list, a: null }, [{ op: 'add', path: '/data/a', value: null }]],
  [
    'a member that goes',
    { list, a: null },
    { list },
    [
      { op: 'test', path: '/data/a', value: null },
      { op: 'remove', path: '/data/a' },
    ],
  ],
  ['the tail of a list', { list }, { list: [...list, 'tail'] }, [{ op: 'add', path: '/data/list/50', value: 'tail' }]],
  ...(['', 'a/b', '~', '~1', 'constructor', 'hasOwnProperty', 'toJSON', '0', '-', 'é \u{1f600}"\\'] as const).map(
    (key): [string, object, object, Patch] => [
      `a member called ${JSON.stringify(key)}`,
      { list, [key]: 1 },
      { list, [key]: 2 },
      [
        { op: 'test', path: `/data/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value: 1 },
        { op: 'replace', path: `/data/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value: 2 },
      ],
    ],
  ),
  [
    'a member beside one called __proto__',
    { list, ...own('{ "__proto__": { "polluted": true } }'), a: 1 },
    { list, ...own('{ "__proto__": { "polluted": true } }'), a: 2 },
    [
      { op: 'test', path: '/data/a', value: 1 },
      { op: 'replace', path: '/data/a', value: 2 },
    ],
  ],
];

onEachDatabase('A JSON attribute', (database) => {
  for (const [title, before, after, patch] of changes) {
    it(`is patched where it changed: ${title}`, async () => {
      const { Note, audit } = await setUp(database);
      const note = await Note.create({ data: before });
      await note.update({ data: after });

      const history = audit.history(note);

      expect((await history.revisions())[1]?.patch).to.deep.equal(patch);
      expect((await history.at(1))?.data).to.deep.equal(before);
      expect((await history.at(2))?.data).to.deep.equal(after);
    });
  }

  it('is replaced as a whole where that is shorter, as when the head of a list goes', async () => {
    const { Note, audit } = await setUp(database);
    const note = await Note.create({ data: list });
    await note.update({ data: list.slice(1) });

    const history = audit.history(note);

    expect((await history.revisions())[1]?.patch).to.deep.equal([
      { op: 'test', path: '/data', value: list },
      { op: 'replace', path: '/data', value: list.slice(1) },
    ]);
    expect((await history.at(2))?.data).to.deep.equal(list.slice(1));
  });

  it('keeps a member called __proto__, in the log, in the past and after a revert, and touches no prototype', async () => {
    const { Note, audit } = await setUp(database);
    const [first, second] = [own('{ "__proto__": { "polluted": 1 } }'), own('{ "__proto__": { "polluted": 2 } }')];
    const note = await Note.create({ data: first });
    await note.update({ data: second });
    await note.destroy();

    const history = audit.history(note);
    const past = (await history.at(1))?.data;
    const reverted = await history.revertTo(2);

    expect(JSON.stringify((await history.revisions()).map(({ patch }) => patch.at(-1)))).to.equal(
      JSON.stringify([
        { op: 'add', path: '', value: { id: 1, data: first } },
        { op: 'replace', path: '/data', value: second },
        { op: 'remove', path: '' },
        { op: 'add', path: '', value: { id: 1, data: second } },
      ]),
    );
    expect([JSON.stringify(past), JSON.stringify(reverted?.data)]).to.deep.equal(
      [first, second].map((data) => JSON.stringify(data)),
    );
    expect(Object.getPrototypeOf(past)).to.equal(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
  });

  it('keeps members that every object inherits, through a destroy and back', async () => {
    const { Note, audit } = await setUp(database);
    const data = { constructor: 1, hasOwnProperty: { isPrototypeOf: 2 }, toString: null, valueOf: [], length: 3 };
    const note = await Note.create({ data });
    await note.destroy();

    const reverted = await audit.history(note).revertTo(1);

    expect(JSON.parse(JSON.stringify(reverted?.data))).to.deep.equal(data);
    expect(await audit.history(note).at(2)).to.equal(null);
  });

  it('is not taken for a redacted one, whatever it holds', async () => {
    for (const data of [{ $redacted: true }, { $redacted: { $redacted: true } }, { $redacted: 1 }, { $redacted: [] }]) {
      const { Note, audit } = await setUp(database);
      const note = await Note.create({ data: { a: 1 } });
      await note.update({ data });
      await note.update({ data: null });

      const history = audit.history(note);

      expect((await history.at(2))?.data).to.deep.equal(data);
      expect((await history.revertTo(2))?.data).to.deep.equal(data);
      expect((await Note.findByPk(note.get('id') as number))?.data).to.deep.equal(data);
    }
  });

  it('makes no entry when only the order of its members changed', async () => {
    const { Note, audit } = await setUp(database);
    const note = await Note.create({ data: { a: 1, b: { c: 2, d: 3 } } });
    await note.update({ data: { b: { d: 3, c: 2 }, a: 1 } });

    expect(await audit.history(note).revisions()).to.have.lengthOf(1);
  });

  it('is given from the past as a value of its own, that may be changed', async () => {
    const { Note, audit } = await setUp(database);
    const note = await Note.create({ data: { a: [1] } });

    const past = (await audit.history(note).at(1)) as Note;
    (past.data as { a: number[] }).a.push(2);

    expect((await audit.history(note).at(1))?.data).to.deep.equal({ a: [1] });
  });
});

async function setUp(database: Database): Promise<{ Note: ModelStatic<Note>; audit: Audit }> {
  const sequelize = await connect(database);
  const audit = attachAudit(sequelize);
  const Note = sequelize.define<Note>('Note', { data: DataTypes.JSON }, { timestamps: false });
  await sequelize.sync();
  return { Note, audit };
}
