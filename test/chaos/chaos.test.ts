import { expect } from 'chai';
import { Figures } from './figures.js';
import { kindsOf, run, shareOf } from './kinds.js';
import { places } from './places.js';

const seed = Number(process.env.AUDIT_TEST_SEED ?? 1);
const kills = Number(process.env.AUDIT_TEST_KILLS ?? 6);

for (const place of places) {
  describe(`Tables and log on ${place.name}`, () => {
    before(function () {
      if (!place.database.isAvailable()) this.skip();
    });

    const kinds = kindsOf(place);
    for (const kind of kinds) {
      const share = shareOf(kind, kinds, kills);
      it(`agree after each of ${share} kills of a ${kind} from seed ${seed}`, async function () {
        this.timeout(60_000 + share * 20_000);
        const figures = new Figures();

        const wasRun = await run(place, kind, {
          figures,
          seed,
          kills: share,
          renewal: 20,
          onProgress: () => undefined,
        });

        if (!wasRun) return this.skip();
        expect(figures.examples).to.deep.equal([]);
        expect(figures.wrong).to.equal(0);
        expect(figures.killCount).to.equal(share);
        expect(figures.committed).to.be.greaterThan(0);
      });
    }
  });
}
