import { expect } from 'chai';
import { Application, applicationOf, hasTerminals } from './application.js';

describe('doctor on the command line', function () {
  this.timeout(60_000);
  const app = new Application();
  const redacted = `{ models: { User: { redact: ['password'] } } }`;

  before(async () => {
    app.write('audit.js', applicationOf(app.sqlite, redacted));
    app.write('open.js', applicationOf(app.sqlite));
    app.write('more.js', applicationOf(app.sqlite, `{ snapshots: true, include: ['User'] }`));
    await (await app.load()).sequelize.close();
  });
  after(() => app.remove());

  it('ends with 0 where nothing is wrong', async () => {
    expect(await app.run(['doctor'])).to.deep.equal({ stdout: '0 errors, 0 warnings\n', stderr: '', code: 0 });
    expect(await app.json('doctor')).to.deep.equal([]);
  });

  it('ends with 0 where there are only warnings', async () => {
    expect(await app.run(['doctor', '--app', 'open.js'])).to.deep.equal({
      stdout: [
        'warning  User.password looks like a secret, and its values are in the log.',
        "         Say models: { User: { redact: ['password'] } }, or exclude it. What is in the log already stays there.",
        '',
        '0 errors, 1 warning',
        '',
      ].join('\n'),
      stderr: '',
      code: 0,
    });
  });

  it('ends with 1 where there is an error, which comes first', async () => {
    const { stdout, code } = await app.run(['doctor', '--app', 'more.js']);
    const findings = await app.json('doctor', '--app', 'more.js');

    expect(code).to.equal(1);
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).to.deep.equal([
      'error    There is no table "AuditLogSnapshots".',
      'warning  Model Membership is neither audited nor excluded: `include` does not name it.',
      'warning  Model File is neither audited nor excluded: `include` does not name it.',
      'warning  User.password looks like a secret, and its values are in the log.',
      '1 error, 3 warnings',
    ]);
    expect(findings[0]).to.deep.equal({
      code: 'table-missing',
      severity: 'error',
      model: 'AuditLogSnapshot',
      attribute: null,
      problem: 'There is no table "AuditLogSnapshots".',
      advice: 'Run what `sequelize-audit migration` writes, or sync().',
    });
    expect(findings).to.have.lengthOf(4);
  });

  it('is coloured at a terminal', async function () {
    if (!hasTerminals()) this.skip();

    const { stdout } = await app.runAtTerminal(80, ['doctor', '--app', 'open.js']);

    expect(stdout).to.include('\u001b[33mwarning\u001b[39m  User.password looks like a secret');
  });

  it('has help with examples', async () => {
    const { stdout } = await app.run(['doctor', '--help']);

    expect(stdout).to.include('sequelize-audit doctor --json');
  });
});
