import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { after, before, describe, it } from 'node:test';

import { LIMITS } from '../../src/http/limits.ts';
import {
  fillDomains,
  leadNameOf,
  leadQuery,
  startDomains,
  writeDomains,
  type DomainApp,
} from '../support/domain-app.ts';
import { temporaryFolder } from '../support/test-app.ts';
import {
  assertAnswerHeaders,
  exchange,
  exchangeOne,
  openSocket,
  PATH,
  readToEnd,
  requestText,
  splitAnswers,
  type RawAnswer,
} from './raw-socket.ts';

const ACME_ORIGIN = 'https://acme-crm.example';
const BETA_ORIGIN = 'https://beta-crm.example';

const HOSTS = {
  acme: { hosts: ['acme.example.net', '[2001:db8::a]'], corsOrigins: [ACME_ORIGIN] },
  beta: { hosts: ['beta.example.net'], corsOrigins: [BETA_ORIGIN] },
};

const ASK_ACME = `${PATH}?${leadQuery('acme', 1)}`;
const ASK_BETA = `${PATH}?${leadQuery('beta', 1)}`;

function assertOf(domain: string, { status, text }: RawAnswer): void {
  assert.equal(status, 200);
  assert.ok(text.includes(`"${leadNameOf(domain, 1)}"`), text);
}

function withHost(host: string, target = ASK_ACME, headers: Readonly<Record<string, string>> = {}): string {
  return requestText('GET', target, { Host: host, ...headers });
}

