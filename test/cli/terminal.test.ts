import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { widthOf } from '../../lib/cli/text/width.js';
import { Application, applicationOf, hasTerminals } from './application.js';

/** What would clear the screen, colour, ring, set a title, go back, and turn the direction of what follows. */
const evil = '\u001b[2J\u001b[31mred\u0007\u001b]0;title\u0007\r\b\u009b2J\u202eabc';

/** The escape sequences that the program itself writes: colours, and what a bar of progress needs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const own = /\u001b(?:\[\d*m|7|8|\[\?7h|\[\d*[GJK])/g;

/** Back to the beginning of the line, which a bar of progress is written over. */
const barStart = new RegExp(`${String.fromCharCode(27)}\\[\\d*G`);

describe('The command line at a terminal', function () {
  this.timeout(60_000);
  const app = new Application();

  before(async function () {
    if (!hasTerminals()) return this.skip();
    app.write('audit.js', applicationOf(app.sqlite));
    const { audit, sequelize, User, Membership } = await app.load();
    const settings = { [evil]: evil, list: [evil, '漢字'.repeat(100)] };
    const eve = await audit.run({ actor: evil, reason: evil, meta: { [evil]: evil } }, () =>
      User.create({
        name: evil,
        bio: `${'long 漢字 text '.repeat(50)}\n${evil}\nlast`,
        settings,
        role: '👍🏽'.repeat(60),
      }),
    );
    await audit.run({ actor: 'somebody.with.a.long.name@example.org' }, () =>
      eve.update({
        bio: `${'long text '.repeat(60)}\n${evil}\nlast`,
        settings: { list: evil },
        role: `${evil}${'x'.repeat(300)}`,
      }),
    );
    await Membership.create({ team: 123456789, user: 987654321, level: '漢'.repeat(300) });
    await audit.unaudited('a test', () => sequelize.query(`UPDATE Users SET role = char(27) || '[2J'`));
    await sequelize.close();
  });
  after(() => app.remove());

  const verbs = [
    ['log'],
    ['log', '-p'],
    ['log', 'User/1'],
    ['show', '2'],
    ['diff', 'User/1', '1', '2'],
    ['blame', 'User/1'],
    ['at', 'User/1', '1'],
    ['undo', '2', '--dry-run'],
    ['revert', 'User/1', '1', '--dry-run'],
    ['verify'],
    ['stats'],
  ];
  for (const columns of [80, 200]) {
    for (const args of verbs) {
      it(`fits ${args.join(' ')} into ${columns} columns, and lets no value do anything`, async () => {
        const { stdout } = await app.runAtTerminal(columns, args);

        const lines = stdout.split('\n');
        const text = lines.map((line) => line.replace(own, '')).join('\n');
        expect(text).not.to.match(/[^\n\P{Cc}]|\u202e/u);
        const shown = lines.flatMap((line) => line.split(barStart)).map(stripVTControlCharacters);
        expect(shown.filter((line) => widthOf(line) > columns)).to.deep.equal([]);
      });
    }
  }

  it('escapes what it says of the application and of arguments', async () => {
    const { stdout } = await app.runAtTerminal(80, ['show', evil, '--no-color']);

    expect(stdout).to.match(/^sequelize-audit: the log holds no entry "\\u001b\[2J/);
    expect(stdout.replaceAll('\n', '')).not.to.match(/\p{Cc}/u);
  });

  it('escapes in --json as well, and stays JSON', async () => {
    const { stdout } = await app.runAtTerminal(80, ['show', '1', '--json']);

    expect(stdout.replaceAll('\n', '')).not.to.match(/\p{Cc}|\u202e/u);
    expect((JSON.parse(stdout) as { actor: string }).actor).to.equal(evil);
  });
});
