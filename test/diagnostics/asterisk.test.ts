import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import type { AgentExtension, AsteriskAddress } from '../../src/config/asterisk-settings.ts';
import { inspectAsterisk } from '../../src/diagnostics/asterisk.ts';
import { openStore, type SqliteStore } from '../../src/stores/open-store.ts';
import { recorded } from '../connectors/asterisk/scenes.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { type FakeManager, type FakeManagerOptions, startFakeManager } from '../support/fake-manager.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

describe('check, of an Asterisk', () => {
  let store: SqliteStore;
  let manager: FakeManager | undefined;
  before(async () => {
    store = openStore(testConfig(join(temporaryFolder(), 'check.db')), { create: true });
    const users = ['ana', 'luis', '1003'].map((name) => ({ name, password: { verifier: 'x' } }));
    await fillEmbedded(store, { lists: [], leads: [], users });
  });
  after(() => store.close());
  afterEach(() => manager?.close());

  async function check(
    options: FakeManagerOptions,
    said: string,
    changes: Partial<AsteriskAddress> = {},
    agents: readonly AgentExtension[] = [],
  ): Promise<readonly string[]> {
    manager = await startFakeManager({ secret: 'planted-secret', ...options });
    const address = { host: '127.0.0.1', port: manager.port, tls: 'off', user: 'callercard' } as const;
    const asterisk: AsteriskAddress = { ...address, secret: 'planted-secret', ...changes };
    const inspecting = inspectAsterisk({ asterisk, agents }, store, 100);
    const { actions } = manager;
    if (said !== '') {
      await until('asked', () => actions.length === 2);
      manager.say(said);
    }
    const found = await inspecting;
    assert.doesNotMatch(JSON.stringify(found), /planted-secret/);
    return found.map(
      ({ level, subject, message, advice }) => `${level} ${subject}: ${message} -> ${advice ?? ''}`,
    );
  }

  it('says which telephones it heard of, and who has them', async () => {
    await store.users.setExtension('luis', '1002');
    const agents = [
      { extension: '1001', user: 'ana' },
      { extension: '1009', user: 'gone' },
    ];
    const [login, telephones, missing, named, ...more] = await check(
      { commands: ['Ping', 'ListCommands'] },
      recorded('queue-abandoned').replace(/^[^]*?\n\n/, ''),
      {},
      agents,
    );
    assert.match(
      login ?? '',
      /^ok automatic pop: Asterisk at 127.0.0.1:\d+ takes the login \(manager interface 11\.0\.0\)/,
    );
    assert.match(
      telephones ?? '',
      /^ok automatic pop: heard of 1001 \(ana\), 1002 \(luis\), trunk \(no user\)/,
    );
    assert.match(
      missing ?? '',
      /^advice agents: names users that are not there or are disabled: gone \(1009\)/,
    );
    assert.match(
      named ?? '',
      /^ok agents: 1 telephones have a user by the setting, 1 by user set --extension/,
    );
    assert.deepEqual(more, []);
    await store.users.setExtension('luis', undefined);
  });

  it('advises to let the manager user do nothing, and to give somebody a telephone', async () => {
    const found = (await check({ commands: ['Ping', 'Originate', 'Command'] }, '')).join('\n');
    assert.match(
      found,
      /advice automatic pop: .* may do more than listen: Originate, Command -> set its write to nothing/,
    );
    assert.match(found, /ok automatic pop: no call came meanwhile/);
    assert.match(found, /advice agents: no telephone has a user; .* -> name them in agents \(1001=ana\)/);
  });

  it('says what is wrong, and what to do', async () => {
    assert.match(
      (await check({ secret: 'another' }, '')).join('\n'),
      /problem automatic pop: .*: it does not accept the user and the secret -> correct user and secret in asterisk, and see that permit/,
    );
    await manager?.close();
    assert.match(
      (await check({ banner: 'SSH-2.0-OpenSSH_9.6' }, '')).join('\n'),
      /problem .*: it is no manager interface of Asterisk -> start it, or correct host and port/,
    );
    await manager?.close();
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const tls = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
    assert.match(
      (await check({ tls }, '', { tls: 'on' })).join('\n'),
      /problem .*SELF_SIGNED.* -> .*\?tls=unchecked/,
    );
  });
});
