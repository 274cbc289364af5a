import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { loadConfig } from '../../src/config/load.ts';
import { parseRedis } from '../../src/config/addresses.ts';
import { showSettings } from '../../src/config/show.ts';

describe('the setting redis', () => {
  it('takes addresses of a Redis, and nothing', () => {
    for (const text of [
      '',
      'redis://127.0.0.1',
      'redis://:word@10.0.0.9:6380/3',
      'rediss://ana:word@cache.example.net/0',
      'redis://[::1]:6379/',
    ])
      assert.deepEqual(parseRedis(text), { value: text });
  });

  it('refuses what is none, and a password in the place of a name', () => {
    for (const text of [
      '127.0.0.1',
      'http://x',
      'redis://',
      'redis://word@host',
      'redis://h/x',
      'redis://h/0?a=b',
    ])
      assert.ok('fault' in parseRedis(text), text);
  });

  it('is shown without its password', () => {
    const environment = { CALLERCARD_REDIS: 'redis://:planted-secret@10.0.0.9:6379/1' };
    const shown = showSettings(loadConfig({ flags: {}, environment })).find(({ name }) => name === 'redis');
    assert.equal(shown?.value, 'redis://:***@10.0.0.9:6379/1');
  });
});
