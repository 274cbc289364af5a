import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { openSocket, requestText } from '../http/raw-socket.ts';
import { startCallercard } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { childrenOf, processTreeSkip } from '../support/process-tree.ts';
import { send } from '../support/test-app.ts';
import { until, untilSaid } from '../support/until.ts';

const CLIENTS = 6;

describe(
  'a worker that is killed while a connection is on its way to it',
  { skip: processTreeSkip, timeout: 240_000 },
  () => {
    let cwd: string;
    before(async () => {
      cwd = await createFilledFolder();
    });

    it('44: takes that one connection with it; all others are answered, and so are new ones', async (t) => {
      const server = await startCallercard(['serve', '--workers', '2'], { cwd });
      t.after(() => server.kill('SIGKILL'));
      const [victim = 0] = childrenOf(server.pid);
      // It takes nothing any more, so the next connection that the primary hands to it stays on its way.
      freezeProcess(victim);
      const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => openSocket(server.url)));
      let [answered, closed] = [0, 0];
      for (const socket of sockets) {
        let text = '';
        socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        socket.on('error', () => undefined);
        socket.on('close', () => {
          if (text.includes('"lead_id":3,')) answered += 1;
          else closed += 1;
        });
        socket.write(requestText('GET', targetOf(3)));
      }
      await until('all others are answered', () => answered === CLIENTS - 1);
      assert.equal(closed, 0);
      process.kill(victim, 'SIGKILL');
      await untilSaid(server, /answers at .*/, 2);
      for (let at = 0; at < CLIENTS; at += 1)
        assert.match((await send(server.url, targetOf(3))).text, /"lead_id":3,/);
      // What docs/decisions/0012-workers-and-tls.md says: the connection stays open until the server ends.
      assert.deepEqual([answered, closed], [CLIENTS - 1, 0]);
      server.kill('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      await until('the last one is closed', () => closed === 1);
    });
  },
);
