import assert from 'node:assert/strict';
import { it } from 'node:test';

import { SETTINGS } from '../../src/config/settings.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { runClients } from '../support/load/clients.ts';
import type { LoadPlan } from '../support/load/plan.ts';
import { startTestApp, temporaryFolder } from '../support/test-app.ts';

/** A small rate, so that fifty times as much is no load for the machine. */
const RATE = 20;
const SECONDS = 3;

it('34: a user at 50 times its rate gets 429 with Retry-After, and nobody else notices', async (t) => {
  assert.equal(SETTINGS.rateLimit.byDefault, '500', 'the default that a large call centre never meets');
  const running = await startTestApp(
    temporaryFolder(),
    (store) =>
      fillEmbedded(store, {
        lists: [{ list_id: 1, name: 'one' }],
        leads: [{ lead_id: 1, list_id: 1, phone_number: '5500000001' }],
        users: ['greedy', 'usual'].map((name) => ({ name, password: { verifier: CHEAP_VERIFIER } })),
      }),
    { config: { rateLimit: RATE } },
  );
  t.after(() => running.close());
  const planOf = (goUser: string, perSecond: number): LoadPlan => ({
    url: running.url,
    targets: [`${PATH}?${queryFor({ goUser, goPass: PASSWORD, lead_id: '1' })}`],
    order: 'random',
    connections: 8,
    seconds: SECONDS,
    perSecond,
  });
  const [alone] = await runClients(planOf('usual', RATE));
  const [greedy, usual] = await runClients(planOf('greedy', 50 * RATE), planOf('usual', RATE));

  // `limited` counts answers 429 with Retry-After alone; without it they are wrong.
  assert.equal(greedy.wrong + usual.wrong, 0, [...greedy.wrongWords, ...usual.wrongWords].join('; '));
  const most = 2 * RATE + RATE * (greedy.seconds + 1);
  assert.ok(greedy.answered.count <= most, `${greedy.answered.count} answered, at most ${most}`);
  assert.ok(greedy.answered.count >= 2 * RATE, `${greedy.answered.count} answered`);
  assert.ok(greedy.limited.count > 10 * greedy.answered.count, `${greedy.limited.count} limited`);
  assert.equal(usual.limited.count + usual.overloaded.count + usual.refused.count, 0);
  assert.equal(usual.answered.count, usual.due - usual.unsent);
  const report = `usual ${usual.answered.p50} ms, alone ${alone.answered.p50} ms`;
  t.diagnostic(report);
  assert.ok(usual.answered.p50 < Math.max(10 * alone.answered.p50, 25), report);
});
