import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { withMetricsToken } from '../../src/config/metrics-token.ts';
import { showSettings } from '../../src/config/show.ts';
import { createMetricsReaders } from '../../src/http/monitoring.ts';
import { exchangeOne, requestText, startFilledApp } from '../http/raw-socket.ts';
import { fillDomains, startDomains, writeDomains } from '../support/domain-app.ts';
import { send, temporaryFolder, type Sent, type TestApp } from '../support/test-app.ts';

const TOKEN = 'planted-secret.of-the+metrics';
const WITH_TOKEN = { headers: { authorization: `Bearer ${TOKEN}` } };

async function withApp(
  metrics: readonly string[],
  check: (app: TestApp) => Promise<void>,
  metricsToken = TOKEN,
): Promise<void> {
  const running = await startFilledApp({ config: { metrics, metricsToken } });
  try {
    await check(running);
  } finally {
    await running.close();
  }
}

/** Answered as any path at which there is nothing, to the byte. */
async function assertNothingThere(url: string, sent: Sent = {}, target = '/metrics'): Promise<void> {
  const unknown = await send(url, '/nowhere', sent);
  const answer = await send(url, target, sent);
  const headers = { ...answer.headers, date: unknown.headers.date };
  assert.deepEqual([answer.status, headers, answer.text], [404, unknown.headers, unknown.text]);
}

function mayRead(
  allowed: readonly string[],
  remoteAddress: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): boolean {
  const readerOf = createMetricsReaders(allowed);
  return (
    readerOf({ socket: { remoteAddress }, headers: { host: '127.0.0.1:8080', ...headers } }) !== undefined
  );
}

describe('who may ask for the metrics', () => {
  it('this machine, by its own name, and nobody else by default', () => {
    for (const own of ['127.0.0.1', '127.0.0.5', '::1', '::ffff:127.0.0.1'])
      assert.ok(mayRead(['local'], own), own);
    for (const other of [
      '10.0.0.1',
      '192.168.1.2',
      '::ffff:10.0.0.1',
      'fe80::1',
      '2001:db8::1',
      '',
      undefined,
    ]) {
      assert.ok(!mayRead(['local'], other), String(other));
    }
    for (const host of ['localhost', 'LOCALHOST:80', '[::1]:8080', '127.0.0.1'])
      assert.ok(mayRead(['local'], '::1', { host }), host);
    for (const host of [
      'crm.example.com',
      '127.0.0.1.example.com',
      'localhost.example.com:80',
      '',
      '10.0.0.1',
    ]) {
      assert.ok(!mayRead(['local'], '127.0.0.1', { host }), host);
    }
  });

  it('nobody behind a proxy, whatever header it adds', () => {
    for (const name of [
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'forwarded',
      'via',
      'x-real-ip',
      'cf-connecting-ip',
    ]) {
      assert.ok(!mayRead(['local'], '127.0.0.1', { [name]: '127.0.0.1' }), name);
      assert.ok(!mayRead(['10.0.0.1'], '10.0.0.1', { [name]: '10.0.0.1' }), name);
    }
  });

  it('addresses and ranges that the setting names, by any name of this machine', () => {
    const allowed = ['10.0.0.9', '192.168.0.0/16', '2001:db8::/32'];
    for (const address of ['10.0.0.9', '::ffff:10.0.0.9', '192.168.77.1', '2001:db8::5']) {
      assert.ok(mayRead(allowed, address, { host: 'crm.example.com' }), address);
    }
    for (const address of ['10.0.0.8', '192.169.0.1', '2001:db9::1', '127.0.0.1', '::1'])
      assert.ok(!mayRead(allowed, address), address);
    assert.ok(mayRead(['local', '10.0.0.9'], '127.0.0.1'));
  });

  it('is a setting: local, off or addresses; anything else is refused at the start', () => {
    const read = (metrics: string) => loadConfig({ flags: { metrics }, environment: {} }).config.metrics;
    assert.deepEqual(loadConfig({ flags: {}, environment: {} }).config.metrics, ['local']);
    assert.deepEqual(read('off'), []);
    assert.deepEqual(read('Local, 10.0.0.0/8'), ['local', '10.0.0.0/8']);
    for (const wrong of ['', 'everybody', '10.0.0.0/33', 'off, 10.0.0.1'])
      assert.throws(() => read(wrong), /metrics/, wrong);
  });
});

