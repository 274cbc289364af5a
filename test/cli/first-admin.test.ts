import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

import { firstKeyOf } from '../../src/auth/secrets.ts';
import { createFirstLinks } from '../../src/cli/first-links.ts';
import { createTerminal } from '../../src/process/terminal.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { runCallercard, startCallercard, stopServer } from '../support/command.ts';
import { writeDomains } from '../support/domain-app.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

describe('serve over a store without users', () => {
  it('makes the store where it may, and prints one link for all its workers, which works once', async (t) => {
    const cwd = temporaryFolder();
    const server = await startCallercard(['serve', '--create', '--workers', '2'], { cwd });
    t.after(() => stopServer(server));
    const links = () => [...server.said().matchAll(/http\S+(\/console\/first\?key=[\w-]{43})\n/g)];
    await until('the link', () => links().length > 0);
    assert.match(server.said(), /made an empty store: sqlite:data\/callercard\.db/);
    const [, link = ''] = links()[0] ?? [];
    // Each connection may lead to another worker.
    const clients = Array.from({ length: 4 }, () => createCardClient(server.url));
    const made = await Promise.all(
      clients.map(async (client, at) => {
        const { text: page } = await client.getOnce(link);
        const [, token = ''] = /name="token" value="([^"]*)"/.exec(page) ?? [];
        const [, key = ''] = /key=(.*)/.exec(link) ?? [];
        const password = 'planted-secret of the first';
        const form = { token, key, user: `admin${at}`, 'new-password': password, again: password };
        return client.post('/console/first', form);
      }),
    );
    assert.deepEqual(made.map(({ status }) => status).filter((status) => status === 303).length, 1);
    const { stdout } = await runCallercard(['user', 'list', '--json'], { cwd });
    assert.deepEqual(
      (JSON.parse(stdout) as readonly { readonly rights: readonly string[] }[]).map(({ rights }) => rights),
      [['card', 'read', 'edit', 'calls', 'admin']],
    );
    assert.equal(links().length, 1);
    assert.doesNotMatch(server.said().replace(/^http.*$/m, ''), /[?&]key=|planted-secret/);
  });
});

describe('the links of first admins', () => {
  async function printed(
    url: string,
    config: Parameters<typeof createFirstLinks>[2],
    names: readonly string[],
  ): Promise<string> {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const links = createFirstLinks(createTerminal(stdin, stdout, stderr.resume()), 'planted-secret', config);
    const [early, ...late] = names;
    if (early !== undefined) links.note(early);
    links.listening(url);
    for (const name of late) links.note(name);
    stdout.end();
    return text(stdout);
  }

  it('lead to an address that a browser opens, each once, also where it is known before requests are taken', async () => {
    const config = () => testConfig('nowhere');
    const rest = `/console/first?key=${firstKeyOf('planted-secret', 'default')}\n`;
    for (const [url, to] of [
      ['http://0.0.0.0:8080', 'http://127.0.0.1:8080'],
      ['https://[::]:8443', 'https://[::1]:8443'],
      ['http://192.0.2.1:80', 'http://192.0.2.1'],
    ] as const)
      assert.equal(await printed(url, config, ['default', 'default']), to + rest);
  });

  it('lead to the host of each domain, with a key of its own', async () => {
    const domains = { acme: { hosts: ['acme.example.net'] }, beta: { hosts: ['beta.example.net'] } };
    const config = writeDomains(temporaryFolder(), domains);
    const key = (name: string) => firstKeyOf('planted-secret', name);
    assert.equal(
      await printed('http://0.0.0.0:8080', () => config, ['acme', 'beta', 'acme']),
      ['acme', 'beta']
        .map((name) => `http://${name}.example.net:8080/console/first?key=${key(name)}\n`)
        .join(''),
    );
    assert.notEqual(key('acme'), key('beta'));
  });
});
