import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { LIMITS } from '../../src/http/limits.ts';
import { createFakeClock } from '../service/test-services.ts';
import { fillDomains, startDomains, writeDomains, type DomainApp } from '../support/domain-app.ts';
import { send, temporaryFolder, type TestApp } from '../support/test-app.ts';
import { exchange, exchangeOne, requestText, startFilledApp, type RawAnswer } from './raw-socket.ts';

const PAGES = ['/docs', '/openapi.json', '/docs/problems/internal'];

/** The first answer is Fastify's; each after it is the one that was kept. */
function withoutDate({ headers, ...answer }: RawAnswer): object {
  return { ...answer, headers: { ...headers, date: '' } };
}

async function assetsOf(url: string, host: string): Promise<readonly string[]> {
  const { text } = await send(url, '/card', { headers: { host } });
  const paths = [...text.matchAll(/(?:href|src)="(\/card\/assets\/[^"]*)"/g)].map(([, path = '']) => path);
  assert.ok(paths.length >= 5);
  return paths;
}

describe('static pages', () => {
  let running: TestApp;
  let paths: readonly string[];
  before(async () => {
    running = await startFilledApp();
    paths = [...PAGES, ...(await assetsOf(running.url, 'localhost'))];
  });
  after(() => running.close());

  it('48: answer the same bytes, headers in the same order, with and without Fastify', async () => {
    for (const path of paths) {
      const first = await exchangeOne(running.url, requestText('GET', path));
      assert.equal(first.status, 200, path);
      assert.equal(Number(first.headers['content-length']), Buffer.byteLength(first.text));
      for (const target of [path, `${path}?`, `${path}?a=b&goPass=planted-secret`]) {
        const next = await exchangeOne(running.url, requestText('GET', target));
        assert.deepEqual(withoutDate(next), withoutDate(first), target);
        assert.deepEqual(Object.keys(next.headers), Object.keys(first.headers), target);
      }
    }
  });

  it('48: leave what the router decides to the router, also once they are kept', async () => {
    for (const path of paths) {
      await send(running.url, path);
      const refused: readonly (readonly [what: string, bytes: string, status: number])[] = [
        ['HEAD', requestText('HEAD', path), 404],
        ['POST', requestText('POST', path, {}, 'a=b'), 404],
        ['DELETE', requestText('DELETE', path), 404],
        ['no host', `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
        ['two hosts', `GET ${path} HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`, 400],
        ['a long URL', requestText('GET', `${path}?${'x'.repeat(LIMITS.urlBytes)}`), 414],
        ['another path', requestText('GET', `${path}/`), 404],
        ['another path', requestText('GET', `/${path}`), 404],
      ];
      for (const [what, bytes, status] of refused) {
        const [answer] = await exchange(running.url, bytes);
        assert.equal(answer?.status, status, `${what}: ${path}`);
      }
    }
  });

  it('48: count as requests: too many at once on a connection are refused', async () => {
    await send(running.url, '/docs');
    const request = 'GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answers = await exchange(running.url, request.repeat(LIMITS.requestsAtOnce + 5));
    assert.deepEqual(
      [answers.some(({ status }) => status === 200), answers.at(-1)?.status],
      [true, 400],
      answers.map(({ status }) => status).join(' '),
    );
  });
});

describe('the pages of one network', () => {
  /** @param localAddress of the client: every address of 127.0.0.0/8 is this machine */
  async function statusFrom(url: string, localAddress: string): Promise<number | undefined> {
    const [answer] = await exchange(url, requestText('GET', '/docs'), { localAddress });
    if (answer?.status === 503) assert.equal(answer.headers['retry-after'], '1');
    return answer?.status;
  }

  it('48: are so many bytes a second, beyond which it gets 503 and others their pages', async (t) => {
    const clock = createFakeClock();
    const running = await startFilledApp({ clock });
    t.after(() => running.close());
    const { text } = await send(running.url, '/docs');
    const most = (2 * LIMITS.networkPageBytes) / Buffer.byteLength(text);
    const statuses: (number | undefined)[] = [];
    while (statuses.at(-1) !== 503 && statuses.length < most + 10) {
      statuses.push(await statusFrom(running.url, '127.0.0.2'));
    }
    assert.ok(Math.abs(statuses.length - most) <= 2, `${statuses.length} of ${most}`);
    assert.deepEqual(new Set(statuses.slice(0, -1)), new Set([200]));
    assert.equal(await statusFrom(running.url, '127.0.0.3'), 200);
    clock.pass(1_000);
    assert.equal(await statusFrom(running.url, '127.0.0.2'), 200);
  });
});

describe('static pages of several domains', () => {
  let running: DomainApp;
  before(async () => {
    const config = writeDomains(temporaryFolder(), {
      acme: { hosts: 'acme.example.net' },
      beta: { hosts: 'beta.example.net' },
    });
    await fillDomains(config);
    running = await startDomains(config);
  });
  after(() => running.app.close());

  it('16: of the card are there on hosts of domains alone; the reference is on every host', async () => {
    const [style = ''] = await assetsOf(running.url, 'acme.example.net');
    const status = async (path: string, host: string) =>
      (await send(running.url, path, { headers: { host } })).status;
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await status(style, 'acme.example.net'), 200);
      assert.equal(await status(style, 'unknown.example.net'), 404);
      assert.equal(await status('/docs', 'unknown.example.net'), 200);
    }
  });
});
