import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hearCalls } from '../endpoints/card/call-fixture.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { recorded } from '../connectors/asterisk/scenes.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { startCallercard, stopServer } from '../support/command.ts';
import { startFakeManager } from '../support/fake-manager.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { childrenOf, processTreeSkip } from '../support/process-tree.ts';
import { findServerPort } from '../support/server-port.ts';
import { until } from '../support/until.ts';

describe('two workers beside an Asterisk', { timeout: 240_000, skip: processTreeSkip }, () => {
  it('listen to it with one of them, and with the other when that one is gone', async () => {
    const manager = await startFakeManager({ secret: 'planted-secret' });
    const cwd = await createFilledFolder();
    const env = {
      CALLERCARD_ASTERISK: `ami://callercard:planted-secret@127.0.0.1:${manager.port}`,
      CALLERCARD_AGENTS: '1001=crm',
      CALLERCARD_WORKERS: '2',
    };
    const server = await startCallercard(['serve', '--port', String(await findServerPort())], { cwd, env });
    try {
      await until('logged in', () => manager.sessions === 1);
      const client = createCardClient(server.url);
      assert.equal((await client.signIn('crm', PASSWORD)).status, 303);
      const cards = await Promise.all([1, 2, 3, 4].map(() => hearCalls(server.url, client)));
      manager.say(recorded('extension-answered').replace(/^[^]*?\n\n/, ''));
      const states = (card: (typeof cards)[number]) => card.events.map(({ data }) => data.state);
      await until('heard', () => cards.every((card) => states(card).length === 3));
      for (const card of cards) assert.deepEqual(states(card), ['ringing', 'answered', 'ended']);
      assert.equal(manager.sessions, 1);
      for (const card of cards) card.close();
      // Whichever it was: once both are replaced, one of those that came listens.
      const before = manager.connections;
      for (const worker of childrenOf(server.pid)) process.kill(worker, 'SIGKILL');
      await until('listening again', () => manager.connections > before && manager.sessions === 1);
    } finally {
      await stopServer(server);
      await manager.close();
    }
  });
});
