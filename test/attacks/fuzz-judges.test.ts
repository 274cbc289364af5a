/** What `npm run fuzz` calls wrong, shown at servers that are wrong. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';

import { fuzz, tryCase } from './fuzz/fuzz.ts';
import { makeCase } from './fuzz/fuzz-case.ts';
import type { FuzzTarget } from './fuzz/fuzz-target.ts';
import { readAnswers } from './fuzz/wire-answer.ts';

const REFUSED = '{"result":"error","message":"Invalid Username/Password"}';
const TYPE = 'application/json; charset=utf-8';

/** A server that is right until something is asked that it does not stand. */
async function withWrongServer(
  spoil: RequestListener,
  check: (target: FuzzTarget) => Promise<void>,
  said: () => string = () => '',
): Promise<void> {
  const good = '{"result":"success","lead_info":{"lead_id":7,"first_name":"Name 7"}}';
  const server = createServer((request, response) => {
    response.sendDate = false;
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('content-type', TYPE);
    if ((request.url ?? '').includes('watcher')) response.end(good);
    else spoil(request, response);
  }).listen(0, '127.0.0.1');
  server.on('clientError', (_error, socket) => {
    if (!socket.writable) return;
    const lines =
      'cache-control: no-store\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n';
    socket.end(
      `HTTP/1.1 400 Bad Request\r\n${lines}content-type: ${TYPE}\r\ncontent-length: ${REFUSED.length}\r\n\r\n${REFUSED}`,
    );
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await check({
      url: `http://127.0.0.1:${port}`,
      said,
      memory: () => undefined,
      stop: () => Promise.resolve(),
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Found by the first case whose answer has it. */
const WRONG: readonly (readonly [what: string, fault: RegExp, spoil: RequestListener])[] = [
  [
    '500',
    /status 500/,
    (_, response) => void response.writeHead(500, { 'content-length': REFUSED.length }).end(REFUSED),
  ],
  [
    'SQL',
    /SELECT/,
    (_, response) => void response.end('{"result":"error","message":"SELECT pass FROM users"}'),
  ],
  [
    'a password',
    /planted-secret/,
    (request, response) => void response.end(JSON.stringify({ result: request.url })),
  ],
  ['broken JSON', /JSON/, (_, response) => void response.end('{"result":')],
  ['no lead for a good request', /good request/, (_, response) => void response.end(REFUSED)],
  [
    'a name of the software',
    /names the software/,
    (_, response) => void response.setHeader('server', 'x').end(REFUSED),
  ],
];

describe('a broken server', { timeout: 60_000 }, () => {
  for (const [what, fault, spoil] of WRONG) {
    it(`is found by a case that it answers with ${what}, and again by the number of the case`, async () => {
      await withWrongServer(spoil, async (target) => {
        const { failure } = await fuzz(target, { seed: 'smalla', seconds: 10 });
        assert.match(failure?.fault ?? '', fault);
        const again = await tryCase(target, makeCase('wrong', failure?.number ?? -1));
        assert.match(again.fault ?? '', fault);
      });
    });
  }

  it('is found by an error in its log', async () => {
    const said = () => '{"level":30,"msg":"lookup"}\n{"level":50,"msg":"a request failed"}\n';
    await withWrongServer(
      (_, response) => void response.destroy(),
      async (target) => {
        const { failure } = await fuzz(target, { seed: 'wrong', seconds: 0.1 });
        assert.notEqual(failure, undefined);
      },
      said,
    );
  });

  it('is reported with the smallest input that still fails', async () => {
    await withWrongServer(
      (request, response) => {
        const isBad = (request.url ?? '').includes('goUser');
        response.writeHead(isBad ? 500 : 404, { 'content-length': REFUSED.length }).end(REFUSED);
      },
      async (target) => {
        const { failure } = await fuzz(target, { seed: 'smalla', seconds: 10 });
        const { sent, shrunk } = failure ?? {};
        assert.ok(sent !== undefined && shrunk !== undefined);
        assert.ok(shrunk.length < sent.length / 2 && shrunk.includes('goUser'), shrunk.toString('latin1'));
      },
    );
  });
});

describe('answers on the wire', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
  it('are read to the last byte, and anything else is reported', () => {
    assert.deepEqual(
      readAnswers(Buffer.from(`${head}ab${head}cd`)).answers.map(({ text }) => text),
      ['ab', 'cd'],
    );
    assert.equal(readAnswers(Buffer.from(`${head}ab`)).fault, undefined);
    for (const [bytes, fault] of [
      [`${head}a`, /instead of 2/],
      [`${head}abc`, /no end of headers/],
      ['HTTP/1.1 200 OK\r\n\r\n', /no length/],
      ['HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n', /no header/],
      ['HELLO\r\n\r\n', /no status line/],
      ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff', /no UTF-8/],
    ] as const) {
      assert.match(readAnswers(Buffer.from(bytes, 'latin1')).fault ?? '', fault, bytes);
    }
  });
});
