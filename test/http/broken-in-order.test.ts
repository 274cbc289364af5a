import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { TestApp } from '../support/test-app.ts';
import {
  exchange,
  openSocket,
  PATH,
  queryFor,
  readToEnd,
  requestText,
  splitAnswers,
  startFilledApp,
  type RawAnswer,
} from './raw-socket.ts';

/** The lead of each answer; for others its status. */
function statusesOf(answers: readonly RawAnswer[]): readonly (number | undefined)[] {
  return answers.map(({ status, text }) =>
    status === 200 ? (JSON.parse(text) as { lead_info?: { lead_id: number } }).lead_info?.lead_id : status,
  );
}

describe('a request that cannot be read, behind others on one connection', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  const get = (leadId: number) =>
    `GET ${PATH}?${queryFor({ lead_id: String(leadId) })} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const post = (rest: string) =>
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${rest}`;

  for (const [what, broken] of [
    ['no HTTP at all', 'HELLO\r\n\r\n'],
    ['a header with a NUL', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n'],
    ['a body whose chunks are none', post('zz\r\n')],
    ['a body whose second chunk is none', post('1\r\n{\r\n-1\r\n')],
  ] as const) {
    it(`21: is answered in its place and ends the connection: ${what}`, async () => {
      // In one piece: nothing is answered yet when the broken one is read.
      assert.deepEqual(
        statusesOf(await exchange(running.url, get(1) + get(2) + get(3) + broken + get(4))),
        [1, 2, 3, 400],
      );
      assert.deepEqual(statusesOf(await exchange(running.url, broken + get(1))), [400]);
    });
  }

  it('21: is answered once, whatever follows, and others go on', async () => {
    const socket = await openSocket(running.url);
    socket.on('error', () => undefined);
    socket.write(`${get(1)}${get(2)}HELLO\r\n\r\n`, 'latin1');
    for (let more = 0; more < 5 && socket.writable; more += 1) socket.write('HELLO\r\n\r\n');
    const answers = splitAnswers(await readToEnd(socket).catch(() => Buffer.alloc(0)));
    // What follows may reset the connection under the answers; they are never in another order.
    const expected = [1, 2, 400];
    assert.deepEqual(statusesOf(answers), expected.slice(0, answers.length));
    assert.deepEqual(
      statusesOf(await exchange(running.url, requestText('GET', `${PATH}?${queryFor({ lead_id: '9' })}`))),
      [9],
    );
  });
});
