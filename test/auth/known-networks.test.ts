import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';

import { LOCK_MS } from '../../src/auth/lockout.ts';
import {
  countHashes,
  createFakeClock,
  HOUR,
  MINUTE,
  openAuthFixture,
  type AuthFixture,
  type FakeClock,
} from '../service/test-services.ts';

const fixtures: AuthFixture[] = [];
after(() => Promise.all(fixtures.map((fixture) => fixture.close())));

const [OFFICE, STRANGER, HOTEL] = ['192.0.2.10', '198.51.100.66', '203.0.113.7'];

/** A process whose user `crm` has logged in from the office. */
async function openWorking(clock: FakeClock = createFakeClock()): Promise<AuthFixture> {
  const fixture = openAuthFixture(clock);
  fixtures.push(fixture);
  await fixture.addUser('crm', 'right');
  assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
  return fixture;
}

async function failFrom(fixture: AuthFixture, address: string, times: number): Promise<readonly string[]> {
  const verdicts: string[] = [];
  for (let attempt = 0; attempt < times; attempt += 1)
    verdicts.push(await fixture.tryLogin('crm', `wrong ${attempt}`, address));
  return verdicts;
}

describe('a user in a network where it is known', () => {
  it('50: is not locked by what strangers send, its password cached or not', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    for (let round = 0; round < 5; round += 1) {
      await failFrom(fixture, STRANGER, 12);
      assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
      clock.pass(2 * MINUTE);
      assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
    }
    // Everybody else is locked, the right password too; and the user's work gives them no new guesses.
    const before = countHashes();
    assert.deepEqual(new Set(await failFrom(fixture, STRANGER, 5)), new Set(['locked_out']));
    assert.equal(await fixture.tryLogin('crm', 'right', HOTEL), 'locked_out');
    assert.equal(countHashes(), before);
  });

  it('50: is locked there by ten wrong passwords from there, and nowhere else by those', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    assert.deepEqual(new Set(await failFrom(fixture, OFFICE, 10)), new Set(['credentials_invalid']));
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'locked_out');
    assert.equal(await fixture.tryLogin('crm', 'right', HOTEL), 'admitted');
    clock.pass(LOCK_MS - 1);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'locked_out');
    clock.pass(1);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
  });

  it('50: and its lock survive a restart', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    await failFrom(fixture, STRANGER, 10);
    const restarted = openAuthFixture(createFakeClock(clock.wall() + MINUTE, 7), fixture.path);
    fixtures.push(restarted);
    assert.equal(await restarted.tryLogin('crm', 'right', OFFICE), 'admitted');
    await failFrom(restarted, OFFICE, 10);
    const again = openAuthFixture(createFakeClock(clock.wall() + 2 * MINUTE, 7), fixture.path);
    fixtures.push(again);
    assert.equal(await again.tryLogin('crm', 'right', OFFICE), 'locked_out');
    assert.equal(await again.tryLogin('crm', 'right', STRANGER), 'locked_out');
  });

  it('50: is one process with another on the same store', async () => {
    const clock = createFakeClock();
    const one = await openWorking(clock);
    const other = openAuthFixture(clock, one.path);
    fixtures.push(other);
    await failFrom(other, STRANGER, 10);
    assert.equal(await other.tryLogin('crm', 'right', OFFICE), 'admitted');
    await failFrom(other, OFFICE, 10);
    // Its password is cached in the first process; the lock comes before the cache.
    assert.equal(await one.tryLogin('crm', 'right', OFFICE), 'locked_out');
  });

  it('50: is known for 30 days after the last login', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    clock.pass(29 * 24 * HOUR);
    await failFrom(fixture, STRANGER, 10);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
    clock.pass(31 * 24 * HOUR);
    await fixture.tryLogin('other', 'wrong', STRANGER);
    await failFrom(fixture, STRANGER, 10);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'locked_out');
  });

  it('50: is known in the whole network of an IPv6 customer, and in no other', async () => {
    const fixture = await openWorking();
    assert.equal(await fixture.tryLogin('crm', 'right', '2001:db8:1:2::5'), 'admitted');
    await failFrom(fixture, STRANGER, 10);
    assert.equal(await fixture.tryLogin('crm', 'right', '2001:db8:1:2:a:b:c:d'), 'admitted');
    assert.equal(await fixture.tryLogin('crm', 'right', '2001:db8:1:3::5'), 'locked_out');
  });
});

