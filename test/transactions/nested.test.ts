import fc from 'fast-check';
import type { Transaction } from 'sequelize';
import { onEachDatabase } from '../setup/suite.js';
import { agrees, type World, world } from './world.js';

/** What is done in a transaction: writes, and savepoints that commit or roll back. */
type Node = 'create' | 'update' | 'destroy' | 'bulk' | { readonly steps: readonly Node[]; readonly isKept: boolean };

const write = fc.constantFrom<Node>('create', 'create', 'update', 'destroy', 'bulk');
const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: write },
    {
      weight: 2,
      arbitrary: fc.record({
        steps: fc.array(tie('tree') as fc.Arbitrary<Node>, { maxLength: 4 }),
        isKept: fc.boolean(),
      }),
    },
  ),
}));
const programs = fc.array(tree as fc.Arbitrary<Node>, { minLength: 1, maxLength: 6 });

const parameters = {
  numRuns: Number(process.env.AUDIT_TEST_RUNS ?? 25),
  seed: Number(process.env.AUDIT_TEST_SEED ?? 1),
};

async function perform(given: World, nodes: readonly Node[], transaction: Transaction): Promise<void> {
  const { sequelize, Note } = given;
  for (const node of nodes) {
    if (typeof node === 'object') {
      const savepoint = await sequelize.transaction({ transaction } as object);
      await perform(given, node.steps, savepoint);
      await (node.isKept ? savepoint.commit() : savepoint.rollback());
      continue;
    }
    const note = await Note.findOne({ order: [['id', 'DESC']], transaction });
    if (node === 'create') await Note.create({ size: 1 }, { transaction });
    else if (node === 'bulk') await Note.increment('size', { where: {}, transaction });
    else if (node === 'update') await note?.update({ size: Number(note.size) + 10 }, { transaction });
    else await note?.destroy({ transaction });
  }
}

onEachDatabase('Savepoints in savepoints', (database) => {
  it(`leave in the log what they leave in the table, whichever roll back (seed ${parameters.seed})`, async () => {
    const given = await world(database);

    await fc.assert(
      fc.asyncProperty(programs, fc.boolean(), async (nodes, isKept) => {
        const transaction = await given.sequelize.transaction();
        await perform(given, nodes, transaction);
        await (isKept ? transaction.commit() : transaction.rollback());

        await agrees(given);
      }),
      parameters,
    );
  });
});
