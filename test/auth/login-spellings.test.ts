import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import fc from 'fast-check';

import { userIdentity } from '../../src/auth/lockout.ts';
import { countHashes, createFakeClock, openAuthFixture, type AuthFixture } from '../service/test-services.ts';
import { USUAL_RIGHTS } from '../stores/described-store.ts';

const fixtures: AuthFixture[] = [];
after(() => Promise.all(fixtures.map((fixture) => fixture.close())));

const SPELLINGS_OF_ADMIN: readonly string[] = [
  'admin',
  'ADMIN',
  'aDmIn',
  'admin ',
  'admin    ',
  'admin\u00a0',
  'ａｄｍｉｎ',
  'ＡＤＭＩＮ',
  'ad\u200bmin',
  '\ufeffadmin',
  'admin\u0000',
  '\u0000admin',
  'ad\u0007min',
  'ad\u00admin',
  'ádmin',
  'a\u0301dmin',
  'Ädmïn',
  'ⓐⓓⓜⓘⓝ',
  '𝐚𝐝𝐦𝐢𝐧',
  'admİn',
  '\ud800admin',
];

const OTHER_NAMES: readonly string[] = [
  '',
  'adm',
  'admin2',
  ' admin',
  'ad min',
  'admin_',
  'аdmin',
  '%',
  'admin%',
  "admin'--",
];

describe('spellings of a user name', () => {
  for (const spelling of SPELLINGS_OF_ADMIN) {
    it(`${JSON.stringify(spelling)} is admin`, () => {
      assert.equal(userIdentity(spelling), 'admin');
    });
  }

  for (const name of OTHER_NAMES) {
    it(`${JSON.stringify(name)} is somebody else`, () => {
      assert.notEqual(userIdentity(name), 'admin');
    });
  }

  it('that differ in the case of letters alone are one name, in any alphabet', () => {
    for (const [lower, upper] of [
      ['ñandú', 'ÑANDÚ'],
      ['иван', 'ИВАН'],
      ['νίκη', 'ΝΊΚΗ'],
      ['νίκος', 'ΝΊΚΟΣ'],
    ] as const) {
      assert.equal(userIdentity(lower), userIdentity(upper), lower);
    }
  });

  it('have one compared form, which compares as itself', () => {
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    fc.assert(
      fc.property(names, (name) => {
        const identity = userIdentity(name);
        assert.equal(userIdentity(identity), identity);
        assert.equal(userIdentity(`${name} `), identity);
        assert.equal(userIdentity(`${name}\u200b\u0000`), identity);
        assert.equal(userIdentity(name.normalize('NFC')), userIdentity(name.normalize('NFD')));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('wrong passwords under several spellings', () => {
  it('are counted together: 10 of them lock the user under every spelling', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    await fixture.addUser('admin', 'right');
    for (const spelling of SPELLINGS_OF_ADMIN.slice(0, 10)) {
      assert.equal(await fixture.tryLogin(spelling, 'wrong'), 'credentials_invalid', spelling);
    }
    const before = countHashes();
    for (const spelling of SPELLINGS_OF_ADMIN) {
      assert.equal(await fixture.tryLogin(spelling, 'right'), 'locked_out', spelling);
      assert.equal(await fixture.failuresOf(spelling), 10, spelling);
    }
    assert.equal(countHashes(), before);
    assert.equal((await fixture.store.users.list()).length, 1);
  });

  it('are counted together for a name that nobody has', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    for (const spelling of SPELLINGS_OF_ADMIN.slice(0, 10)) {
      assert.equal(await fixture.tryLogin(spelling, 'wrong'), 'credentials_invalid', spelling);
    }
    assert.equal(await fixture.tryLogin('admin', 'wrong'), 'locked_out');
  });

  it('do not touch names that merely look alike', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    await fixture.addUser('admin', 'right');
    await fixture.fail(' admin', 3);
    await fixture.fail('аdmin', 3);
    await fixture.fail('%', 3);
    assert.equal(await fixture.failuresOf('admin'), 0);
  });

  it('every spelling logs the user in with the right password, and no second user can take one', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    await fixture.addUser('Admin', 'right');
    for (const spelling of SPELLINGS_OF_ADMIN) {
      assert.equal(await fixture.tryLogin(spelling, 'right'), 'admitted', spelling);
      assert.equal(
        await fixture.store.users.add({ name: spelling, verifier: 'x', rights: USUAL_RIGHTS, lists: [] }),
        false,
        spelling,
      );
    }
  });
});

describe('wrong passwords in parallel', () => {
  it('200 at once under several spellings hash at most 10 times, then all are locked out', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    await fixture.addUser('admin', 'right');
    const before = countHashes();
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, (_, attempt) =>
        fixture.tryLogin(
          SPELLINGS_OF_ADMIN[attempt % SPELLINGS_OF_ADMIN.length] ?? 'admin',
          `wrong ${attempt}`,
        ),
      ),
    );
    assert.equal(countHashes() - before, 10);
    assert.equal(verdicts.filter((verdict) => verdict === 'credentials_invalid').length, 10);
    assert.equal(verdicts.filter((verdict) => verdict === 'locked_out').length, 190);
    assert.equal(await fixture.failuresOf('admin'), 10);
  });

  it('the right one among 200 wrong ones is not admitted once 10 have failed before it', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    await fixture.addUser('admin', 'right');
    const wrong = Array.from({ length: 100 }, (_, attempt) => fixture.tryLogin('admin', `wrong ${attempt}`));
    const right = fixture.tryLogin('admin', 'right');
    await Promise.all(wrong);
    assert.equal(await right, 'locked_out');
  });

  it('of two processes on one store hash at most 10 times in all', async () => {
    const clock = createFakeClock();
    const one = openAuthFixture(clock);
    const other = openAuthFixture(clock, one.path);
    fixtures.push(one, other);
    await one.addUser('admin', 'right');
    const before = countHashes();
    await Promise.all(
      Array.from({ length: 100 }, (_, attempt) =>
        (attempt % 2 === 0 ? one : other).tryLogin('admin', `wrong ${attempt}`),
      ),
    );
    assert.equal(countHashes() - before, 10);
    assert.equal(await one.failuresOf('admin'), 10);
  });

  it('49: of many names are put off as overload before the queue grows without bound', async () => {
    const fixture = openAuthFixture(createFakeClock());
    fixtures.push(fixture);
    const before = countHashes();
    const names = Array.from({ length: 1_200 }, (_, at) => `sprayed-${at}`);
    const verdicts = await Promise.all(names.map((name) => fixture.tryLogin(name, 'wrong')));
    const overloaded = verdicts.filter((verdict) => verdict === 'overloaded').length;
    assert.equal(countHashes() - before, names.length - overloaded);
    assert.ok(overloaded >= 100, `only ${overloaded} were put off`);
  });
});