describe('GET /metrics', () => {
  it('25: is an unknown path for others, to the byte: by method, through a proxy, by another name, from elsewhere', async () => {
    const { headers } = WITH_TOKEN;
    await withApp(['local'], async ({ url }) => {
      assert.equal((await send(url, '/metrics', WITH_TOKEN)).status, 200);
      assert.equal((await send(url, '/metrics?name[]=up', WITH_TOKEN)).status, 200);
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])
        await assertNothingThere(url, { ...WITH_TOKEN, method });
      await assertNothingThere(url, { headers: { ...headers, 'x-forwarded-for': '127.0.0.1' } });
      await assertNothingThere(url, { headers: { ...headers, host: 'crm.example.com' } });
      for (const target of [
        '/Metrics',
        '/metrics/',
        '//metrics',
        '/metrics%2f',
        '/%6detrics/..',
        '/metrics;x',
      ]) {
        await assertNothingThere(url, WITH_TOKEN, target);
      }
    });
    await withApp(['10.1.2.3'], ({ url }) => assertNothingThere(url, WITH_TOKEN));
    await withApp([], ({ url }) => assertNothingThere(url, WITH_TOKEN));
  });

  it('61: is closed to this machine without a token, whatever is sent, and says which setting opens it', async () => {
    const closed = async ({ url }: TestApp) => {
      for (const sent of [{}, WITH_TOKEN, { headers: { authorization: 'Bearer ' } }]) {
        const { status, text } = await send(url, '/metrics', sent);
        assert.equal(status, 404);
        assert.match(text, /^The metrics are closed: set metricsToken/);
      }
    };
    await withApp(['local'], closed, '');
    assert.equal(loadConfig({ flags: {}, environment: {} }).config.metricsToken, '', 'that is the default');
  });

  it('61: wants exactly the token, from addresses that the setting names as well', async () => {
    for (const metrics of [['local'], ['127.0.0.1'], ['local', '127.0.0.0/8']]) {
      await withApp(metrics, async ({ url }) => {
        for (const authorization of [
          undefined,
          '',
          TOKEN,
          'Bearer',
          'Bearer ',
          `Bearer ${TOKEN.slice(0, -1)}`,
          `Bearer ${TOKEN}x`,
          `Bearer ${TOKEN.toUpperCase()}`,
          `Bearer ${TOKEN} ${TOKEN}`,
          `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`,
        ]) {
          const headers = authorization === undefined ? {} : { authorization };
          const answer = await send(url, '/metrics', { headers });
          assert.deepEqual(
            [answer.status, answer.headers['www-authenticate']],
            [401, 'Bearer'],
            authorization,
          );
          assert.doesNotMatch(answer.text, /callercard_/);
        }
        for (const scheme of ['Bearer', 'bearer', 'BEARER '])
          assert.equal(
            (await send(url, '/metrics', { headers: { authorization: `${scheme} ${TOKEN}` } })).status,
            200,
          );
      });
    }
    await withApp(
      ['127.0.0.1'],
      async ({ url }) => assert.equal((await send(url, '/metrics')).status, 200),
      '',
    );
  });

  it('61: has a token of 16 to 200 characters, in a setting or in a file, which no error and no listing shows', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'token');
    const read = (flags: Readonly<Record<string, string>>) => loadConfig({ flags, environment: {} });
    for (const wrong of [
      'planted-secret',
      'planted-secret planted-secret',
      `planted-secret${'x'.repeat(200)}`,
    ]) {
      const isSafe = ({ message }: Error) =>
        message.includes('16 to 200') && !message.includes('planted-secret');
      assert.throws(() => read({ metricsToken: wrong }), isSafe);
      writeFileSync(file, `${wrong}\n`);
      assert.throws(() => withMetricsToken(read({ metricsTokenFile: file }).config), isSafe);
    }
    writeFileSync(file, `${TOKEN}\r\n`);
    const loaded = read({ metricsTokenFile: file });
    assert.equal(withMetricsToken(loaded.config).metricsToken, TOKEN);
    assert.doesNotMatch(JSON.stringify(showSettings(read({ metricsToken: TOKEN }))), /planted/);
    assert.throws(() => read({ metricsTokenFile: file, metricsToken: TOKEN }), /set one of them/);
    writeFileSync(file, '\n');
    assert.throws(() => withMetricsToken(loaded.config), /is empty/);
    rmSync(file);
    assert.throws(() => withMetricsToken(loaded.config), /metricsTokenFile/);
  });

  it('10: is not opened by a trusted proxy or by forged headers', async () => {
    const running = await startFilledApp({
      config: { trustedProxies: ['127.0.0.1'], metrics: ['local', '10.9.9.9'], metricsToken: TOKEN },
    });
    try {
      for (const address of ['127.0.0.1', '10.9.9.9', '::1']) {
        const headers = { ...WITH_TOKEN.headers, 'x-forwarded-for': address };
        await assertNothingThere(running.url, { headers });
      }
    } finally {
      await running.close();
    }
  });

  it('is not served to the network address of this machine', async (t) => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry?.family === 'IPv4' && !entry.internal);
    if (outside === undefined) {
      t.skip('this machine has no address but its own');
      return;
    }
    const running = await startFilledApp({
      config: { host: '0.0.0.0', metrics: ['local'], metricsToken: TOKEN },
    });
    try {
      const { port } = new URL(running.url);
      const headers = { ...WITH_TOKEN.headers, host: 'localhost' };
      await assertNothingThere(`http://${outside.address}:${port}`, { headers });
    } finally {
      await running.close();
    }
  });

  it('16: serves nothing on the host of a domain; this machine sees all domains', async () => {
    const domains = {
      acme: { hosts: 'acme.example.net' },
      globex: { hosts: 'globex.example.net' },
      rest: { fallback: true },
    };
    const config = writeDomains(temporaryFolder(), domains, { metricsToken: TOKEN });
    await fillDomains(config);
    const { app, url } = await startDomains(config);
    try {
      for (const host of ['acme.example.net', 'GLOBEX.example.net:80', 'unknown.example.net']) {
        await assertNothingThere(url, { headers: { ...WITH_TOKEN.headers, host } });
        assert.equal((await send(url, '/healthz', { headers: { host } })).status, 200);
      }
      const absolute = await exchangeOne(
        url,
        requestText('GET', 'http://localhost/metrics', { Host: 'acme.example.net', ...WITH_TOKEN.headers }),
      );
      assert.equal(absolute.status, 404);
      const twice = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: acme.example.net\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
      assert.equal((await exchangeOne(url, twice)).status, 400);
      const { text } = await send(url, '/metrics', WITH_TOKEN);
      for (const name of ['acme', 'globex', 'rest']) assert.ok(text.includes(`domain="${name}"`), name);
      assert.doesNotMatch(text, /example\.net/);
    } finally {
      await app.close();
    }
  });
});

it('61: a proxy on this machine that adds no header gets nothing without the token, and nothing by another host name', async () => {
  await withApp(['local'], async ({ url }) => {
    const { port } = new URL(url);
    const proxy = createServer((client) => {
      const upstream = connect(Number(port), '127.0.0.1');
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    }).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => proxy.once('listening', resolve));
      const through = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const { status, text } = await send(through, '/metrics', { headers: { host: 'localhost' } });
      assert.equal(status, 401);
      assert.doesNotMatch(text, /callercard_/);
      await assertNothingThere(through, { headers: { ...WITH_TOKEN.headers, host: 'crm.example.com' } });
    } finally {
      proxy.close();
    }
  });
});
