import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Line } from '../../lib/log/line.js';

describe('Line', () => {
  it('lets tasks in one at a time, in the order they came', async () => {
    const line = new Line();
    const seen: string[] = [];
    const task = (name: string) =>
      line.run(async () => {
        seen.push(`${name} in`);
        await nextTurn();
        seen.push(`${name} out`);
      });

    await Promise.all([task('a'), task('b'), task('c')]);

    expect(seen).to.deep.equal(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('moves on after a task that fails', async () => {
    const line = new Line();
    const failed = line.run(() => Promise.reject(new Error('no')));
    const next = line.run(async () => 'next');

    expect(await failed.catch((error: Error) => error.message)).to.equal('no');
    expect(await next).to.equal('next');
  });

  it('stops waiting for a holder that stays longer than the patience of those behind it', async () => {
    const line = new Line();
    const leaveDead = await line.enter();

    const leave = await line.enter(1);
    leaveDead();
    let isIn = false;
    const third = line.enter().then((leaveThird) => {
      isIn = true;
      leaveThird();
    });
    await nextTurn();

    expect(isIn).to.equal(false);
    leave();
    await third;
    expect(isIn).to.equal(true);
  });
});
