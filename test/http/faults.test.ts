import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createApp } from '../../src/app.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { createLog } from '../../src/observe/log.ts';
import { StoreFailure } from '../../src/core/lead-store.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { send, temporaryFolder, testConfig, type TestApp } from '../support/test-app.ts';
import { exchange, PATH, queryFor, requestText, startFilledApp } from './raw-socket.ts';
import { until } from '../support/until.ts';

const CAUSE = 'SQLITE_BUSY: planted cause';

describe('a store that does not answer', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  async function withBrokenStore(check: () => Promise<void>): Promise<void> {
    const { store } = running;
    const { accounts } = store;
    const read = accounts.read.bind(accounts);
    accounts.read = () => {
      throw new StoreFailure(new Error(CAUSE));
    };
    try {
      await check();
    } finally {
      accounts.read = read;
    }
  }

  it('makes lookups 503 with Retry-After, in the asked format, without a word about the cause', async () => {
    await withBrokenStore(async () => {
      const json = await send(running.url, `${PATH}?${queryFor({ lead_id: '1' })}`);
      assert.equal(json.status, 503);
      assert.equal(json.headers['retry-after'], '1');
      assert.equal(json.text, '{"result":"error","message":"The database is not available"}');
      const xml = await send(running.url, `${PATH}?${queryFor({ lead_id: '1', responsetype: 'xml' })}`);
      assert.equal(xml.status, 503);
      assert.match(xml.text, /<message>The database is not available<\/message>/);
      for (const { text } of [json, xml]) assert.ok(!text.includes('BUSY') && !text.includes('planted'));
    });
  });

  it('is over for the next request once it answers again', async () => {
    const { status } = await send(running.url, `${PATH}?${queryFor({ lead_id: '1' })}`);
    assert.equal(status, 200);
  });

  it('does not matter to requests that need no store', async () => {
    await withBrokenStore(async () => {
      const { text } = await send(running.url, `${PATH}?responsetype=json`);
      assert.equal(text, '{"result":"error","message":"goAction should NOT be empty"}');
      assert.equal((await send(running.url, '/healthz')).status, 200);
    });
  });
});

describe('a store whose file is damaged under the running server', () => {
  it('makes lookups 503 and the server not ready, and does not end it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'test.db');
    const filled = await startFilledApp({}, folder);
    await filled.close();
    const store = openStore(testConfig(path));
    const app = createApp(testConfig(path), { store });
    const url = await app.listen();
    try {
      const damage = openSync(path, 'r+');
      writeSync(damage, Buffer.alloc(statSync(path).size - 100), 0, undefined, 100);
      closeSync(damage);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const { status } = await send(url, `${PATH}?${queryFor({ lead_id: '1' })}`);
        assert.equal(status, 503);
        assert.equal((await send(url, '/readyz')).status, 503);
        assert.equal((await send(url, '/healthz')).status, 200);
      }
    } finally {
      await app.close();
    }
  });
});

describe('readiness', () => {
  it('is reported by /readyz, and liveness by /healthz', async () => {
    const running = await startFilledApp();
    try {
      assert.deepEqual(JSON.parse((await send(running.url, '/healthz')).text), { status: 'alive' });
      const ready = await send(running.url, '/readyz');
      assert.deepEqual([ready.status, JSON.parse(ready.text)], [200, { status: 'ready' }]);
      assert.equal(ready.headers['cache-control'], 'no-store');
      running.store.isReady = () => {
        throw new Error(CAUSE);
      };
      const unready = await send(running.url, '/readyz');
      assert.deepEqual([unready.status, JSON.parse(unready.text)], [503, { status: 'not ready' }]);
      assert.equal((await send(running.url, '/healthz')).status, 200);
    } finally {
      await running.close();
    }
  });

  it('is asked of the store once at a time, however many ask', async () => {
    const running = await startFilledApp();
    const answered = Promise.withResolvers<boolean>();
    let asked = 0;
    try {
      running.store.isReady = () => {
        asked += 1;
        return answered.promise;
      };
      const all = Promise.all(Array.from({ length: 50 }, () => send(running.url, '/readyz')));
      while (asked === 0) await new Promise(setImmediate);
      assert.equal((await send(running.url, '/healthz')).status, 200);
      answered.resolve(true);
      for (const { status } of await all) assert.equal(status, 200);
      assert.ok(asked < 10, `${asked} times`);
    } finally {
      answered.resolve(true);
      await running.close();
    }
  });
});

