import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';

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
  it('are one by default, and with "auto" one for each core', () => {
    assert.equal(load({}).config.workers, 1);
    assert.equal(load({ flags: { workers: '3' } }).config.workers, 3);
    assert.equal(
      load({ environment: { CALLERCARD_WORKERS: 'Auto' } }).config.workers,
      availableParallelism(),
    );
  });

  it('are refused if they are no such number', () => {
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

const FORMER = 'walkLimit';
const FORMER_VARIABLE = 'CALLERCARD_WALK_LIMIT';

describe('a former name of a setting', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'callercard-')), 'config.json');
  const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));
  after(() => rmSync(dirname(file), { recursive: true }));

  it('is read from each source, with one warning that says where', () => {
    const lines: string[] = [];
    const given = { warn: (line: string) => void lines.push(line) };
    const flag = load({ ...given, flags: { [FORMER]: '3' } });
    assert.deepEqual([flag.config.enumerationLimit, flag.sources.enumerationLimit], [3, 'flag --walk-limit']);
    const variable = load({ ...given, environment: { [FORMER_VARIABLE]: '4' } });
    assert.equal(variable.config.enumerationLimit, 4);
    const domain = { hosts: 'a.example', database: 'sqlite:a.db', [FORMER]: 6 };
    write({ [FORMER]: 5, domains: { a: domain } });
    const fromFile = load({ ...given, file });
    assert.equal(fromFile.config.enumerationLimit, 5);
    assert.equal(fromFile.domains[0]?.config.enumerationLimit, 6);
    const words = 'the setting walkLimit is now called enumerationLimit; it still counts, but rename it';
    assert.deepEqual(lines, [
      `${words} (flag --walk-limit)`,
      `${words} (environment CALLERCARD_WALK_LIMIT)`,
      `${words} (file ${file})`,
    ]);
  });

  it('is refused beside the name of today in the same source', () => {
    const clause = 'is the former name of enumerationLimit, which is given as well; remove walkLimit';
    const both = { [FORMER]: '3', enumerationLimit: '3' };
    assert.deepEqual(problemsOf({ flags: both }), [`walkLimit (flag --walk-limit) ${clause}`]);
    const environment = { [FORMER_VARIABLE]: '3', CALLERCARD_ENUMERATION_LIMIT: '3' };
    assert.deepEqual(problemsOf({ environment }), [
      `walkLimit (environment CALLERCARD_WALK_LIMIT) ${clause}`,
    ]);
    write({ ...both, domains: { a: { hosts: 'a.example', database: 'sqlite:a.db', ...both } } });
    assert.deepEqual(problemsOf({ file }), [
      `walkLimit (file ${file}) ${clause}`,
      `domains.a.walkLimit (file ${file}) ${clause}`,
    ]);
  });

  it('gives way to a source that counts more', () => {
    const environment = { [FORMER_VARIABLE]: '3' };
    assert.equal(load({ flags: { enumerationLimit: '7' }, environment }).config.enumerationLimit, 7);
  });
});
