import { once } from 'node:events';
import { expect } from 'chai';
import { DataTypes, type Model, QueryTypes } from 'sequelize';
import { attachAudit, type OnUnaudited, type UnauditedWrite } from '../../lib/index.js';
import { readLog } from '../setup/oracle.js';
import { connect, onEachDatabase } from '../setup/suite.js';

type Any = Model<Record<string, unknown>, Record<string, unknown>> & Record<string, unknown>;

onEachDatabase('Raw SQL', (database) => {
  const quote = (name: string) => (database.dialect === 'postgres' ? `"${name}"` : `\`${name}\``);
  const update = `UPDATE ${quote('Notes')} SET title = 'raw' WHERE id = 1`;
  const given = async (onUnaudited?: OnUnaudited) => {
    const sequelize = await connect(database);
    const audit = attachAudit(sequelize, { exclude: ['Free'], ...(onUnaudited && { onUnaudited }) });
    const Note = sequelize.define<Any>('Note', { title: DataTypes.STRING }, { timestamps: false });
    sequelize.define<Any>('Free', { title: DataTypes.STRING }, { timestamps: false });
    await sequelize.sync();
    await Note.create({ title: 'one' });
    const title = async () => (await Note.findByPk(1))?.title;
    return { sequelize, audit, Note, title };
  };

  it('that writes an audited table is told to a function, with the model, the verb and the statement', async () => {
    const told: UnauditedWrite[] = [];
    const { sequelize, title } = await given((write) => told.push(write));

    await sequelize.query(update);
    await sequelize.query({ query: `DELETE FROM ${quote('Notes')} WHERE id = ?`, values: [7] });
    await sequelize.query(`INSERT INTO ${quote('Notes')} (title) VALUES (:title)`, { replacements: { title: 'two' } });

    expect(told.map(({ modelName, action, recorded }) => ({ modelName, action, recorded }))).to.deep.equal([
      { modelName: 'Note', action: 'update', recorded: false },
      { modelName: 'Note', action: 'destroy', recorded: false },
      { modelName: 'Note', action: 'create', recorded: false },
    ]);
    expect(told[0]?.sql).to.equal(update);
    expect(told[0]?.message).to.include('Note').and.not.include('raw');
    expect(await title()).to.equal('raw');
  });

  it('is shown in the message without its values, and no further than 300 characters', async () => {
    const told: UnauditedWrite[] = [];
    const { sequelize } = await given((write) => told.push(write));
    const statement = `UPDATE ${quote('Notes')} SET title = ? WHERE id = ?`;
    const padded = (length: number) => `${statement} OR `.padEnd(length, 'x');
    const texts = [statement, padded(300), padded(301)];

    for (const text of texts) {
      await sequelize.query(text.replace('?', "'secret'").replace('?', '7')).catch(() => undefined);
    }

    const begin = 'Raw SQL writes Note, and is not recorded: ';
    expect(told.map(({ message }) => message)).to.deep.equal([
      `${begin}${statement}`,
      `${begin}${padded(300)}`,
      `${begin}${padded(301).slice(0, 300)} …`,
    ]);
  });

  it('is known by the schema of its table as well, and by that of another it is not', async () => {
    const { sequelize } = await given('throw');
    const home = { sqlite: 'main', postgres: 'public' }[database.dialect as string] ?? sequelize.getDatabaseName();
    const codeOf = (schema: string) =>
      sequelize.query(`DELETE FROM ${quote(schema)}.${quote('Notes')}`).then(
        () => 'done',
        (error: { readonly code?: string }) => error.code,
      );

    expect(await codeOf(home)).to.equal('ERR_AUDIT_WRITE_UNSEEN');
    // To PostgreSQL it is the table of a tenant, as Model.schema() would have it.
    expect((await codeOf('elsewhere')) === 'ERR_AUDIT_WRITE_UNSEEN').to.equal(database.dialect === 'postgres');
  });

  it("is refused before it runs with onUnaudited: 'throw', and each of several statements counts", async () => {
    const { sequelize, title } = await given('throw');

    for (const sql of [update, `SELECT 1; ${update}`, `/* note */ ${update}`]) {
      const error = await sequelize.query(sql).catch((caught: unknown) => caught);
      expect(error).to.include({ code: 'ERR_AUDIT_WRITE_UNSEEN' });
    }

    expect(await title()).to.equal('one');
  });

  it('is warned of once for each distinct statement, whatever its values', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => {
      if (warning.name === 'AuditWarning') warnings.push(warning);
    };
    process.on('warning', listen);
    const { sequelize } = await given();

    await sequelize.query(update);
    await sequelize.query(update.replace('raw', 'again'));
    await sequelize.query(`DELETE FROM ${quote('Notes')}`);
    const last = once(process, 'warning');
    process.emitWarning('the last one', 'TestWarning');
    await last;
    process.off('warning', listen);

    expect(warnings.map(({ message }) => message.replace(/:.*/s, ''))).to.deep.equal([
      'Raw SQL writes Note, and is not recorded',
      'Raw SQL writes Note, and is not recorded',
    ]);
  });

  it('is let through when it is meant, by a reason', async () => {
    const { sequelize, audit, title } = await given('throw');

    const result = await audit.unaudited('nightly import', async () => {
      await sequelize.query(update);
      return 'done';
    });

    expect(result).to.equal('done');
    expect(await title()).to.equal('raw');
    expect(() => audit.unaudited('', () => undefined))
      .to.throw()
      .with.property('code', 'ERR_AUDIT_CONTEXT_INVALID');
    const error = await sequelize.query(update).catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'ERR_AUDIT_WRITE_UNSEEN' });
  });

  it('that reads, or writes what is not audited, is nobody else’s business', async () => {
    const { sequelize } = await given('throw');

    await sequelize.query(`INSERT INTO ${quote('Frees')} (title) VALUES ('UPDATE ${quote('Notes')} SET title = 1')`);
    const rows = await sequelize.query(`SELECT title FROM ${quote('Notes')} -- DELETE FROM ${quote('Notes')}\n`, {
      type: QueryTypes.SELECT,
    });

    expect(rows).to.deep.equal([{ title: 'one' }]);
  });

  it('of Sequelize itself is none', async () => {
    const { sequelize, Note } = await given('throw');
    const queryInterface = sequelize.getQueryInterface();

    await Note.bulkCreate([{ title: "DELETE FROM Notes; '--" }, { title: `"; ${update}; --` }]);
    await Note.update({ title: update }, { where: { title: 'one' } });
    await Note.findAll({ where: { title: [update, `x'; ${update}`] } });
    await Note.create({ title: 'unrecorded' }, { audit: false });
    await Note.upsert({ id: 1, title: 'upserted' });
    await Note.increment('id', { by: 100, where: { id: 1 } });
    await queryInterface.addColumn('Notes', 'size', DataTypes.INTEGER);
    await queryInterface.changeColumn('Notes', 'size', { type: DataTypes.BIGINT });
    await queryInterface.renameColumn('Notes', 'size', 'length');
    // Sequelize cannot remove a column with the present driver of MariaDB, with or without us.
    if (database.dialect !== 'mariadb') {
      await queryInterface.removeColumn('Notes', 'length');
      await sequelize.sync({ alter: true });
    }
    await queryInterface.addConstraint('Notes', { type: 'unique', fields: ['title'], name: 'once' });
    await queryInterface.removeConstraint('Notes', 'once');
    await Note.destroy({ where: {} });
    await Note.truncate();

    expect(await Note.count()).to.equal(0);
    expect((await readLog(sequelize)).filter(({ recordId }) => recordId === '101')).to.have.length(2);
  });

  it('is free again after detach()', async () => {
    const { sequelize, audit, title } = await given('throw');

    audit.detach();
    await sequelize.query(update);

    expect(await title()).to.equal('raw');
    expect(Object.hasOwn(sequelize, 'query')).to.equal(false);
    expect(Object.hasOwn(sequelize, 'truncate')).to.equal(false);
  });
});
