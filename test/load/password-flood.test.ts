import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { CACHE_MS } from '../../src/auth/password-check.ts';
import { runClients } from '../support/load/clients.ts';
import type { LoadFigures, LoadPlan } from '../support/load/plan.ts';
import { mariadbSkip } from '../support/mariadb-server.ts';
import { send } from '../support/test-app.ts';
import {
  KNOWN,
  NEWCOMERS,
  openDialer,
  openEmbedded,
  targetFor,
  WARM,
  type KnownServer,
} from './known-users.ts';

const FLOODERS = 64;
const SECONDS = 3;

const ENGINES = {
  'the embedded store': { open: openEmbedded, skip: false },
  'a dialer that hashes': { open: openDialer, skip: mariadbSkip },
} as const;

for (const [engine, { open, skip }] of Object.entries(ENGINES)) {
  describe(`a flood of wrong passwords on ${engine}`, { skip }, () => {
    let server: KnownServer;
    before(async () => {
      server = await open();
    });
    after(() => server.close());

    /** The flood, a user who works on, and users of whom each comes back after a while, all at the same time. */
    async function flood(
      names: readonly string[],
    ): Promise<readonly [LoadFigures, LoadFigures, LoadFigures]> {
      const { url, clock } = server;
      for (const name of KNOWN) await send(url, targetFor(name));
      clock.pass(CACHE_MS + 1);
      const good = { url, order: 'random', connections: 4, seconds: SECONDS } as const;
      const warm: LoadPlan = { ...good, targets: [targetFor(WARM)], perSecond: 50 };
      await runClients({ ...warm, seconds: 1 });
      return runClients(
        { ...good, targets: names.map((name) => targetFor(name, 'wrong')), connections: FLOODERS },
        warm,
        {
          ...good,
          targets: KNOWN.map((name) => targetFor(name)),
          order: 'once',
          perSecond: KNOWN.length / (SECONDS - 1),
        },
      );
    }

    it('33: over 5,000 names stops neither a warm user nor known-good users who come anew', async (t) => {
      const names = Array.from({ length: 5_000 }, (_, at) => `name${at}`);
      const [flooding, warm, cold] = await flood(names);
      const words = wordsOf(flooding, warm, cold);
      t.diagnostic(words);
      assert.ok(flooding.refused.count > FLOODERS / 2, words);
      assertOthersServed(flooding, warm, cold);
      // However slow the machine is just now: they do not stand in the queue of the flood.
      assert.ok(warm.answered.p50 < flooding.refused.p50 / 20, words);
      assert.ok(cold.answered.p50 < flooding.refused.p50 / 4, words);
    });

    it('49: over made-up names keeps out nobody who logs in for the first time, from the same network', async (t) => {
      const { url } = server;
      const names = Array.from({ length: 20_000 }, (_, at) => targetFor(`made-up ${at}`, 'wrong'));
      const [flooding, newcomers] = await runClients(
        { url, targets: names, order: 'random', connections: 70, seconds: SECONDS },
        {
          url,
          targets: NEWCOMERS.map((name) => targetFor(name)),
          order: 'once',
          connections: 4,
          seconds: SECONDS,
          perSecond: NEWCOMERS.length / (SECONDS - 1),
        },
      );
      const { answered, due, unsent } = newcomers;
      const words = `${answered.count} of ${due - unsent} newcomers, p50 ${Math.round(answered.p50)}, p99 ${Math.round(answered.p99)} ms; ${flooding.refused.count} made-up ones`;
      t.diagnostic(words);
      assert.equal(flooding.answered.count, 0, words);
      const { refused, limited, overloaded, wrong } = newcomers;
      assert.equal(refused.count + limited.count + overloaded.count + wrong, 0, words);
      // Where the machine is too slow, not each of them is asked for.
      assert.ok(answered.count > NEWCOMERS.length / 2, words);
    });

    it('33: on one name is checked ten times, and does not take the server from the others', async (t) => {
      const [flooding, warm, cold] = await flood(['somebody']);
      const words = wordsOf(flooding, warm, cold);
      t.diagnostic(words);
      const { text } = await send(server.url, targetFor('somebody', 'another'));
      assert.match(text, /Too many login attempts/);
      assert.ok(flooding.refused.count > MAX_FAILURES, words);
      assertOthersServed(flooding, warm, cold);
      // Unslowed, 64 clients that ask again at once got more than ten times as many.
      const most = 200 + (100 + FLOODERS / 0.25) * flooding.seconds + 2 * FLOODERS;
      assert.ok(flooding.refused.count <= most, `${words}, at most ${most}`);
      // Those that are not slowed down are more than half of them where the machine is busy.
      assert.ok(warm.answered.p50 < flooding.refused.p99 / 4, words);
    });
  });
}

function assertOthersServed(flooding: LoadFigures, warm: LoadFigures, cold: LoadFigures): void {
  assert.equal(flooding.answered.count, 0, 'nobody gets in with a wrong password');
  // Who stands in the queue of the flood may still wait when its clients end.
  const wrong = [flooding, warm, cold].flatMap(({ wrongWords }) => wrongWords);
  assert.deepEqual(
    wrong.filter((words) => !words.includes('requests without an answer')),
    [],
  );
  assert.equal(warm.wrong + cold.wrong, 0);
  assert.equal(warm.answered.count, warm.due - warm.unsent, 'a warm user is always answered');
  // Where the machine is too slow, not each of them is asked for.
  assert.ok(cold.answered.count > KNOWN.length / 2, `${cold.answered.count} known users`);
  assert.equal(cold.refused.count + cold.limited.count + cold.overloaded.count, 0, 'none is turned away');
}

function wordsOf(flooding: LoadFigures, warm: LoadFigures, cold: LoadFigures): string {
  const { count, p50 } = flooding.refused;
  const timesOf = ({ answered }: LoadFigures) =>
    `p50 ${answered.p50.toFixed(1)}, p99 ${answered.p99.toFixed(1)} ms`;
  return `${count} wrong ones, p50 ${Math.round(p50)} ms; warm ${timesOf(warm)}; cold ${timesOf(cold)}`;
}
