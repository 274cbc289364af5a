import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { showSettings } from '../../src/config/show.ts';
import { temporaryFolder } from '../support/test-app.ts';

const load = (flags: Readonly<Record<string, string>>) => loadConfig({ flags, environment: {} }).config;

function problemOf(flags: Readonly<Record<string, string>>): string {
  try {
    load(flags);
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems.join('\n');
    throw cause;
  }
  return 'nothing is wrong';
}

function loadFile(content: object) {
  const file = join(temporaryFolder(), 'config.json');
  writeFileSync(file, JSON.stringify(content));
  return loadConfig({ flags: {}, environment: {}, file });
}

describe('the setting asterisk', () => {
  it('names a server, its port and a user with a secret, in any characters', () => {
    const account = { user: 'callercard', secret: 's@c/r:e?t' };
    for (const [text, server] of [
      ['ami://callercard:s@c/r:e?t@pbx', { host: 'pbx', port: 5038, tls: 'off' }],
      ['ami://callercard:s%40c%2Fr%3Ae%3Ft@10.0.0.5:5040/', { host: '10.0.0.5', port: 5040, tls: 'off' }],
      ['amis://callercard:s@c/r:e?t@[::1]', { host: '::1', port: 5039, tls: 'on' }],
      ['amis://callercard:s@c/r:e?t@pbx:5038?tls=unchecked', { host: 'pbx', port: 5038, tls: 'unchecked' }],
    ] as const) {
      assert.deepEqual(load({ asterisk: text }).asterisk, { ...account, ...server }, text);
    }
    assert.equal(load({}).asterisk, undefined);
  });

  it('is refused with a reason that does not repeat the secret', () => {
    for (const [text, fault] of [
      ['pbx', /must be ami:\/\/USER:SECRET@HOST:5038, amis:\/\/ with TLS, or nothing$/],
      ['http://ana:hush@pbx', /must be ami:/],
      ['ami://pbx', /names no user with its secret/],
      ['ami://ana@pbx', /names no user with its secret/],
      ['ami://:hush@pbx', /names no user with its secret/],
      ['ami://ana:hush@', /a host that is none \(""\)/],
      ['ami://ana:hush@pbx:0', /a host that is none/],
      ['ami://ana:hush@pbx,pbx2', /a host that is none/],
      ['ami://ana:hush%@pbx', /write % as %25/],
      ['ami://ana:hush%0d%0aAction: Logoff@pbx', /control character/],
      ['ami://ana:hush@pbx?tls=unchecked', /only tls=unchecked may stand there, after amis/],
      ['amis://ana:hush@pbx?tls=off', /only tls=unchecked/],
    ] as const) {
      assert.match(problemOf({ asterisk: text }), fault, text);
      assert.doesNotMatch(problemOf({ asterisk: text }), /hush/);
    }
  });

  it('is shown without its secret, of a domain too', () => {
    const loaded = loadFile({
      asterisk: 'ami://top:hush@pbx',
      domains: {
        acme: { database: 'sqlite:a.db', hosts: 'a.example', asterisk: 'amis://acme:hush@pbx' },
        beta: { database: 'sqlite:b.db', hosts: 'b.example' },
      },
    });
    const shown = showSettings(loaded).filter(({ name }) => name.endsWith('asterisk'));
    assert.deepEqual(
      shown.map(({ name, value }) => [name, value]),
      [
        ['asterisk', 'ami://top:***@pbx'],
        ['domains.acme.asterisk', 'amis://acme:***@pbx'],
        ['domains.beta.asterisk', 'ami://top:***@pbx'],
      ],
    );
  });
});

describe('the setting agents', () => {
  const both = [
    { extension: '1001', user: 'ana' },
    { extension: '1002', user: 'María López' },
  ];

  it('is written as pairs everywhere, and as an object in the config file', () => {
    assert.deepEqual(load({ agents: '1001=ana, 1002 = María López' }).agents, both);
    const agents = { 1001: 'ana', 1002: 'María López' };
    const domains = { acme: { database: 'sqlite:a.db', hosts: 'a.example', agents } };
    assert.deepEqual(loadFile({ agents }).config.agents, both);
    assert.deepEqual(loadFile({ agents: ['1001=ana', '1002=María López'] }).config.agents, both);
    assert.deepEqual(loadFile({ domains }).config.domains[0]?.config.agents, both);
    assert.deepEqual(load({}).agents, []);
  });

  it('is refused with a reason', () => {
    assert.match(problemOf({ agents: '1001' }), /holds "1001", which is not EXTENSION=USER \(1001=ana\)/);
    assert.match(problemOf({ agents: '1001=' }), /not EXTENSION=USER/);
    assert.match(problemOf({ agents: '10 01=ana' }), /not EXTENSION=USER/);
    assert.match(problemOf({ agents: '1001=ana,1001=luis' }), /names "1001" twice/);
    for (const agents of [{ 1001: 7 }, { 1001: 'a,b' }, { '1,2': 'a' }])
      assert.throws(
        () => loadFile({ agents }),
        /agents .* must be a text, or an object of texts without commas/,
      );
    assert.throws(() => loadFile({ retention: { 1001: '7' } }), /retention .* must be a text, a number/);
  });
});
