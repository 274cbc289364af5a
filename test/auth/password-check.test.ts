import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import {
  countHashes,
  createFakeClock,
  openAuthFixture,
  verifierOf,
  type AuthFixture,
  type FakeClock,
} from '../service/test-services.ts';

const fixtures: AuthFixture[] = [];
after(() => Promise.all(fixtures.map((fixture) => fixture.close())));

async function openFilledFixture(clock: FakeClock = createFakeClock()): Promise<AuthFixture> {
  const fixture = openAuthFixture(clock);
  fixtures.push(fixture);
  await fixture.addUser('crm', 'right');
  return fixture;
}

async function hashesOf(work: () => Promise<unknown>): Promise<number> {
  const before = countHashes();
  await work();
  return countHashes() - before;
}

describe('a password', () => {
  const passwords: readonly string[] = [
    'with two  spaces',
    ' leading and trailing ',
    `quotes ' " \` and \\ backslash \\\\`,
    "'; DROP TABLE users; --",
    'ñandú €uro 日本語 😀',
    'NUL \u0000 inside',
    'line\nfeed\ttab\u001b[31m',
    '%25+%20&=#?',
    '00000000',
    'x'.repeat(200),
    '漢'.repeat(100),
  ];
  for (const password of passwords) {
    it(`${JSON.stringify(password).slice(0, 40)} is taken as it is and no other way`, async () => {
      const fixture = await openFilledFixture();
      await fixture.addUser('exact', password);
      assert.equal(await fixture.tryLogin('exact', password), 'admitted');
      const near = [
        password.trim(),
        `${password} `,
        password.slice(0, -1),
        `${password}\u0000`,
        password.toUpperCase(),
      ];
      for (const other of near.filter((text) => text !== password)) {
        assert.equal(await fixture.tryLogin('exact', other), 'credentials_invalid', JSON.stringify(other));
      }
    });
  }

  it('that differs only after its 72nd byte is another one', async () => {
    const fixture = await openFilledFixture();
    await fixture.addUser('long', `${'a'.repeat(72)}right`);
    assert.equal(await fixture.tryLogin('long', `${'a'.repeat(72)}wrong`), 'credentials_invalid');
    assert.equal(await fixture.tryLogin('long', 'a'.repeat(72)), 'credentials_invalid');
    assert.equal(await fixture.tryLogin('long', `${'a'.repeat(72)}right`), 'admitted');
  });

  it('in another letter case, decomposed or in full width is another one', async () => {
    const fixture = await openFilledFixture();
    await fixture.addUser('cased', 'Contraseña1');
    for (const other of ['contraseña1', 'CONTRASEÑA1', 'Contrasen\u0303a1', 'Ｃontraseña1']) {
      assert.equal(await fixture.tryLogin('cased', other), 'credentials_invalid', other);
    }
  });

  it('is not the stored verifier, nor a part of it, nor empty', async () => {
    const fixture = await openFilledFixture();
    const verifier = await verifierOf('right');
    for (const password of [
      verifier,
      verifier.split('$').at(-1) ?? '',
      verifier.split('$').at(-2) ?? '',
      '',
      'null',
      '0',
    ]) {
      assert.equal(await fixture.tryLogin('crm', password), 'credentials_invalid', JSON.stringify(password));
    }
  });

  it('does for its own user only', async () => {
    const fixture = await openFilledFixture();
    await fixture.addUser('other', 'different');
    assert.equal(await fixture.tryLogin('crm', 'right'), 'admitted');
    assert.equal(await fixture.tryLogin('other', 'right'), 'credentials_invalid');
    assert.equal(await fixture.tryLogin('nobody', 'right'), 'credentials_invalid');
  });
});

