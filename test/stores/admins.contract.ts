import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { OwnStore } from '../../src/core/store.ts';
import { EVERY_RIGHT, rightsOf } from '../../src/core/rights.ts';
import type { StoreDescription } from './described-store.ts';

type ContractUsers = Pick<OwnStore, 'users' | 'close'>;

const NOBODY: StoreDescription = { lists: [], leads: [], users: [] };
const KEY = 'digest of a key';

/** The body of the tests that every store of callercard's own passes: the first admin, and the last one. */
export function adminsContract(
  engineName: string,
  openFilled: (description: StoreDescription) => Promise<ContractUsers>,
): void {
  describe(`admins in ${engineName}`, () => {
    const user = (name: string) => ({
      name,
      verifier: 'x',
      rights: EVERY_RIGHT,
      lists: 'every list' as const,
    });
    const named = async ({ users }: ContractUsers) => (await users.list()).map(({ name }) => name);

    it('are made by a key where nobody is, one of several who come at the same time', async () => {
      const store = await openFilled(NOBODY);
      assert.equal(await store.users.isAny(), false);
      const names = ['ana', 'luis', 'rosa'];
      const made = await Promise.all(names.map((name) => store.users.addFirst(user(name), KEY)));
      assert.deepEqual(made.filter(Boolean), [true]);
      assert.equal(await store.users.isAny(), true);
      assert.equal((await store.users.list()).length, 1);
      await store.close();
    });

    it('are made once by a key, also where they are removed again', async () => {
      const store = await openFilled(NOBODY);
      assert.equal(await store.users.addFirst(user('ana'), KEY), true);
      await store.users.remove('ana');
      assert.equal(await store.users.addFirst(user('luis'), KEY), false);
      assert.deepEqual(await named(store), []);
      assert.equal(await store.users.addFirst(user('luis'), 'digest of another'), true);
      await store.close();
    });

    it('are listed with the lists that they see, as users are', async () => {
      const store = await openFilled(NOBODY);
      const scopes = ['every list', [], [101], [101, 102]] as const;
      for (const [at, lists] of scopes.entries()) await store.users.add({ ...user(`user${at}`), lists });
      assert.deepEqual(
        (await store.users.list()).map(({ lists }) => lists),
        scopes,
      );
      await store.close();
    });

    it('are not all taken away, by whatever act, where that is guarded', async () => {
      const store = await openFilled(NOBODY);
      const { users } = store;
      for (const name of ['ana', 'luis']) await users.add(user(name));
      for (const [name, rights, lists] of [
        ['some', EVERY_RIGHT, [101]],
        ['unsigned', rightsOf(['admin']), 'every list'],
        ['off', EVERY_RIGHT, 'every list'],
      ] as const)
        await users.add({ name, verifier: 'x', rights, lists });
      await users.setActive('off', false);
      const guard = 'leaves an admin';
      const both = await Promise.all([users.remove('ana', guard), users.setActive('luis', false, guard)]);
      assert.deepEqual(both.toSorted(), [false, true]);
      const [left = ''] = (await named(store)).includes('ana') ? ['ANA'] : ['LUIS'];
      assert.equal(await users.remove(left, guard), false);
      assert.equal(await users.setActive(left, false, guard), false);
      assert.equal(
        await users.change(left, { rights: rightsOf(['card']), lists: 'every list' }, guard),
        false,
      );
      assert.equal(await users.change(left, { rights: EVERY_RIGHT, lists: [101] }, guard), false);
      assert.equal(
        await users.change(left, { rights: rightsOf(['card', 'admin']), lists: 'every list' }, guard),
        true,
      );
      for (const name of ['some', 'unsigned', 'off']) assert.equal(await users.remove(name, guard), true);
      assert.equal(await users.remove(left), true);
      await store.close();
    });
  });
}
