import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { NO_FAILURES } from '../../../src/core/account-store.ts';
import { USERS_WORDS } from '../../../src/endpoints/console/users/users-words.ts';
import { viewUsers } from '../../../src/endpoints/console/users/view-users.ts';

const READER = { language: 'en', tag: 'en' } as const;

function accountsOf(count: number): Parameters<typeof viewUsers>[0] {
  const users = Array.from({ length: count }, (_, at) => ({
    name: `u${String(at).padStart(5, '0')}`,
    rights: 1,
    lists: 'every list' as const,
    active: true,
    extension: undefined,
    failures: NO_FAILURES,
    isLocked: false,
  }));
  return { users, grants: [], tokens: [], sessions: [], now: 0 };
}

describe('many users', () => {
  it('are on pages of a bounded size, each on one of them', () => {
    for (const count of [0, 1, 199, 200, 201, 1_999, 2_001]) {
      const accounts = accountsOf(count);
      const { pages } = viewUsers(accounts, READER, USERS_WORDS.en);
      assert.equal(pages.length, Math.ceil(count / 200));
      const shown = pages.flatMap(
        (_, at) => viewUsers(accounts, READER, USERS_WORDS.en, { page: at + 1 }).users,
      );
      assert.deepEqual(
        shown.map(({ name }) => name),
        accounts.users?.map(({ name }) => name),
      );
    }
  });

  it('have the user on the page whom somebody changed, and the last or first one for nonsense', () => {
    const accounts = accountsOf(1_001);
    for (const name of ['u00000', 'U00199', 'u00200', 'u01000']) {
      const { users, pages } = viewUsers(accounts, READER, USERS_WORDS.en, { name });
      assert.ok(users.length <= 200 && users.some((one) => one.name === name.toLowerCase()), name);
      assert.equal(pages.filter(({ isHere }) => isHere).length, 1);
    }
    assert.equal(viewUsers(accounts, READER, USERS_WORDS.en, { page: 999_999 }).users.at(-1)?.name, 'u01000');
    assert.equal(viewUsers(accounts, READER, USERS_WORDS.en, { name: 'nobody' }).users[0]?.name, 'u00000');
  });
});
