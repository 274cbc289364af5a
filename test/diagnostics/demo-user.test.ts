import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { hashPassword } from '../../src/auth/password-hash.ts';
import { EVERY_RIGHT } from '../../src/core/rights.ts';
import { systemClock } from '../../src/core/clock.ts';
import { inspectStore } from '../../src/diagnostics/store.ts';
import { DomainStore } from '../../src/domain/domain-store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

describe('check of a store with the user of the demo', () => {
  it('7: says that the password is published, until the user has another one, is disabled or removed', async () => {
    const store = openStore(testConfig(join(temporaryFolder(), 'demo.db')), { create: true });
    const { users } = store;
    const said = async () => {
      const found = [];
      for await (const inspection of inspectStore(store)) found.push(inspection);
      return found
        .filter(({ message }) => message.includes('password of the demo'))
        .map(({ level }) => level);
    };
    assert.deepEqual(await said(), []);
    const verifier = await hashPassword('MyPass');
    await users.add({ name: 'myuser', verifier, rights: EVERY_RIGHT, lists: 'every list' });
    assert.deepEqual(await said(), ['advice']);
    await users.setActive('MyUser', false);
    assert.deepEqual(await said(), []);
    await users.setActive('MyUser', true);
    await users.setVerifier('MyUser', await hashPassword('another one'));
    assert.deepEqual(await said(), []);
    await users.setVerifier('MyUser', verifier);
    assert.deepEqual(await said(), ['advice']);
    await users.remove('MyUser');
    assert.deepEqual(await said(), []);
    await store.close();
  });
});

describe('a server whose store has the user of the demo', () => {
  it('7: warns of it once the store is open, unless it is the demo', async () => {
    const config = testConfig(join(temporaryFolder(), 'demo.db'));
    const store = openStore(config, { create: true });
    const { users } = store;
    const verifier = await hashPassword('MyPass');
    await users.add({ name: 'MyUser', verifier, rights: EVERY_RIGHT, lists: 'every list' });
    await store.close();
    const warned: unknown[][] = [];
    const open = (isDemo: boolean) =>
      new DomainStore(config, {
        clock: systemClock,
        log: ({ level, message }) => warned.push([isDemo, level, message]),
        makeRoom: () => undefined,
        retryMs: 1_000,
        isAlone: true,
        isDemo,
      });
    const [demo, other] = [open(true), open(false)];
    demo.open();
    other.open();
    await until('a warning', () => warned.length > 0);
    assert.deepEqual(
      warned.map(([isDemo, level]) => [isDemo, level]),
      [[false, 'warn']],
    );
    assert.match(String(warned[0]?.[2]), /^MyUser has the password of the demo.*user remove MyUser/);
    assert.ok(!String(warned[0]?.[2]).includes('MyPass'));
    await Promise.all([demo.close(), other.close()]);
  });
});
