import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { OwnStore } from '../../src/core/store.ts';
import { type StoreDescription, USUAL_RIGHTS } from './described-store.ts';

type ContractUsers = Pick<OwnStore, 'users' | 'accounts' | 'close'>;

/** The body of the tests that every store of callercard's own passes: who has which telephone. */
export function extensionsContract(
  engineName: string,
  openFilled: (description: StoreDescription) => Promise<ContractUsers>,
): void {
  describe(`telephones of users in ${engineName}`, () => {
    let store: ContractUsers;
    before(async () => {
      store = await openFilled({ lists: [], leads: [], users: [] });
      for (const name of ['Ana', 'luis'])
        await store.users.add({ name, verifier: 'x', rights: USUAL_RIGHTS, lists: 'every list' });
    });
    after(() => store.close());

    const nameOf = (extension: string) => store.accounts.readNameByExtension?.(extension);
    const listed = async () => (await store.users.list()).map(({ name, extension }) => [name, extension]);

    it('are of one user each, are found by exactly that, and can be taken away', async () => {
      assert.equal(await nameOf('1001'), undefined);
      assert.equal(await store.users.setExtension('ANA', '1001'), true);
      assert.equal(await store.users.setExtension('nobody', '1003'), false);
      assert.deepEqual(await listed(), [
        ['Ana', '1001'],
        ['luis', undefined],
      ]);
      for (const [extension, name] of [
        ['1001', 'Ana'],
        ['01001', undefined],
        ['1001 ', undefined],
        ['', undefined],
        ["' OR 1=1 --", undefined],
        ['\u0000', undefined],
      ] as const)
        assert.equal(await nameOf(extension), name, extension);
      await assert.rejects(store.users.setExtension('luis', '1001'));
      assert.equal(await store.users.setExtension('ana', undefined), true);
      assert.equal(await store.users.setExtension('luis', '1001'), true);
      assert.deepEqual(
        [await nameOf('1001'), await listed()],
        [
          'luis',
          [
            ['Ana', undefined],
            ['luis', '1001'],
          ],
        ],
      );
    });

    it('ring for nobody who is disabled, and go with their user', async () => {
      await store.users.setExtension('luis', '1002');
      await store.users.setActive('luis', false);
      assert.equal(await nameOf('1002'), undefined);
      await store.users.setActive('luis', true);
      assert.equal(await nameOf('1002'), 'luis');
      await store.users.remove('luis');
      assert.equal(await nameOf('1002'), undefined);
      assert.equal(await store.users.setExtension('ana', '1002'), true);
    });
  });
}