describe('a remembered login', () => {
  it('needs no second hash within 60 seconds, and a new one after them', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 1);
    clock.pass(59_999);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 0);
    clock.pass(1);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 1);
  });

  it('is not made longer by being used', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.tryLogin('crm', 'right');
    for (let second = 0; second < 59; second++) {
      clock.pass(1_000);
      assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 0);
    }
    clock.pass(1_000);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 1);
  });

  it('is timed by the monotonic clock', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.tryLogin('crm', 'right');
    clock.pass(60_000);
    clock.jumpWall(-3_600_000);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 1);
  });

  it('is of the right password alone, and a wrong one does not push it out', async () => {
    const fixture = await openFilledFixture();
    await fixture.tryLogin('crm', 'right');
    assert.equal(await fixture.tryLogin('crm', 'wrong'), 'credentials_invalid');
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'right')), 0);
    assert.equal(await hashesOf(() => fixture.tryLogin('crm', 'wrong')), 1);
  });

  it('is worth nothing once the password has changed, whoever changed it', async () => {
    const fixture = await openFilledFixture();
    await fixture.tryLogin('crm', 'right');
    fixture.runSql(`UPDATE users SET verifier = '${await verifierOf('new one')}'`);
    assert.equal(await fixture.tryLogin('crm', 'right'), 'credentials_invalid');
    assert.equal(await fixture.tryLogin('crm', 'new one'), 'admitted');
  });

  it('is worth nothing once the user is inactive', async () => {
    const fixture = await openFilledFixture();
    await fixture.tryLogin('crm', 'right');
    await fixture.store.users.setActive('crm', false);
    assert.equal(await fixture.tryLogin('crm', 'right'), 'credentials_invalid');
    await fixture.store.users.setActive('crm', true);
    assert.equal(await fixture.tryLogin('crm', 'right'), 'admitted');
  });

  it('is worth nothing once the user is gone, nor for a new user of the same name', async () => {
    const fixture = await openFilledFixture();
    await fixture.tryLogin('crm', 'right');
    fixture.runSql('DELETE FROM users');
    assert.equal(await fixture.tryLogin('crm', 'right'), 'credentials_invalid');
    await fixture.addUser('crm', 'of the new one');
    assert.equal(await fixture.tryLogin('crm', 'right'), 'credentials_invalid');
  });
});

describe('requests in parallel', () => {
  it('35: 1,000 first ones of a user with the right password are all admitted, with one hash and one write', async () => {
    const fixture = await openFilledFixture();
    let counted = 0;
    const { accounts } = fixture.store;
    const countFailure = accounts.countFailure.bind(accounts);
    accounts.countFailure = (...parameters) => {
      counted += 1;
      return countFailure(...parameters);
    };
    let verdicts: readonly string[] = [];
    const hashes = await hashesOf(async () => {
      verdicts = await Promise.all(Array.from({ length: 1_000 }, () => fixture.tryLogin('crm', 'right')));
    });
    assert.equal(verdicts.length, 1_000);
    assert.deepEqual(new Set(verdicts), new Set(['admitted']));
    assert.equal(hashes, 1);
    assert.equal(counted, 1);
    assert.equal(await fixture.failuresOf('crm'), 0);
  });

  it('are judged each by its own password, also those that waited for another', async () => {
    const fixture = await openFilledFixture();
    const verdicts = await Promise.all(
      Array.from({ length: 16 }, (_, at) => fixture.tryLogin('crm', at % 2 === 0 ? 'right' : `wrong ${at}`)),
    );
    for (const [at, verdict] of verdicts.entries()) {
      assert.equal(verdict, at % 2 === 0 ? 'admitted' : 'credentials_invalid', `request ${at}`);
    }
  });

  it('of a user that was good lately are not put off by a flood of wrong passwords of other names', async () => {
    const clock = createFakeClock();
    const fixture = await openFilledFixture(clock);
    await fixture.tryLogin('crm', 'right', '192.0.2.7');
    clock.pass(120_000);
    const flood = Array.from({ length: 150 }, (_, at) => fixture.tryLogin(`sprayed-${at}`, 'wrong'));
    const hashesBefore = countHashes();
    const known = await fixture.tryLogin('crm', 'right', '192.0.2.7');
    assert.equal(known, 'admitted');
    assert.ok(countHashes() - hashesBefore < 20, 'the known good user waited for the flood');
    const possible = new Set(['credentials_invalid', 'overloaded']);
    assert.deepEqual(
      (await Promise.all(flood)).filter((verdict) => !possible.has(verdict)),
      [],
    );
  });
});

describe('a row that something else has broken', () => {
  it('with a verifier that cannot be read lets nobody in, at the cost and with the answer of a wrong password', async () => {
    const fixture = await openFilledFixture();
    for (const verifier of [
      '',
      'right',
      '$2b$10$abcdefghijklmnopqrstuu',
      '$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA',
    ]) {
      fixture.runSql(`UPDATE users SET verifier = '${verifier}'`);
      const before = countHashes();
      assert.equal(await fixture.tryLogin('crm', 'right'), 'credentials_invalid', JSON.stringify(verifier));
      assert.equal(countHashes() - before, 1, JSON.stringify(verifier));
    }
  });
});