describe('what a store keeps of those who try to log in', () => {
  it('59: is neither a name nor an address, in no file of the store', async () => {
    const fixture = await openWorking();
    const typed = ['hunter2-typed-as-a-name', 'PlantedName', 'ünïque-name'];
    for (const name of typed) await fixture.tryLogin(name, 'wrong', '198.51.100.77');
    assert.equal(await fixture.failuresOf('plantedname'), 1);
    for (const suffix of ['', '-wal']) {
      const bytes = readFileSync(fixture.path + suffix)
        .toString('latin1')
        .toLowerCase();
      for (const planted of ['hunter2', 'plantedname', 'nique-name', '198.51.100', OFFICE])
        assert.ok(!bytes.includes(planted), `${planted} in the store${suffix}`);
    }
  });

  it('59: is another hash in another store', async () => {
    const keyIn = async () => {
      const fixture = await openWorking();
      await fixture.tryLogin('same', 'wrong');
      return fixture.failuresOf('same');
    };
    assert.deepEqual([await keyIn(), await keyIn()], [1, 1]);
    const { createLoginKeys } = await import('../../src/stores/sqlite/login-keys.ts');
    const { DatabaseSync } = await import('node:sqlite');
    const keys = fixtures.slice(-2).map(({ path }) => {
      using database = new DatabaseSync(path);
      return createLoginKeys(database)('same');
    });
    assert.match(keys[0] ?? '', /^[\w-]{43}$/);
    assert.notEqual(keys[0], keys[1]);
  });

  it('59: is forgotten after a day, with the first login after it', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    await fixture.tryLogin('typed', 'wrong', STRANGER);
    assert.equal(await fixture.failuresOf('typed'), 1);
    clock.pass(25 * HOUR);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
    assert.equal(await fixture.failuresOf('typed'), 0);
  });
});

describe('the id of a user', () => {
  it('51: is no other user’s, whoever was removed before', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    const { users, accounts } = fixture.store;
    const idOf = async (name: string) => (await accounts.read(name)).account?.id ?? assert.fail(name);
    const seen: string[] = [];
    const add = async (name: string) => {
      await fixture.addUser(name, 'right');
      seen.push(await idOf(name));
    };
    for (const name of ['one', 'two', 'three']) await add(name);
    assert.ok(await users.remove('three'));
    assert.ok(await users.remove('two'));
    await add('four');
    assert.ok(await users.remove('four'));
    assert.ok(await users.remove('one'));
    await add('five');
    assert.equal(new Set(seen).size, seen.length, seen.join(' '));
  });
});

describe('attempts that wait', () => {
  it('49: of one network are 2,000 at most, and known networks wait for none of them', async () => {
    const clock = createFakeClock();
    const fixture = await openWorking(clock);
    const wrong = Array.from({ length: 2_500 }, (_, at) =>
      fixture.tryLogin(`made-up ${at % 300}`, 'wrong', STRANGER),
    );
    const began = performance.now();
    clock.pass(2 * MINUTE);
    assert.equal(await fixture.tryLogin('crm', 'right', OFFICE), 'admitted');
    assert.ok(performance.now() - began < 5_000, 'it waited behind the others');
    const verdicts = await Promise.all(wrong);
    assert.ok(verdicts.filter((verdict) => verdict === 'overloaded').length >= 500);
    // Nobody waits much longer than five seconds, however many wait for one name: three times that on a busy machine.
    assert.ok(performance.now() - began < 20_000, 'somebody waited too long');
  });
});