describe('the Host header', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), HOSTS);
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  const ask = (bytes: string) => exchangeOne(running.url, bytes);

  for (const host of [
    'acme.example.net',
    'ACME.Example.Net',
    'acme.example.net.',
    'acme.example.net:1',
    'acme.example.net.:8080',
    '[2001:db8::a]',
    '[2001:0DB8:0::A]:443',
  ]) {
    it(`${host} leads to its domain, and the other's user is nobody there`, async () => {
      assertOf('acme', await ask(withHost(host)));
      const other = await ask(withHost(host, ASK_BETA));
      assert.match(other.text, /Invalid Username\/Password/);
    });
  }

  for (const host of [
    'localhost',
    'example.net',
    'x.acme.example.net',
    'acme.example.ne',
    '[::1]',
    '127.0.0.1',
  ]) {
    it(`${host} leads nowhere: the answer is that of an unknown path`, async () => {
      const answer = await ask(withHost(host));
      const unknown = await ask(withHost('acme.example.net', '/nowhere'));
      assert.equal(answer.status, 404);
      assert.deepEqual({ ...answer, headers: undated(answer) }, { ...unknown, headers: undated(unknown) });
    });
  }

  it('that leads nowhere gets that answer for every method, body and origin', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const preflight = { Origin: ACME_ORIGIN, 'Access-Control-Request-Method': 'POST' };
    const large = 'x'.repeat(LIMITS.bodyBytes + 1);
    const methods = METHODS.filter((method) => !['CONNECT', 'HEAD'].includes(method));
    const requests: readonly (readonly [
      method: string,
      headers: Readonly<Record<string, string>>,
      body: string,
    ])[] = [
      ...methods.map((method) => [method, {}, ''] as const),
      ['OPTIONS', preflight, ''],
      ['GET', { Origin: ACME_ORIGIN }, ''],
      ['POST', form, 'goUser=crm&a=%zz'],
      ['POST', { 'Content-Type': 'application/json' }, '{"goUser'],
      ['POST', { 'Content-Type': 'text/planted-secret' }, 'x'],
      ['POST', form, large],
    ];
    for (const [method, headers, body] of requests) {
      const hostless = await ask(requestText(method, ASK_ACME, { Host: 'other.example', ...headers }, body));
      const pathless = await ask(
        requestText(method, '/nowhere', { Host: 'acme.example.net', ...headers }, body),
      );
      const what = `${method} ${JSON.stringify(headers)}`;
      assert.equal(hostless.status, 404, what);
      assertAnswerHeaders(hostless);
      assert.deepEqual(
        { ...hostless, headers: undated(hostless) },
        { ...pathless, headers: undated(pathless) },
        what,
      );
    }
    const socket = await openSocket(running.url);
    socket.write(requestText('HEAD', ASK_ACME, { Host: 'other.example' }));
    assert.equal(splitAnswers(await readToEnd(socket), true)[0]?.status, 404);
  });

  for (const host of [
    '',
    'acme..example.net',
    'me@acme.example.net',
    'acme .example.net',
    'acme.example.net:x',
    'acme.example.net:99999',
    'acme.example.net,beta.example.net',
    'acme.example.net/',
    '[2001:db8::a',
    'ácme.example.net',
  ]) {
    it(`${JSON.stringify(host)} is none: 400, and the connection ends`, async () => {
      const answer = await ask(withHost(host));
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.connection, 'close');
      assertAnswerHeaders(answer);
    });
  }

  it('twice is 400, whichever comes first', async () => {
    for (const [one, other] of [
      ['acme.example.net', 'beta.example.net'],
      ['beta.example.net', 'acme.example.net'],
      ['acme.example.net', 'acme.example.net'],
    ]) {
      const answer = await ask(
        `GET ${ASK_ACME} HTTP/1.1\r\nHost: ${String(one)}\r\nhOST: ${String(other)}\r\n\r\n`,
      );
      assert.equal(answer.status, 400);
    }
  });

  it('of HTTP/1.0 may be missing: then no domain is meant', async () => {
    assert.equal((await ask(`GET ${ASK_ACME} HTTP/1.0\r\n\r\n`)).status, 404);
  });

  it('must be that of an absolute target', async () => {
    const host = 'acme.example.net';
    for (const authority of [host, 'ACME.example.net.', `${host}:80`]) {
      assertOf('acme', await ask(withHost(host, `http://${authority}${ASK_ACME}`)));
    }
    for (const authority of [
      'beta.example.net',
      `me@${host}`,
      `${host}@beta.example.net`,
      'other',
      `${host}:x`,
    ]) {
      assert.equal((await ask(withHost(host, `http://${authority}${ASK_ACME}`))).status, 400, authority);
    }
    const none = `GET http://${host}${ASK_ACME} HTTP/1.0\r\n\r\n`;
    assert.equal((await ask(none)).status, 400);
  });

  it('counts alone: what else names a host does not, without a trusted proxy', async () => {
    for (const [name, value] of [
      ['X-Forwarded-Host', 'beta.example.net'],
      ['X-Forwarded-Host', 'me@beta.example.net'],
      ['X-Forwarded-Host', 'a, beta.example.net'],
      ['Forwarded', 'host=beta.example.net'],
      ['X-Host', 'beta.example.net'],
      ['X-Forwarded-Server', 'beta.example.net'],
      ['X-Original-Host', 'beta.example.net'],
      ['X-HTTP-Host-Override', 'beta.example.net'],
    ] as const) {
      assertOf('acme', await ask(withHost('acme.example.net', ASK_ACME, { [name]: value })));
    }
  });

  it('does not matter to /healthz and /readyz', async () => {
    for (const host of ['acme.example.net', 'other.example', 'no..host', '']) {
      for (const path of ['/healthz', '/readyz']) assert.equal((await ask(withHost(host, path))).status, 200);
    }
  });

  it('decides anew for each request of a connection', async () => {
    const domains = Array.from({ length: 15 }, (_, at) => ['acme', 'beta', 'gamma'][at % 3] ?? '');
    const requests = domains.map((domain, at) => {
      const close = at === domains.length - 1 ? 'Connection: close\r\n' : '';
      return `GET ${PATH}?${leadQuery(domain, 1)} HTTP/1.1\r\nHost: ${domain}.example.net\r\n${close}\r\n`;
    });
    const answers = await exchange(running.url, requests.join(''));
    assert.deepEqual(
      answers.map(({ status, text }) => (status === 404 ? 'gamma' : /Of-(\w+)-1/.exec(text)?.[1])),
      domains,
    );
  });
});

