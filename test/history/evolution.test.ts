import { expect } from 'chai';
import { Random } from '../chaos/random.js';
import { connect, onEachDatabase } from '../setup/suite.js';
import { type Checkpoint, Evolution } from './evolution.js';

/** More records with AUDIT_TEST_RECORDS, another run with AUDIT_TEST_SEED. */
const records = Number(process.env.AUDIT_TEST_RECORDS ?? 12);
const seed = Number(process.env.AUDIT_TEST_SEED ?? 1);
const changes = 20;

onEachDatabase('Twenty changes of the schema', (database) => {
  it(`leave every state before them readable in today's shape, over ${records} records`, async function () {
    this.timeout(0);
    const random = new Random(seed);
    const evolution = new Evolution(await connect(database), database, random);
    await evolution.begin(records);
    const checkpoints: Checkpoint[] = [await evolution.checkpoint()];
    const story: string[] = [];
    const compare = async (id: number, checkpoint: Checkpoint) => {
      const [found, expected] = await evolution
        .compare(id, checkpoint)
        .catch((error: Error) => [`${error} ${error.cause}`, null]);
      const where = `record ${id} at checkpoint ${checkpoints.indexOf(checkpoint)} (seed ${seed}: ${story.join(', ')})`;
      expect(found, where).to.deep.equal(expected);
    };

    for (let change = 0; change < changes; change += 1) {
      story.push(await evolution.change());
      for (const checkpoint of checkpoints) {
        await compare(random.pick([...checkpoint.revisions.keys()]), checkpoint);
      }
      await evolution.write(records);
      checkpoints.push(await evolution.checkpoint());
    }

    for (const checkpoint of checkpoints) {
      for (const id of checkpoint.revisions.keys()) await compare(id, checkpoint);
    }
  });
});
