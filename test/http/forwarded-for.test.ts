import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { send } from '../support/test-app.ts';
import { PATH, queryFor, startFilledApp } from './raw-socket.ts';

const HERE = '127.0.0.1';

type Headers = Readonly<Record<string, string>>;

async function open(t: TestContext, trustedProxies: readonly string[], rateLimit = 500) {
  const events: LookupEvent[] = [];
  const running = await startFilledApp({
    config: { trustedProxies, rateLimit },
    onEvent: (event) => events.push(event),
  });
  t.after(() => running.close());
  /** The status, and the address that the lookup was counted and written down for. */
  return async (headers: Headers): Promise<readonly [number, string | undefined]> => {
    const { status } = await send(running.url, `${PATH}?${queryFor({ lead_id: '1' })}`, { headers });
    return [status, events.at(-1)?.address];
  };
}

describe('X-Forwarded-For', () => {
  it('10: counts for nothing where no proxy is named, nor does what else names an address', async (t) => {
    const ask = await open(t, []);
    for (const headers of [
      { 'X-Forwarded-For': '198.51.100.7' },
      { Forwarded: 'for=198.51.100.7' },
      { 'X-Real-IP': '198.51.100.7' },
      { 'X-Client-IP': '198.51.100.7', 'True-Client-IP': '198.51.100.7' },
    ]) {
      assert.deepEqual(await ask(headers), [200, HERE], JSON.stringify(headers));
    }
  });

  it('10: counts for nothing from an address that is not a named one', async (t) => {
    const ask = await open(t, ['10.0.0.9', '192.0.2.0/24']);
    assert.deepEqual(await ask({ 'X-Forwarded-For': '198.51.100.7' }), [200, HERE]);
    assert.deepEqual(await ask({ 'X-Forwarded-For': '10.0.0.9' }), [200, HERE]);
  });

  it('10: of a named proxy is the address that it saw, not what was there before', async (t) => {
    const ask = await open(t, [HERE, '10.0.0.0/8']);
    for (const [sent, address] of [
      ['198.51.100.7', '198.51.100.7'],
      ['203.0.113.9, 198.51.100.7', '198.51.100.7'],
      ['203.0.113.9, 198.51.100.7, 10.1.2.3', '198.51.100.7'],
      ['2001:db8::1', '2001:db8::1'],
    ] as const) {
      assert.deepEqual(await ask({ 'X-Forwarded-For': sent }), [200, address], sent);
    }
    assert.deepEqual(await ask({ Forwarded: 'for=198.51.100.7' }), [200, HERE]);
  });

  it('10: of a named proxy that is no address is not taken for one', async (t) => {
    const ask = await open(t, [HERE]);
    for (const sent of ['unknown', '<script>', "' OR 1=1", '1.2.3.4.5', ',', '']) {
      assert.deepEqual(await ask({ 'X-Forwarded-For': sent }), [200, HERE], sent);
    }
  });

  it('10: gives nobody another rate who writes it himself', async (t) => {
    const ask = await open(t, [], 1);
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      const [status] = await ask({ 'X-Forwarded-For': `198.51.100.${at}` });
      statuses.push(status);
    }
    assert.ok(statuses.includes(429), statuses.join());
  });

  it('10: gives each address behind a named proxy its own rate', async (t) => {
    const ask = await open(t, [HERE], 1);
    for (let at = 0; at < 6; at += 1) {
      assert.deepEqual(await ask({ 'X-Forwarded-For': `198.51.100.${at}` }), [200, `198.51.100.${at}`]);
    }
  });
});
