import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { hashPassword } from '../../src/auth/password-hash.ts';
import { EVERY_RIGHT } from '../../src/core/rights.ts';
import { inspectStore } from '../../src/diagnostics/store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

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
    users.add({ name: 'myuser', verifier, rights: EVERY_RIGHT, lists: 'every list' });
    assert.deepEqual(await said(), ['advice']);
    users.setActive('MyUser', false);
    assert.deepEqual(await said(), []);
    users.setActive('MyUser', true);
    users.setVerifier('MyUser', await hashPassword('another one'));
    assert.deepEqual(await said(), []);
    users.setVerifier('MyUser', verifier);
    assert.deepEqual(await said(), ['advice']);
    users.remove('MyUser');
    assert.deepEqual(await said(), []);
    await store.close();
  });
});
