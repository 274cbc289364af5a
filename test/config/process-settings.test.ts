import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';

import { ConfigError, loadConfig, type Given } from '../../src/config/load.ts';

function load(given: Partial<Given>) {
  return loadConfig({ flags: {}, environment: {}, ...given });
}

function problemsOf(given: Partial<Given>): readonly string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('workers', () => {
  it('are one unless somebody says more, or "auto" for one for each core', () => {
    assert.equal(load({}).config.workers, 1);
    assert.equal(load({ flags: { workers: '3' } }).config.workers, 3);
    assert.equal(
      load({ environment: { CALLERCARD_WORKERS: 'Auto' } }).config.workers,
      availableParallelism(),
    );
  });

  it('are told when they are no such number', () => {
    for (const workers of ['0', '-1', '65', '1.5', 'all']) {
      assert.deepEqual(problemsOf({ flags: { workers } }), [
        'workers (flag --workers) must be a whole number from 1 to 64, or auto',
      ]);
    }
  });
});

describe('tlsCert and tlsKey', () => {
  it('are both there or neither', () => {
    const both = { CALLERCARD_TLS_CERT: 'c.pem', CALLERCARD_TLS_KEY: 'k.pem' };
    const { tlsCert, tlsKey } = load({ environment: both }).config;
    assert.deepEqual([tlsCert, tlsKey], ['c.pem', 'k.pem']);
    assert.deepEqual([load({}).config.tlsCert, load({}).config.tlsKey], ['', '']);
    assert.deepEqual(problemsOf({ environment: { ...both, CALLERCARD_TLS_KEY: '' } }), [
      'tlsCert (environment CALLERCARD_TLS_CERT) needs tlsKey beside it; set both or neither',
    ]);
    assert.deepEqual(problemsOf({ flags: { tlsKey: 'k.pem' } }), [
      'tlsKey (flag --tls-key) needs tlsCert beside it; set both or neither',
    ]);
  });
});
