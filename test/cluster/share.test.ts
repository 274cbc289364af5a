import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { settingsBeside, shareOf } from '../../src/cluster/share.ts';
import { testConfig } from '../support/test-app.ts';

const tls = { cert: 'one', key: 'one' };

function settings(changes: Parameters<typeof testConfig>[1] = {}) {
  return { config: testConfig('a.db', changes), tls: undefined };
}

describe('the share of a worker', () => {
  it('is its part of the rate and of the connections, never less than one', () => {
    const { config } = shareOf(settings({ rateLimit: 500, enumerationLimit: 10, databaseConnections: 4 }), 3);
    assert.deepEqual([config.rateLimit, config.enumerationLimit, config.databaseConnections], [167, 4, 1]);
    const least = shareOf(settings({ rateLimit: 1, enumerationLimit: 1, databaseConnections: 1 }), 64).config;
    assert.deepEqual([least.rateLimit, least.enumerationLimit, least.databaseConnections], [1, 1, 1]);
    assert.equal(
      shareOf(settings({ enumerationLimit: 0 }), 3).config.enumerationLimit,
      0,
      'no limit stays none',
    );
  });

  it('holds for each domain by its own settings, and changes nothing else', () => {
    const domain = {
      name: 'a',
      hosts: ['a.example'],
      isFallback: true,
      config: testConfig('b.db', { rateLimit: 9 }),
    };
    const whole = { config: testConfig('a.db', { domains: [domain] }), tls };
    const share = shareOf(whole, 2);
    assert.equal(share.config.domains[0]?.config.rateLimit, 5);
    const { rateLimit, enumerationLimit, databaseConnections, domains } = whole.config;
    const shared = { rateLimit, enumerationLimit, databaseConnections, domains };
    assert.deepEqual({ ...share.config, ...shared }, whole.config);
    assert.equal(share.tls, tls);
    assert.equal(domain.config.rateLimit, 9, 'the whole was changed');
  });
});

describe('a worker that starts after other settings were taken', () => {
  it('has them, but for what counts at the next start of all', () => {
    const first = settings({ port: 80, logLevel: 'warn', rateLimit: 1 });
    const taken = settings({ port: 81, logLevel: 'debug', rateLimit: 2 });
    const { config } = settingsBeside(first, taken);
    assert.deepEqual([config.port, config.logLevel, config.rateLimit], [80, 'warn', 2]);
  });

  it('speaks TLS as the others do, with the newest certificate', () => {
    const other = { cert: 'two', key: 'two' };
    const without = settings();
    assert.equal(settingsBeside(without, { ...without, tls: other }).tls, undefined);
    assert.equal(settingsBeside({ ...without, tls }, { ...without, tls: other }).tls, other);
    assert.equal(settingsBeside({ ...without, tls }, without).tls, tls);
  });
});
