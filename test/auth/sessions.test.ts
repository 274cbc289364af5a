import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { SESSION_MS } from '../../src/service/sessions.ts';
import type { Services } from '../../src/service/services.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { runSql } from '../support/run-sql.ts';
import { until } from '../support/until.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { createFakeClock, createTestServices } from '../service/test-services.ts';
import { CHEAP_VERIFIER, makeCheapVerifier, outcomeOf, PASSWORD } from '../service/lookup-fixture.ts';

const FROM = { requestId: 'r-1', address: '192.0.2.1' } as const;

describe('a session at the card', () => {
  const path = join(temporaryFolder(), 'sessions.db');
  const clock = createFakeClock();
  const events: LookupEvent[] = [];
  let store: OwnStore;
  let services: Services;
  before(async () => {
    store = openStore(testConfig(path), { create: true, clock });
    const password = { verifier: CHEAP_VERIFIER };
    await fillEmbedded(store, {
      lists: [
        { list_id: 100, name: 'North' },
        { list_id: 200, name: 'South' },
      ],
      leads: [
        { lead_id: 1, list_id: 100, phone_number: '5500000001' },
        { lead_id: 2, list_id: 200, phone_number: '5500000002' },
      ],
      users: ['ana', 'eva', 'leo', 'mia'].map((name) => ({ name, password, lists: [100] })),
    });
    services = createTestServices(store, { clock, onEvent: (event) => events.push(event) });
  });
  after(() => store.close());

  async function signIn(name: string): Promise<string> {
    const signed = await services.signIn({ ...FROM, browser: '', name, password: PASSWORD });
    assert.ok('secret' in signed, JSON.stringify(signed));
    return signed.secret;
  }

  /** The outcome in a word, asked in a turn of its own. */
  async function see(secret: string, leadId: string, endpoint: 'card' | 'v1' = 'card') {
    await setImmediate();
    const credentials = { kind: 'session', secret } as const;
    return outcomeOf(
      await services.lookup({ ...FROM, endpoint, right: 'card', credentials, parameters: { leadId } }),
    );
  }

  it('stands for its user, within what the user may see now', async () => {
    const secret = await signIn('ANA ');
    assert.equal(await see(secret, '1'), 1);
    assert.equal(await see(secret, '2'), 'lead_not_found');
    assert.deepEqual(
      await services.identify({
        ...FROM,
        endpoint: 'card',
        right: 'card',
        credentials: { kind: 'session', secret },
      }),
      {
        user: 'ana',
        identity: 'ana',
        accountId: '1',
      },
    );
    runSql(path, "UPDATE users SET lists = '[200]' WHERE name = 'ana'");
    assert.equal(await see(secret, '1'), 'lead_not_found');
    assert.equal(await see(secret, '2'), 2);
    assert.equal(events.at(-1)?.user, 'ana');
  });

  it('says from where it began, and to some minutes when it was last made use of', async () => {
    const from = { ...FROM, address: '2001:db8:1:2:3::4', browser: 'Firefox, Windows' };
    const signed = await services.signIn({ ...from, name: 'leo', password: PASSWORD });
    assert.ok('secret' in signed);
    const read = async () => (await store.credentials.listSessions(store.credentials.now(), 'leo'))[0];
    const began = store.credentials.now();
    const { network, browser, lastSeenAt } = (await read()) ?? {};
    assert.deepEqual([network, browser, lastSeenAt], ['2001:db8:1:2::/64', 'Firefox, Windows', began]);
    clock.pass(60_000);
    assert.equal(await see(signed.secret, '1'), 1);
    assert.equal((await read())?.lastSeenAt, began);
    clock.pass(4 * 60_000);
    assert.equal(await see(signed.secret, '1'), 1);
    await until('it is noted', async () => (await read())?.lastSeenAt === store.credentials.now());
    assert.equal(await see('x'.repeat(43), '1'), 'credentials_invalid');
  });

  it('opens the card and no other endpoint', async () => {
    const secret = await signIn('eva');
    assert.equal(await see(secret, '1', 'v1'), 'credentials_invalid');
    const credentials = { kind: 'token', secret } as const;
    const outcome = await services.lookup({
      ...FROM,
      endpoint: 'v1',
      right: 'read',
      credentials: credentials,
      parameters: { leadId: '1' },
    });
    assert.equal(outcomeOf(outcome), 'credentials_invalid');
  });

  it('13: ends with another password, with the user, with its right, and by signing out', async () => {
    const [other, inactive] = [await signIn('leo'), await signIn('mia')];
    assert.equal(await see(other, '1'), 1);
    await store.users.setVerifier('leo', makeCheapVerifier('another one'));
    assert.equal(await see(other, '1'), 'credentials_invalid');
    await store.users.setActive('mia', false);
    assert.equal(await see(inactive, '1'), 'credentials_invalid');
    await store.users.setActive('mia', true);
    assert.equal(await see(inactive, '1'), 'credentials_invalid');
    const active = await signIn('mia');
    runSql(path, "UPDATE users SET rights = rights & ~1 WHERE name = 'mia'");
    assert.equal(await see(active, '1'), 'credentials_invalid');
    runSql(path, "UPDATE users SET rights = rights | 1 WHERE name = 'mia'");
    assert.equal(await see(active, '1'), 'credentials_invalid');
    const own = await signIn('eva');
    assert.equal(await services.signOut(own), undefined);
    assert.equal(await see(own, '1'), 'credentials_invalid');
  });

  it('is one of the user’s 20 newest: nobody fills the disk by signing in', async () => {
    const secrets: string[] = [];
    for (let at = 0; at < 23; at += 1) {
      clock.pass(1_000);
      secrets.push(await signIn('ana'));
    }
    const others = await signIn('eva');
    runSql(path, "UPDATE users SET lists = NULL WHERE name = 'ana'");
    const seen = await Promise.all(secrets.map((secret) => see(secret, '1')));
    assert.deepEqual(
      seen,
      secrets.map((_, at) => (at < 3 ? 'credentials_invalid' : 1)),
    );
    assert.equal(await see(others, '1'), 1);
  });

  it('is begun with a record, and with none where the password was wrong', async () => {
    events.length = 0;
    await signIn('Eva ');
    await services.signIn({ ...FROM, browser: '', name: 'eva', password: 'wrong' });
    assert.deepEqual(
      events.map(({ result, user, endpoint }) => [result, user, endpoint]),
      [
        ['signed_in', 'eva', 'card'],
        ['credentials_invalid', 'eva', 'card'],
      ],
    );
  });

  it('ends after eight hours', async () => {
    const secret = await signIn('eva');
    clock.pass(SESSION_MS - 1);
    assert.equal(await see(secret, '1'), 1);
    clock.pass(1);
    assert.equal(await see(secret, '1'), 'credentials_invalid');
  });

  it('5: is not given for a wrong password, which is counted as any other', async () => {
    for (let at = 0; at < 10; at += 1) {
      const refused = await services.signIn({ ...FROM, browser: '', name: 'eva', password: 'wrong' });
      assert.deepEqual(refused, { problem: { code: 'credentials_invalid' } });
    }
    const locked = await services.signIn({ ...FROM, browser: '', name: 'eva', password: PASSWORD });
    assert.deepEqual(locked, { problem: { code: 'locked_out' } });
    assert.equal(events.at(-1)?.endpoint, 'card');
  });
});