function undated({ headers }: RawAnswer): Readonly<Record<string, string>> {
  return { ...headers, date: '' };
}

describe('origins', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), HOSTS);
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  it('are those of the domain, for answers and preflights', async () => {
    for (const [host, origin, isItsOwn] of [
      ['acme.example.net', ACME_ORIGIN, true],
      ['acme.example.net', BETA_ORIGIN, false],
      ['beta.example.net', BETA_ORIGIN, true],
      ['beta.example.net', ACME_ORIGIN, false],
    ] as const) {
      const answer = await exchangeOne(running.url, withHost(host, ASK_ACME, { Origin: origin }));
      assert.equal(answer.headers['access-control-allow-origin'], isItsOwn ? origin : undefined);
      const preflight = await exchangeOne(
        running.url,
        requestText('OPTIONS', PATH, { Host: host, Origin: origin, 'Access-Control-Request-Method': 'POST' }),
      );
      assert.equal(preflight.status, isItsOwn ? 204 : 405);
      assert.equal(preflight.headers['access-control-allow-origin'], isItsOwn ? origin : undefined);
    }
  });
});

describe('X-Forwarded-Host of a trusted proxy', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), HOSTS, { trustedProxies: ['127.0.0.1'] });
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  const ask = (host: string, forwarded: string, target = ASK_BETA) =>
    exchangeOne(running.url, withHost(host, target, { 'X-Forwarded-Host': forwarded }));

  it('chooses the domain', async () => {
    assertOf('beta', await ask('acme.example.net', 'BETA.example.net:443'));
    assertOf('beta', await ask('inside', 'beta.example.net'));
    assert.equal((await ask('acme.example.net', 'other.example')).status, 404);
  });

  it('must be one host that is one', async () => {
    for (const forwarded of [
      'acme.example.net, beta.example.net',
      'beta.example.net, acme.example.net, beta.example.net',
      'beta.example.net,',
      'me@beta.example.net',
      'beta..example.net',
      'beta.example.net:x',
    ]) {
      assert.equal((await ask('acme.example.net', forwarded)).status, 400, forwarded);
    }
    const twice = `GET ${ASK_BETA} HTTP/1.1\r\nHost: acme.example.net\r\nX-Forwarded-Host: acme.example.net\r\nX-Forwarded-Host: beta.example.net\r\nConnection: close\r\n\r\n`;
    assert.equal((await exchangeOne(running.url, twice)).status, 400);
  });

  it('does not excuse a target and a Host header that differ', async () => {
    const answer = await ask('acme.example.net', 'beta.example.net', `http://beta.example.net${ASK_BETA}`);
    assert.equal(answer.status, 400);
  });

  it('is not needed: then the Host header counts', async () => {
    assertOf('beta', await exchangeOne(running.url, withHost('beta.example.net', ASK_BETA)));
  });
});

describe('a fallback', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), { ...HOSTS, beta: { fallback: true } });
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  it('serves every host that no domain has, and requests without one; not what is no host', async () => {
    for (const host of ['other.example', '10.0.0.1:80', 'beta']) {
      assertOf('beta', await exchangeOne(running.url, withHost(host, ASK_BETA)));
    }
    assertOf('beta', await exchangeOne(running.url, `GET ${ASK_BETA} HTTP/1.0\r\n\r\n`));
    assertOf('acme', await exchangeOne(running.url, withHost('acme.example.net')));
    assert.equal((await exchangeOne(running.url, withHost('no..host', ASK_BETA))).status, 400);
  });
});

describe('one domain alone', () => {
  it('is served under every host, and what is no host', async () => {
    const config = writeDomains(temporaryFolder(), { acme: HOSTS.acme });
    await fillDomains(config);
    const { app, url } = await startDomains(config);
    try {
      for (const host of ['acme.example.net', 'other.example', 'no..host', '']) {
        assertOf('acme', await exchangeOne(url, withHost(host)));
      }
      assertOf(
        'acme',
        await exchangeOne(url, withHost('acme.example.net', `http://other.example${ASK_ACME}`)),
      );
    } finally {
      await app.close();
    }
  });
});
