import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { loadDataset } from '../../support/dataset.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';

describe('paths with broken percent-encoding', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp(temporaryFolder(), loadDataset);
  });
  after(() => app.close());

  it('are a problem of our own API, which repeats nothing of them', async () => {
    for (const target of [
      '/v1/leads/%zz-planted',
      '/v1/%?planted=1',
      '/v1/lists/%ff/fields',
      '/v1/leads/%c0%af',
    ]) {
      const { status, headers, text } = await send(app.url, target);
      assert.deepEqual(
        [status, headers['content-type'], headers['cache-control']],
        [400, 'application/problem+json; charset=utf-8', 'no-store'],
        target,
      );
      assert.equal((JSON.parse(text) as { code: string }).code, 'request_unparsable');
      assert.ok(!text.includes('planted'), text);
    }
  });

  it('are silence to a telephone, which would show whatever comes', async () => {
    const { status, headers, text } = await send(app.url, '/v1/caller-id/cc_%zz?phone=8004321000');
    assert.deepEqual([status, headers['content-type'], text], [200, 'text/plain; charset=utf-8', '']);
  });

  it('are answered elsewhere as by the server', async () => {
    for (const target of ['/v1x/%zz', '/%zz', '/card/%zz']) {
      const { status, text } = await send(app.url, target);
      assert.deepEqual([status, text], [400, '{"result":"error","message":"Bad Request"}'], target);
    }
  });
});