describe('secrets that are planted in every place of a request', () => {
  const secret = PASSWORD;
  const folder = temporaryFolder();
  const logPath = join(folder, 'log');
  let lines: readonly Record<string, unknown>[];
  let written: string;

  before(async () => {
    const descriptor = openSync(logPath, 'w');
    const log = createLog('debug', descriptor);
    const running = await startFilledApp({ log, config: { logLevel: 'debug', rateLimit: 10 } }, folder);
    try {
      await askEverything(running);
    } finally {
      // The files of the running store are read before it is closed: its log is there, too.
      written = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
        .join('\n');
      await running.close();
    }
    await new Promise<void>((resolve) => {
      log.flush(() => resolve());
    });
    closeSync(descriptor);
    lines = readFileSync(logPath, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  });

  /** `send` and `exchange` check every answer for the secret. */
  async function askEverything({ url, store }: TestApp): Promise<void> {
    const get = (parameters: Readonly<Record<string, string>>) =>
      send(url, `${PATH}?${queryFor(parameters)}`);
    await get({ lead_id: '1' });
    await get({ lead_id: '1', responsetype: 'xml' });
    await get({ phone_number: '5500000007' });
    await get({ lead_id: '99999' });
    await get({ phone_number: '5599998888' });
    await get({ goPass: `${secret} but wrong`, lead_id: '1' });
    await get({ goUser: secret, lead_id: '1' });
    await get({ goUser: `${secret}\r\n\u001b[31m\u2028`, lead_id: '1' });
    await get({ lead_id: '1', session_user: secret, log_pass: secret, debugX: secret });
    await get({ lead_id: '1', responsetype: 'neither', other: secret });
    await send(url, `/${secret}?goPass=${secret}`);
    await send(url, `${PATH}?responsetype=json&goPass=${secret}&a=%zz`);
    const headers = {
      authorization: secret,
      cookie: `a=${secret}`,
      'user-agent': secret,
      referer: `http://a/${secret}`,
    };
    await send(url, `${PATH}?${queryFor({ lead_id: '1' })}`, {
      headers: { ...headers, 'x-forwarded-for': secret },
    });
    for (const [type, body] of [
      ['application/json', `{"goPass":"${secret}"`],
      ['application/json', `["${secret}"]`],
      ['application/x-www-form-urlencoded', `goPass=${secret}&a=%`],
      ['multipart/form-data; boundary=x', `--x\r\n${secret}`],
      ['text/plain', secret],
      ['application/json', `{"goPass":"${secret}"}${' '.repeat(70_000)}`],
    ] as const) {
      await send(url, PATH, { method: 'POST', headers: { 'content-type': type }, body });
    }
    await send(url, `${PATH}?goPass=${secret}`, { method: 'PUT' });
    await exchange(url, requestText('GET', `${PATH}?goPass=${secret}`, { 'X-A': secret.repeat(2_000) }));
    await exchange(url, `GET ${PATH}?goPass=${secret} HTTP/1.1\nHost: a\n\n`);
    await exchange(url, requestText('GET', `/%?goPass=${secret}`));
    await until('the rate limit is exceeded', async () => {
      const answers = await Promise.all(Array.from({ length: 60 }, () => get({ lead_id: '2' })));
      return answers.some(({ text }) => text.includes('Too many requests'));
    });
    const read = store.accounts.read.bind(store.accounts);
    store.accounts.read = () => {
      throw new StoreFailure(new Error(CAUSE));
    };
    await get({ lead_id: '3' });
    store.accounts.read = read;
  }

  it('are in no line of the log, at the level debug', () => {
    assert.ok(!JSON.stringify(lines).includes(secret));
  });

  it('are in no file of the store, its log included', () => {
    // Names that nobody has are kept for the count of their failures; passwords are not.
    assert.ok(!written.includes(`${secret} but wrong`));
    assert.ok(!written.includes(`goPass=${secret}`));
    assert.ok(!written.includes('\u001b[31m'));
  });

  it('while each lookup is in the log, its number masked, and no field of a lead', () => {
    const lookups = lines.filter(({ msg }) => msg === 'lookup');
    const results = new Set(lookups.map(({ result }) => result));
    for (const result of [
      'found',
      'lead_not_found',
      'phone_not_found',
      'credentials_invalid',
      'rate_limited',
    ]) {
      assert.ok(results.has(result), `${result} is not in the log`);
    }
    assert.ok(lookups.some(({ askedPhone, leadId }) => askedPhone === '********07' && leadId === 7));
    const text = JSON.stringify(lines);
    for (const value of ['Ñandú', '5500000007', '5599998888', 'goPass', 'responsetype']) {
      assert.ok(!text.includes(value), `${value} is in the log`);
    }
  });

  it('while the private cause of a fault is in the log, once', () => {
    const faults = lines.filter(({ result }) => result === 'store_unavailable');
    assert.equal(faults.length, 1);
    assert.ok(JSON.stringify(faults).includes(CAUSE));
    assert.equal(faults[0]?.level, 50);
  });

  it('and each line is one line, with its time in UTC and the id of its request', () => {
    for (const { time, msg, requestId } of lines) {
      assert.match(String(time), /^\d{4}-\d\d-\d\dT.+Z$/);
      if (msg === 'lookup') assert.match(String(requestId), /^[\w-]+-[0-9a-z]+$/);
    }
    const ids = lines.filter(({ msg }) => msg === 'lookup').map(({ requestId }) => requestId);
    assert.equal(new Set(ids).size, ids.length);
  });
});
