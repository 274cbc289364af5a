import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { goapiOverloadAnswerOf } from '../../src/endpoints/goapi/answers.ts';
import { createAdmission } from '../../src/http/admission.ts';
import { createBareServer } from './bare-server.ts';
import { assertAnswerHeaders, openSocket, PATH, splitAnswers, type RawAnswer } from './raw-socket.ts';

const AT_ONCE = 3;
const CLIENTS = 12;
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const JSON_TARGET = `${PATH}?responsetype=json&n=1`;

/** The answers to bytes, however they arrive. */
async function ask(socket: Socket, bytes: string, count = 1): Promise<readonly RawAnswer[]> {
  socket.write(bytes);
  let text = Buffer.alloc(0);
  for (;;) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    text = Buffer.concat([text, piece]);
    const isWhole =
      text.includes('\r\n\r\n') && text.toString('latin1').split('HTTP/1.1 ').length - 1 >= count;
    if (isWhole && /[>}]\n?$/.test(text.toString('latin1'))) return splitAnswers(text);
  }
}

/** One tick: which of these requests, each of a network, are taken? */
function takenOf(requests: readonly (readonly [target: string, network: string])[]) {
  const limits = { requestsPerTick: 8, tickMs: 0, checksPerTick: 4 };
  const admission = createAdmission(goapiOverloadAnswerOf, limits);
  return requests.filter(([target, network]) => admission.admits(target, network));
}

describe('one tick of a server that has too much', () => {
  const flood = (target: string, count: number) =>
    Array.from({ length: count }, () => [target, 'flood'] as const);

  it('32, 34: sheds the requests of the network that sent most, and takes those of others', () => {
    for (const target of ['/nothing', PATH, '/healthz']) {
      const taken = takenOf([
        ...flood(target, 3_000),
        [PATH, 'good'],
        ...flood(target, 200),
        ['/v1/leads', 'good'],
      ]);
      assert.equal(taken.filter(([, network]) => network === 'good').length, 2, target);
      assert.ok(taken.length <= 2 * 8, `${taken.length} of ${target}`);
    }
  });

  it('32: has a share for health checks and metrics, which neither others nor a flood of them take', () => {
    for (const target of ['/nothing', '/healthz', '/readyz', '/metrics']) {
      const checks = [...flood(target, 3_000), ['/healthz', 'monitor'], ['/metrics', 'monitor']] as const;
      assert.equal(takenOf(checks).filter(([, network]) => network === 'monitor').length, 2, target);
    }
  });

  it('32: takes a bounded number of requests, also of very many networks', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => [PATH, `network ${at}`] as const);
    assert.equal(takenOf(many).length, 2 * 8);
  });
});

describe('a server that gets more requests in one tick than it takes', () => {
  const { app, listener, listen, close } = createBareServer({
    overloadAnswer: goapiOverloadAnswerOf,
    requestsPerTick: AT_ONCE,
    tickMs: 0,
    checksPerTick: CLIENTS,
    addressOf: ({ headers }) => String(headers['x-from'] ?? 'the same'),
  });
  let sockets: Socket[];
  before(async () => {
    app.all(PATH, (_request, reply) => reply.send({ answered: true }));
    app.get('/healthz', (_request, reply) => reply.send({ alive: true }));
    const url = await listen();
    sockets = await Promise.all(Array.from({ length: CLIENTS }, () => openSocket(url)));
    for (const socket of sockets) await ask(socket, get('/healthz'));
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await close();
  });

  const allAsk = async (bytes: string) =>
    (await Promise.all(sockets.map((socket) => ask(socket, bytes)))).flat();

  it('32: answers as many as it takes, the others 503 with Retry-After, at once and in the asked format', async () => {
    const answers = await allAsk(get(JSON_TARGET));
    assert.ok(answers.filter(({ status }) => status === 200).length >= AT_ONCE);
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(refused.length > 0 && listener.shed === refused.length, `${refused.length} refused`);
    for (const answer of refused) {
      assert.equal(answer.text, '{"result":"error","message":"The server is busy"}');
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
      assert.equal(answer.headers['retry-after'], '1');
      assertAnswerHeaders(answer);
    }
    for (const { status, text, headers } of await allAsk(get(PATH))) {
      if (status === 200) continue;
      assert.equal(headers['content-type'], 'application/xml; charset=utf-8');
      assert.match(text, /<result>error<\/result>\n {2}<message>The server is busy<\/message>/);
    }
  });

  it('32: sheds by the same bytes each time, but for the date', async () => {
    const before = listener.shed;
    const bodies = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      for (const { status, text, headers } of await allAsk(get(JSON_TARGET))) {
        const kept = Object.entries(headers).filter(([name]) => name !== 'date');
        if (status === 503) bodies.add(JSON.stringify([text, kept.sort()]));
      }
    }
    assert.equal(bodies.size, 1);
    assert.ok(listener.shed - before > 20, `${listener.shed - before} shed`);
  });

  it('32: refuses a POST in the same way, and keeps answers in order where several came together', async () => {
    const body = 'a=1';
    const post = `POST ${JSON_TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    for (const { status } of await allAsk(post)) assert.ok([200, 415, 503].includes(status), String(status));
    const [first] = sockets;
    const [, ...others] = sockets;
    assert.ok(first !== undefined);
    const three = get(JSON_TARGET) + get('/healthz') + get(JSON_TARGET);
    const [answers] = await Promise.all([
      ask(first, three, 3),
      ...others.map((socket) => ask(socket, get(JSON_TARGET))),
    ]);
    assert.equal(answers.length, 3);
    assert.match(answers[1]?.text ?? '', /alive/);
  });

  it('32: refuses no /healthz within their share, and answers everybody once it is over', async () => {
    for (const { status } of await allAsk(get('/healthz'))) assert.equal(status, 200);
    for (const socket of sockets) {
      const [answer] = await ask(socket, get(JSON_TARGET));
      assert.equal(answer?.text, '{"answered":true}');
    }
  });

  it('32, 34: answers a good client of another address beside a flood of cheap requests', async () => {
    let isOver = false;
    const flood = get('/healthz?from=flood') + get('/nothing').repeat(15);
    const flooding = sockets.slice(1).map(async (socket) => {
      while (!isOver) await ask(socket, flood, 16);
    });
    const [good] = sockets;
    assert.ok(good !== undefined);
    const headers = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-From: good\r\n\r\n';
    const lookup = headers.replace('/healthz', JSON_TARGET);
    const statuses: number[] = [];
    for (let round = 0; round < 20; round += 1)
      for (const request of [headers, lookup])
        statuses.push(...(await ask(good, request)).map(({ status }) => status));
    isOver = true;
    await Promise.all(flooding);
    assert.deepEqual(new Set(statuses), new Set([200]));
  });

  it('39: ends as quickly as ever, also with connections whose last answer was a refusal', async () => {
    await allAsk(get(JSON_TARGET));
    const ends = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.resume();
    const started = performance.now();
    await close();
    await Promise.all(ends);
    assert.ok(performance.now() - started < 5_000);
  });
});
