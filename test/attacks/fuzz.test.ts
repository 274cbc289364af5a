import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { mariadbSkip } from '../support/mariadb-server.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { makeCase } from './fuzz/fuzz-case.ts';
import { FUZZ_STORES, startFuzzTarget } from './fuzz/fuzz-target.ts';

/** The long form: `npm run fuzz -- --seconds 600`. */
const SECONDS = 4;

describe('seeded random requests', { timeout: 120_000 }, () => {
  for (const store of FUZZ_STORES) {
    const skip = store === 'dialer' ? mariadbSkip : false;
    it(`21, 22: do not break a server over the store ${store}`, { skip }, async (t) => {
      const seed = new Date().toISOString();
      const target = await startFuzzTarget(store);
      try {
        const { failure, ...figures } = await fuzz(target, { seed, seconds: SECONDS });
        t.diagnostic(`seed ${seed}: ${JSON.stringify(figures)}`);
        const again = `npm run fuzz -- --store ${store} --seed ${seed} --case ${failure?.number ?? ''}`;
        assert.equal(failure, undefined, `${failure?.fault ?? ''}\n${again}`);
        // Requests reached the endpoints.
        assert.ok(figures.found > 10 && figures.watched > 0, JSON.stringify(figures));
        for (const status of [200, 400]) assert.ok((figures.statuses[status] ?? 0) > 0, `no ${status}`);
      } finally {
        await target.stop();
      }
    });
  }

  it('are the same for the same seed and number, and different otherwise', () => {
    const bytesOf = (seed: string, number: number) =>
      Buffer.concat(makeCase(seed, number).pieces).toString('hex');
    for (let number = 0; number < 50; number += 1) {
      assert.equal(bytesOf('a', number), bytesOf('a', number));
      assert.notEqual(bytesOf('a', number), bytesOf('b', number));
    }
  });
});
