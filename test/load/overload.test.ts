import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { runClients } from '../support/load/clients.ts';
import type { LoadFigures } from '../support/load/plan.ts';
import { targetOf, createFilledFolder, FILLED_LEADS } from '../support/filled-folder.ts';

describe('more requests than a server can answer', () => {
  let url: string;
  let stop: () => Promise<void>;
  before(async () => {
    const folder = await createFilledFolder();
    const child = fork(
      join(import.meta.dirname, 'overloaded-server.ts'),
      [join(folder, 'data', 'callercard.db')],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    const gone = once(child, 'exit');
    stop = async () => {
      child.disconnect();
      await gone;
    };
    const [message] = (await once(child, 'message')) as [{ url: string }];
    url = message.url;
  });
  after(() => stop());

  const plan = () => ({
    url,
    order: 'random' as const,
    targets: Array.from({ length: FILLED_LEADS }, (_, at) => targetOf(at + 1)),
  });
  const perSecond = ({ answered, seconds }: LoadFigures) => answered.count / seconds;

  it('32: from connections that ask in turn, up to 256 of them, are all answered', async () => {
    for (const connections of [32, 256]) {
      const [figures] = await runClients({ ...plan(), connections, seconds: 2 });
      assert.equal(figures.wrong, 0, figures.wrongWords.join('; '));
      assert.equal(figures.overloaded.count + figures.limited.count + figures.refused.count, 0);
      assert.ok(figures.answered.count > connections);
    }
  });

  it('32: far beyond that are answered in good part and in time, and the others get 503 with Retry-After, nothing else', async () => {
    const [usual] = await runClients({ ...plan(), connections: 64, seconds: 2 });
    const half = { ...plan(), connections: 500, seconds: 4, perSecond: 1.5 * perSecond(usual) };
    const both = await runClients(half, half);
    for (const { wrong, wrongWords } of both) assert.equal(wrong, 0, wrongWords.join('; '));
    const [one, other] = both;
    const goodput = perSecond(one) + perSecond(other);
    assert.ok(one.overloaded.count + other.overloaded.count > 0, 'nobody was refused');
    // Two processes of clients, the server and whoever else works here share the cores: a tenth is far from standing still.
    assert.ok(goodput > perSecond(usual) / 10, `${goodput} of ${perSecond(usual)} a second`);
    const slowest = Math.max(one.answered.p99, other.answered.p99);
    assert.ok(
      slowest < 40 * Math.max(usual.answered.p99, 25),
      `p99 ${slowest} ms, usually ${usual.answered.p99}`,
    );
  });

  it('32: leave a server that answers as before', async () => {
    const [figures] = await runClients({ ...plan(), connections: 16, seconds: 1 });
    assert.equal(figures.wrong + figures.overloaded.count, 0, figures.wrongWords.join('; '));
    assert.ok(figures.answered.count > 16);
  });
});
