import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { startCallercard, stopServer, type RunningServer } from '../support/command.ts';
import {
  fillDomains,
  leadNameOf,
  leadQuery,
  writeDomains,
  type DomainsWritten,
} from '../support/domain-app.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { untilSaid, wordsOf } from '../support/until.ts';

const RELOADS = 25;

describe('SIGHUP', () => {
  const cwd = temporaryFolder();
  const top = { logLevel: 'error', port: 0 };
  const steady = { a: { hosts: ['a.example'] }, b: { hosts: ['b.example'] } };
  const write = (domains: DomainsWritten, more = {}) => writeDomains(cwd, domains, { ...top, ...more });
  let server: RunningServer;

  before(async () => {
    await fillDomains(write({ ...steady, c: { hosts: ['c.example'] } }));
    write(steady);
    server = await startCallercard(['serve', '--config', 'config.json'], { cwd, env: { PORT: '' } });
  });
  after(() => stopServer(server));

  /** Sends the signal and waits until the server has said this about it, once more. */
  async function reload(words: RegExp): Promise<void> {
    const before = wordsOf(server).match(new RegExp(words, 'gm')) ?? [];
    server.kill('SIGHUP');
    await untilSaid(server, words, before.length + 1);
  }

  function ask(agent: Agent, domain: string): Promise<{ status: number; text: string }> {
    const target = `${GOAPI_PATHS[0]}?${leadQuery(domain, 1)}`;
    return send(server.url, target, { agent, headers: { host: `${domain}.example` } });
  }

  it(
    'adds, changes and removes domains under load without a failed request',
    { timeout: 240_000 },
    async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      let isOver = false;
      const counts: Record<string, number> = {};
      const load = Array.from({ length: 16 }, async (_, at) => {
        const domain = ['a', 'b', 'b', 'c'][at % 4] ?? 'a';
        while (!isOver) {
          const { status, text } = await ask(agent, domain);
          const isGood = status === 200 && text.includes(`"${leadNameOf(domain, 1)}"`);
          assert.ok(isGood || (domain === 'c' && status === 404), `${domain}: ${status} ${text}`);
          counts[`${domain} ${status}`] = (counts[`${domain} ${status}`] ?? 0) + 1;
        }
      });
      try {
        for (let round = 0; round < RELOADS; round += 1) {
          const b = { hosts: ['b.example'], rateLimit: 100_000 + round };
          const c = { hosts: ['c.example'] };
          write({ a: { ...steady.a, rateLimit: 100_000 }, b, ...(round % 2 === 0 ? { c } : {}) });
          await reload(
            round % 2 === 0 ? /SIGHUP: .*added c; changed (a, )?b$/ : /SIGHUP: .*changed b; removed c$/,
          );
        }
      } finally {
        isOver = true;
        await Promise.all(load);
        agent.destroy();
      }
      for (const kind of ['a 200', 'b 200', 'c 200', 'c 404']) assert.ok((counts[kind] ?? 0) > 0, kind);
    },
  );

  it('with a file that cannot be used says why, and the former settings stay in use', async () => {
    const agent = new Agent();
    write(steady);
    await reload(/SIGHUP: read the settings again: /);
    for (const broken of ['{"domains"', '{"domains":{"a":{"hosts":["a..example"]}},"prot":1}']) {
      writeFileSync(join(cwd, 'config.json'), broken);
      await reload(/SIGHUP: the settings cannot be used, so those from before go on$/);
      assert.equal((await ask(agent, 'a')).status, 200);
    }
    assert.match(server.said(), /^callercard: the config file config\.json is no JSON/m);
    assert.match(server.said(), /^callercard: domains\.a\.hosts \(file config\.json\) holds "a\.\.example"/m);
    assert.match(server.said(), /^callercard: prot \(file config\.json\) is no setting/m);
  });

  it('says which settings count at the next start only', async () => {
    write(steady, { port: 8099, logLevel: 'warn' });
    await reload(/no domain differs\n.+SIGHUP: port, logLevel will count at the next start$/);
  });
});
