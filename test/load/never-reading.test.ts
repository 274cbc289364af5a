import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { openSocket } from '../http/raw-socket.ts';
import { startCallercard } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { processTreeSkip } from '../support/process-tree.ts';
import { send } from '../support/test-app.ts';

const CLIENTS = 400;
const PIPELINED = 250;
const MOST_MIB = 100;

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

describe(
  'clients that pipeline requests and read no answer',
  { skip: processTreeSkip, timeout: 120_000 },
  () => {
    let cwd: string;
    before(async () => {
      cwd = await createFilledFolder();
    });

    for (const path of ['/docs', '/openapi.json', '/card', '/healthz', '/nothing']) {
      it(`48: take at most ${MOST_MIB} MiB with GET ${path}, and others are answered meanwhile`, async (t) => {
        const server = await startCallercard(['serve'], { cwd });
        t.after(() => server.kill('SIGKILL'));
        const sockets: Socket[] = [];
        t.after(() => {
          for (const socket of sockets) socket.destroy();
        });
        // Its pages are made, and its code is loaded.
        for (let at = 0; at < 200; at += 1) await send(server.url, at % 2 === 0 ? path : targetOf(3));
        const usual = residentMiB(server.pid);
        let most = usual;
        const requests = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(PIPELINED);
        for (let client = 0; client < CLIENTS; client += 1) {
          const socket = await openSocket(server.url);
          socket.on('error', () => undefined);
          socket.pause();
          socket.write(requests);
          sockets.push(socket);
          if (client % 20 === 0) most = Math.max(most, residentMiB(server.pid));
        }
        for (let round = 0; round < 20; round += 1) {
          assert.match((await send(server.url, targetOf(3))).text, /"lead_id":3,/);
          most = Math.max(most, residentMiB(server.pid));
          await pause(50);
        }
        t.diagnostic(`${usual.toFixed(0)} MiB, at most ${most.toFixed(0)} MiB meanwhile`);
        assert.ok(most - usual <= MOST_MIB, `${(most - usual).toFixed(0)} MiB more`);
      });
    }
  },
);
