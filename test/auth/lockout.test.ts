import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import { LOCK_MS, MAX_FAILURES } from '../../src/auth/lockout.ts';
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

async function openFilledFixture(clock: FakeClock): Promise<AuthFixture> {
  const fixture = openAuthFixture(clock);
  fixtures.push(fixture);
  await fixture.addUser('admin', 'right');
  return fixture;
}

const TEN_REFUSED = Array.from({ length: 10 }, () => 'credentials_invalid');

describe('the lock after failed logins', () => {
  it('comes after 10 failures and opens after 15 minutes', () => {
    assert.equal(MAX_FAILURES, 10);
    assert.equal(LOCK_MS, 15 * MINUTE);
  });

  it('refuses the right password from the 11th attempt on, and opens 15 minutes after the last failure', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    assert.deepEqual(await fixture.fail('admin', 10), TEN_REFUSED);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
    clock.pass(LOCK_MS - 1);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
    clock.pass(1);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
    assert.equal(await fixture.failuresOf('admin'), 0);
  });

  it('begins a new series of 10 once it has opened', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.fail('admin', 10);
    clock.pass(LOCK_MS);
    assert.deepEqual(await fixture.fail('admin', 10), TEN_REFUSED);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
  });

  it('does not come for the 10th attempt when that one is right; a success starts the count anew', async () => {
    const fixture = await openFilledFixture(createFakeClock());
    await fixture.fail('admin', 9);
    assert.equal(await fixture.failuresOf('admin'), 9);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
    assert.equal(await fixture.failuresOf('admin'), 0);
    assert.deepEqual(await fixture.fail('admin', 10), TEN_REFUSED);
    assert.equal(await fixture.tryLogin('admin', 'wrong'), 'locked_out');
  });

  it('neither counts nor hashes while it is closed, nor is it prolonged', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.fail('admin', 10);
    const before = countHashes();
    for (let minute = 0; minute < 14; minute++) {
      clock.pass(MINUTE);
      assert.deepEqual(new Set(await fixture.fail('admin', 5)), new Set(['locked_out']));
    }
    assert.equal(await fixture.failuresOf('admin'), 10);
    assert.equal(countHashes(), before);
    clock.pass(MINUTE);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
  });

  it('comes before what is remembered: a password that was good a moment ago is refused, too', async () => {
    const fixture = await openFilledFixture(createFakeClock());
    assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
    await fixture.fail('admin', 10);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
  });

  it('counts failures that are less than 15 minutes apart as one series', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    for (let attempt = 1; attempt <= 10; attempt++) {
      clock.pass(LOCK_MS - 1);
      await fixture.fail('admin', 1);
    }
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
  });

  it('forgets a series after a pause of 15 minutes', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.fail('admin', 9);
    clock.pass(LOCK_MS);
    await fixture.fail('admin', 1);
    assert.equal(await fixture.failuresOf('admin'), 1);
    assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
  });

  it('is of one name: others log in as before', async () => {
    const fixture = await openFilledFixture(createFakeClock());
    await fixture.addUser('other', 'right');
    await fixture.fail('admin', 10);
    assert.equal(await fixture.tryLogin('other', 'right'), 'admitted');
    assert.equal(await fixture.failuresOf('other'), 0);
  });

  it('is the same from every address', async () => {
    const fixture = await openFilledFixture(createFakeClock());
    for (let attempt = 1; attempt <= 10; attempt++)
      await fixture.tryLogin('admin', 'wrong', `192.0.2.${attempt}`);
    assert.equal(await fixture.tryLogin('admin', 'right', '198.51.100.1'), 'locked_out');
  });

  it('comes to unknown and to inactive names at the same attempt as to others', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.addUser('retired', 'right');
    await fixture.store.users.setActive('retired', false);
    for (const name of ['nobody', 'retired', '']) {
      assert.deepEqual(await fixture.fail(name, 10), TEN_REFUSED, name);
      assert.equal(await fixture.tryLogin(name, 'right'), 'locked_out', name);
    }
    clock.pass(LOCK_MS);
    for (const name of ['nobody', 'retired', '']) {
      assert.equal(await fixture.tryLogin(name, 'right'), 'credentials_invalid', name);
    }
  });

  it('hashes as often for unknown and for inactive names as for others', async () => {
    const fixture = await openFilledFixture(createFakeClock());
    await fixture.addUser('retired', 'right');
    await fixture.store.users.setActive('retired', false);
    for (const name of ['admin', 'nobody', 'retired']) {
      const before = countHashes();
      await fixture.tryLogin(name, 'wrong');
      assert.equal(countHashes() - before, 1, name);
    }
  });
});

