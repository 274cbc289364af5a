import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createBareServer } from './bare-server.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { countHashes } from '../service/test-services.ts';
import type { TestApp } from '../support/test-app.ts';
import {
  assertAnswerHeaders,
  exchangeOne,
  openSocket,
  PATH,
  queryFor,
  readToEnd,
  requestText,
  splitAnswers,
  startFilledApp,
} from './raw-socket.ts';

const JSON_BODY = { 'Content-Type': 'application/json' };

describe('limits of a request', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  function jsonOf(bytes: number): string {
    const login = JSON.stringify(Object.fromEntries(new URLSearchParams(queryFor({ lead_id: '1' }))));
    return login + ' '.repeat(bytes - login.length);
  }

  it('are 64 KiB for a body, with a length or in chunks', async () => {
    const most = await exchangeOne(running.url, requestText('POST', PATH, JSON_BODY, jsonOf(64 * 1024)));
    assert.equal(most.status, 200);
    const target = `${PATH}?responsetype=json`;
    const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
    const chunked =
      requestText('POST', target, { ...JSON_BODY, 'Transfer-Encoding': 'chunked' }) + chunk.repeat(3);
    for (const request of [requestText('POST', target, JSON_BODY, jsonOf(64 * 1024 + 1)), chunked]) {
      const answer = await exchangeOne(running.url, request);
      assert.equal(answer.status, 413);
      assert.equal(
        answer.text,
        '{"result":"error","message":"Request too large: the body is larger than 64 KiB"}',
      );
      assertAnswerHeaders(answer);
    }
  });

  it('are refused before a body is sent, by its length alone', async () => {
    const answer = await exchangeOne(
      running.url,
      requestText('POST', PATH, { ...JSON_BODY, 'Content-Length': '9999999' }),
    );
    assert.equal(answer.status, 413);
  });

  it('are 8 KiB for a URL', async () => {
    const target = (bytes: number) => {
      const start = `${PATH}?${queryFor({ lead_id: '1' })}`;
      return start + '&'.repeat(bytes - start.length);
    };
    assert.equal((await exchangeOne(running.url, requestText('GET', target(8 * 1024)))).status, 200);
    const answer = await exchangeOne(running.url, requestText('GET', target(8 * 1024 + 1)));
    assert.equal(answer.status, 414);
    assert.equal(answer.text, '{"result":"error","message":"The URL is longer than 8 KiB"}');
    assertAnswerHeaders(answer);
    assert.equal((await exchangeOne(running.url, requestText('GET', `/${'x'.repeat(9_000)}`))).status, 414);
  });

  it('are 16 KiB for the headers', async () => {
    const target = `${PATH}?${queryFor({ lead_id: '1' })}`;
    assert.equal(
      (await exchangeOne(running.url, requestText('GET', target, { 'X-A': 'a'.repeat(15_000) }))).status,
      200,
    );
    const answer = await exchangeOne(
      running.url,
      requestText('GET', target, { 'X-A': 'planted-secret'.repeat(1_300) }),
    );
    assert.equal(answer.status, 431);
    assert.equal(answer.text, '{"result":"error","message":"Request Header Fields Too Large"}');
    assertAnswerHeaders(answer);
  });

  it('are 100 parameters, 64 bytes for a name, 1,024 for a value, counted before any password is hashed', async () => {
    const login = queryFor({ lead_id: '1', goPass: 'never tried before' });
    const before = countHashes();
    for (const excess of ['a=1&'.repeat(101), `${'n'.repeat(65)}=1`, `v=${'v'.repeat(1_025)}`]) {
      const answer = await exchangeOne(running.url, requestText('GET', `${PATH}?${login}&${excess}`));
      assert.equal(answer.status, 400);
      assert.match(answer.text, /^\{"result":"error","message":"Bad request: the request has .+"\}$/);
      assertAnswerHeaders(answer);
    }
    assert.equal(countHashes(), before);
  });

  it('are answered in the format that was asked for, XML when none was', async () => {
    const xml = await exchangeOne(running.url, requestText('GET', `${PATH}?a=%zz`));
    assert.equal(xml.headers['content-type'], 'application/xml; charset=utf-8');
    const json = await exchangeOne(running.url, requestText('GET', `${PATH}?a=%zz&responsetype=JSON`));
    assert.equal(json.headers['content-type'], 'application/json; charset=utf-8');
  });
});

describe('time limits of a connection', () => {
  it('are 8 s for the headers and 10 s for the whole request', async () => {
    const { listener, close } = createBareServer();
    assert.equal(listener.server.headersTimeout, 8_000);
    assert.equal(listener.server.requestTimeout, 10_000);
    assert.equal(listener.server.keepAliveTimeout, LIMITS.keepAliveMs);
    await close();
  });

  // Node alone looks for late connections every 30 s.
  it(
    'end connections whose headers or whose body do not come, looked for every second',
    { timeout: 25_000 },
    async () => {
      const { app, listener, listen, close } = createBareServer();
      app.post('/slow', () => 'never');
      const url = await listen();
      listener.server.headersTimeout = 100;
      listener.server.requestTimeout = 200;
      try {
        const slow = [
          'GET /slow HTTP/1.1\r\nHost: localhost\r\nX-A: ',
          'POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        ];
        const sockets = await Promise.all(slow.map(() => openSocket(url)));
        sockets.forEach((socket, at) => socket.write(slow[at] ?? ''));
        for (const bytes of await Promise.all(sockets.map(readToEnd))) {
          const [answer, ...others] = splitAnswers(bytes);
          assert.ok(answer !== undefined && others.length === 0);
          assert.equal(answer.status, 408);
          assertAnswerHeaders(answer);
        }
      } finally {
        await close();
      }
    },
  );
});
