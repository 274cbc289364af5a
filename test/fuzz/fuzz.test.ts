import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { mariadbSkip } from '../support/mariadb-server.ts';
import { runCampaign } from './campaign.ts';
import { makeCase } from './make-case.ts';
import { startFuzzed, type FuzzedServer, type FuzzedStore } from './servers.ts';

const CASES = 3_000;

function fuzzed(store: FuzzedStore, skip: string | false): void {
  describe(`a fuzzed server, ${store}`, { skip }, () => {
    let server: FuzzedServer;
    before(async () => {
      server = await startFuzzed(store);
    });
    after(() => server.close());

    it(`19, 20, 21, 22, 23: ${CASES} made-up connections find nothing (npm run fuzz sends more)`, async (t) => {
      const seed = Math.floor(Math.random() * 1e9);
      const { cases, answers, fault } = await runCampaign(server, { seed, cases: CASES });
      t.diagnostic(`seed ${seed}: ${cases} cases, ${answers} answers`);
      assert.equal(
        fault,
        undefined,
        `npm run fuzz -- --store ${store} --seed ${seed} --case ${fault?.number ?? 0}`,
      );
      assert.ok(answers > cases / 2, `${answers} answers`);
    });
  });
}

fuzzed('embedded', false);
fuzzed('dialer', mariadbSkip);

describe('a case of the fuzzer', () => {
  it('is the same for the same seed and number, and another for any other', () => {
    const text = (seed: number, number: number) => makeCase(seed, number).bytes.toString('latin1');
    assert.equal(text(7, 3), text(7, 3));
    const texts = new Set([text(7, 3), text(7, 4), text(8, 3), text(3, 7)]);
    assert.equal(texts.size, 4);
  });
});
