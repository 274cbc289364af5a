import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { LIMITS } from '../../src/http/limits.ts';
import type { TestApp } from '../support/test-app.ts';
import {
  assertAnswerHeaders,
  exchange,
  exchangeOne,
  openSocket,
  PATH,
  queryFor,
  readToEnd,
  requestText,
  splitAnswers,
  startFilledApp,
} from './raw-socket.ts';

const TARGET = `${PATH}?${queryFor({ lead_id: '1' })}`;

describe('requests that HTTP does not allow', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  const head = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const smuggled = `GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const broken: readonly (readonly [what: string, bytes: string])[] = [
    [
      'with both a length and chunks',
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'with chunks and a length',
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['with two lengths', `${head}Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}${smuggled}`],
    ['with two equal lengths', `${head}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['with a length that is no number', `${head}Content-Length: 2x\r\n\r\n{}`],
    ['with a negative length', `${head}Content-Length: -2\r\n\r\n{}`],
    ['with a signed length', `${head}Content-Length: +2\r\n\r\n{}`],
    ['with an unknown transfer coding', `${head}Transfer-Encoding: x, chunked, identity\r\n\r\n0\r\n\r\n`],
    ['with a chunk size that is no number', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    ['with bare line feeds', `GET ${TARGET} HTTP/1.1\nHost: localhost\n\n`],
    ['with a folded header', `GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n`],
    ['with a space before a colon', `GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\nX-A : b\r\n\r\n`],
    ['with a NUL in a header', `GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\nX-A: \u0000\r\n\r\n`],
    ['with a carriage return in a header', `GET ${TARGET} HTTP/1.1\r\nHost: localhost\r\nX-A: a\rb\r\n\r\n`],
    ['of another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['of an unknown version', `GET ${TARGET} HTTP/3.7\r\nHost: localhost\r\n\r\n`],
    ['of version 2 without its preface', `GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n${smuggled}`],
    [
      'with two transfer codings',
      `${head}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['with a coding before chunks', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['that are TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
    ['without a target', 'GET  HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['with a raw space in the target', `GET ${PATH}?a=b c HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['without Host', `GET ${TARGET} HTTP/1.1\r\nConnection: close\r\n\r\n`],
  ];
  for (const [what, bytes] of broken) {
    it(`21: ${what} are 400, and nothing behind them on the connection is answered`, async () => {
      const answer = await exchangeOne(running.url, bytes);
      assert.equal(answer.status, 400);
      assert.ok(!answer.text.includes('lead_info'));
      assertAnswerHeaders(answer);
    });
  }

  it('with an expectation that we cannot meet are 417', async () => {
    const answer = await exchangeOne(
      running.url,
      requestText('POST', PATH, { Expect: 'planted-secret' }, 'a=1'),
    );
    assert.equal(answer.status, 417);
    assertAnswerHeaders(answer);
  });

  it('leave the server as it was', async () => {
    for (const [, bytes] of broken) await exchange(running.url, bytes);
    assert.equal((await exchangeOne(running.url, requestText('GET', TARGET))).status, 200);
  });
});

describe('requests that are unusual and allowed', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  it('with an absolute URI get the right answer', async () => {
    const answer = await exchangeOne(running.url, requestText('GET', `http://other.example${TARGET}`));
    assert.ok(answer.status === 400 || answer.text.includes('"lead_id":1,'), answer.text);
    assertAnswerHeaders(answer);
  });

  it('with an absolute URI are found by its path alone', async () => {
    const inQuery = `http://other.example/nothing?next=${TARGET}`;
    const elsewhere = await exchangeOne(running.url, requestText('GET', inQuery));
    assert.equal(elsewhere.status, 404);
    const noPath = await exchangeOne(running.url, requestText('GET', `http://other.example?x=/${TARGET}`));
    assert.notEqual(noPath.status, 200);
  });

  it('without a version or of HTTP/1.0 get one answer, and the connection ends', async () => {
    for (const bytes of [`GET ${TARGET}\r\n\r\n`, `GET ${TARGET} HTTP/1.0\r\n\r\n`]) {
      const answer = await exchangeOne(running.url, bytes);
      assert.ok(answer.status === 400 || answer.text.includes('"lead_id":1,'), answer.text);
      assertAnswerHeaders(answer);
    }
  });

  it('with raw bytes beyond ASCII in the target are 400; encoded, or in a body, the same text is read', async () => {
    const target = (action: string) => `${PATH}?responsetype=json&goAction=${action}`;
    const raw = await exchangeOne(running.url, Buffer.from(requestText('GET', target('ñandú')), 'utf8'));
    assert.equal(raw.status, 400);
    assertAnswerHeaders(raw);
    const unknown = '{"result":"error","message":"Command NOT Found"}';
    const encoded = await exchangeOne(running.url, requestText('GET', target(encodeURIComponent('ñandú'))));
    assert.equal(encoded.text, unknown);
    const body = Buffer.from('goAction=ñandú&responsetype=json', 'utf8').toString('latin1');
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    assert.equal((await exchangeOne(running.url, requestText('POST', PATH, form, body))).text, unknown);
  });

  it('in chunks, with an extension and a trailer, get the right answer', async () => {
    const body = JSON.stringify(Object.fromEntries(new URLSearchParams(queryFor({ lead_id: '7' }))));
    const chunks = [body.slice(0, 5), body.slice(5)].map(
      (part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`,
    );
    const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
    const answer = await exchangeOne(
      running.url,
      `${requestText('POST', PATH, headers)}${chunks.join('')}0\r\nX-Trailer: a\r\n\r\n`,
    );
    assert.match(answer.text, /"lead_id":7,/);
  });

  it('with an upgrade that is not offered are answered as if it were not asked for', async () => {
    const answer = await exchangeOne(
      running.url,
      requestText('GET', TARGET, { Upgrade: 'websocket', Connection: 'close' }),
    );
    assert.equal(answer.status, 200);
  });

  it('as many as may be at once on one connection are answered in order', async () => {
    const requests = Array.from({ length: LIMITS.requestsAtOnce }, (_, at) => {
      const target = `${PATH}?${queryFor({ lead_id: String(at + 1) })}`;
      return `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${at === LIMITS.requestsAtOnce - 1 ? 'Connection: close\r\n' : ''}\r\n`;
    });
    const answers = await exchange(running.url, requests.join(''));
    assert.deepEqual(
      answers.map(({ text }) => (JSON.parse(text) as { lead_info: { lead_id: number } }).lead_info.lead_id),
      Array.from({ length: LIMITS.requestsAtOnce }, (_, at) => at + 1),
    );
    answers.forEach(assertAnswerHeaders);
  });

  it('cut into single bytes get the right answer', async () => {
    const socket = await openSocket(running.url);
    socket.setNoDelay(true);
    for (const byte of Buffer.from(requestText('GET', TARGET), 'latin1')) socket.write(Buffer.of(byte));
    const [answer] = splitAnswers(await readToEnd(socket));
    assert.match(answer?.text ?? '', /"lead_id":1,/);
  });
});