describe('the lock and the clocks', () => {
  for (const [direction, jump] of [
    ['forward', HOUR],
    ['back', -HOUR],
  ] as const) {
    it(`stays closed when the wall clock jumps an hour ${direction}, and opens after 15 minutes as ever`, async () => {
      const clock = createFakeClock();
      const fixture = await openFilledFixture(clock);
      await fixture.fail('admin', 10);
      clock.pass(MINUTE);
      clock.jumpWall(jump);
      assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
      clock.pass(LOCK_MS - MINUTE - 1);
      assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
      clock.pass(1);
      assert.equal(await fixture.tryLogin('admin', 'right'), 'admitted');
    });

    it(`counts one series through a jump of the wall clock of an hour ${direction}`, async () => {
      const clock = createFakeClock();
      const fixture = await openFilledFixture(clock);
      await fixture.fail('admin', 5);
      clock.jumpWall(jump);
      await fixture.fail('admin', 5);
      assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
    });

    it(`ends a series after 15 minutes although the wall clock jumped an hour ${direction}`, async () => {
      const clock = createFakeClock();
      const fixture = await openFilledFixture(clock);
      await fixture.fail('admin', 9);
      clock.jumpWall(jump);
      clock.pass(LOCK_MS);
      await fixture.fail('admin', 1);
      assert.equal(await fixture.failuresOf('admin'), 1);
    });
  }
});

describe('the clean-up of old counts', () => {
  it('opens no lock early, not even when the wall clock has jumped an hour forward', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.fail('admin', 10);
    clock.jumpWall(HOUR);
    for (let name = 0; name < 2_500; name++) {
      await fixture.store.accounts.countFailure(`sprayed-${name}`, clock.wall());
    }
    assert.equal(await fixture.tryLogin('admin', 'right'), 'locked_out');
  });

  it('forgets names that failed long ago, so that sprayed names do not fill the store', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    for (let name = 0; name < 1_500; name++) {
      await fixture.store.accounts.countFailure(`sprayed-${name}`, clock.wall());
    }
    clock.pass(7 * 24 * HOUR);
    for (let name = 0; name < 1_500; name++) {
      await fixture.store.accounts.countFailure(`again-${name}`, clock.wall());
    }
    assert.equal(await fixture.failuresOf('sprayed-1'), 0);
    assert.equal(await fixture.failuresOf('again-1499'), 1);
  });
});

describe('the lock and other processes', () => {
  it('survives a restart and opens when its 15 minutes are over', async () => {
    const clock = createFakeClock();
    const before = openAuthFixture(clock);
    await before.addUser('admin', 'right');
    await before.fail('admin', 10);
    await before.close();
    clock.pass(5 * MINUTE);
    clock.restartProcess();
    const restarted = openAuthFixture(clock, before.path);
    fixtures.push(restarted);
    assert.equal(await restarted.tryLogin('admin', 'right'), 'locked_out');
    clock.pass(10 * MINUTE - 1);
    assert.equal(await restarted.tryLogin('admin', 'right'), 'locked_out');
    clock.pass(1);
    assert.equal(await restarted.tryLogin('admin', 'right'), 'admitted');
  });

  it('keeps the count of a series through a restart', async () => {
    const clock = createFakeClock();
    const before = openAuthFixture(clock);
    await before.addUser('admin', 'right');
    await before.fail('admin', 6);
    await before.close();
    const restarted = openAuthFixture(clock, before.path);
    fixtures.push(restarted);
    assert.equal(await restarted.failuresOf('admin'), 6);
    await restarted.fail('admin', 4);
    assert.equal(await restarted.tryLogin('admin', 'right'), 'locked_out');
  });

  it('is one for two processes on one store: 10 attempts in all', async () => {
    const clock = createFakeClock();
    const one = openAuthFixture(clock);
    await one.addUser('admin', 'right');
    const other = openAuthFixture(clock, one.path);
    fixtures.push(one, other);
    const before = countHashes();
    for (let round = 0; round < 8; round++) {
      await Promise.all([one.fail('admin', 1), other.fail('admin', 1)]);
    }
    assert.equal(countHashes() - before, 10);
    assert.equal(await one.tryLogin('admin', 'right'), 'locked_out');
    assert.equal(await other.tryLogin('admin', 'right'), 'locked_out');
  });
});
