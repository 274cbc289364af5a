import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { goapiOverloadAnswerOf } from '../../src/endpoints/goapi/answers.ts';
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

describe('a server that gets more requests in one tick than it takes', () => {
  const { app, listener, listen, close } = createBareServer({
    overloadAnswer: goapiOverloadAnswerOf,
    requestsPerTick: AT_ONCE,
    tickMs: 0,
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

  it('32: never refuses /healthz, and answers everybody once it is over', async () => {
    for (const { status } of await allAsk(get('/healthz'))) assert.equal(status, 200);
    for (const socket of sockets) {
      const [answer] = await ask(socket, get(JSON_TARGET));
      assert.equal(answer?.text, '{"answered":true}');
    }
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
