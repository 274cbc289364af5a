import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Account } from '../../../src/core/account-store.ts';
import type { StoreEvent } from '../../../src/core/store.ts';
import { createFailedLogins } from '../../../src/stores/vicidial/failed-logins.ts';

describe("failed logins that are counted in the dialer's database", () => {
  it('are at most 1,000 at once; how many are dropped is logged once, when the flood is over', async () => {
    const events: StoreEvent[] = [];
    const { promise: isThawed, resolve: thaw } = Promise.withResolvers<undefined>();
    let written = 0;
    const failedLogins = createFailedLogins(
      async () => {
        await isThawed;
        written += 1;
        return [];
      },
      (event) => events.push(event),
    );
    const flood = (attempts: number) => {
      for (let at = 0; at < attempts; at += 1) failedLogins.report(account(at), 0, false);
    };
    flood(1_200);
    assert.deepEqual(events, []);
    thaw(undefined);
    await failedLogins.settled();
    assert.equal(written, 1_000);
    assert.deepEqual(
      events.map(({ level, message }) => [level, message]),
      [['warn', "200 logins were not counted in the dialer's database: too many came at once"]],
    );
    flood(10);
    await failedLogins.settled();
    assert.equal(written, 1_010);
    assert.equal(events.length, 1);
  });
});

function account(at: number): Account {
  return { id: String(at), name: `user ${at}`, verifier: '', active: true, rights: 0 };
}
