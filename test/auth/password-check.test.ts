import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import {
  countHashes,
  createFakeClock,
  openDesk,
  verifierOf,
  type Desk,
  type FakeClock,
} from '../service/test-services.ts';

const desks: Desk[] = [];
after(() => Promise.all(desks.map((desk) => desk.close())));

async function openFilledDesk(clock: FakeClock = createFakeClock()): Promise<Desk> {
  const desk = openDesk(clock);
  desks.push(desk);
  await desk.addUser('crm', 'right');
  return desk;
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
      const desk = await openFilledDesk();
      await desk.addUser('exact', password);
      assert.equal(await desk.tryLogin('exact', password), 'admitted');
      const near = [
        password.trim(),
        `${password} `,
        password.slice(0, -1),
        `${password}\u0000`,
        password.toUpperCase(),
      ];
      for (const other of near.filter((text) => text !== password)) {
        assert.equal(await desk.tryLogin('exact', other), 'credentials_invalid', JSON.stringify(other));
      }
    });
  }

  it('that differs only after its 72nd byte is another one', async () => {
    const desk = await openFilledDesk();
    await desk.addUser('long', `${'a'.repeat(72)}right`);
    assert.equal(await desk.tryLogin('long', `${'a'.repeat(72)}wrong`), 'credentials_invalid');
    assert.equal(await desk.tryLogin('long', 'a'.repeat(72)), 'credentials_invalid');
    assert.equal(await desk.tryLogin('long', `${'a'.repeat(72)}right`), 'admitted');
  });

  it('in another letter case, decomposed or in full width is another one', async () => {
    const desk = await openFilledDesk();
    await desk.addUser('cased', 'Contraseña1');
    for (const other of ['contraseña1', 'CONTRASEÑA1', 'Contrasen\u0303a1', 'Ｃontraseña1']) {
      assert.equal(await desk.tryLogin('cased', other), 'credentials_invalid', other);
    }
  });

  it('is not the stored verifier, nor a part of it, nor empty', async () => {
    const desk = await openFilledDesk();
    const verifier = await verifierOf('right');
    for (const password of [
      verifier,
      verifier.split('$').at(-1) ?? '',
      verifier.split('$').at(-2) ?? '',
      '',
      'null',
      '0',
    ]) {
      assert.equal(await desk.tryLogin('crm', password), 'credentials_invalid', JSON.stringify(password));
    }
  });

  it('does for its own user only', async () => {
    const desk = await openFilledDesk();
    await desk.addUser('other', 'different');
    assert.equal(await desk.tryLogin('crm', 'right'), 'admitted');
    assert.equal(await desk.tryLogin('other', 'right'), 'credentials_invalid');
    assert.equal(await desk.tryLogin('nobody', 'right'), 'credentials_invalid');
  });
});

describe('a remembered login', () => {
  it('needs no second hash within 60 seconds, and a new one after them', async () => {
    const clock = createFakeClock();
    const desk = await openFilledDesk(clock);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 1);
    clock.pass(59_999);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 0);
    clock.pass(1);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 1);
  });

  it('is not made longer by being used', async () => {
    const clock = createFakeClock();
    const desk = await openFilledDesk(clock);
    await desk.tryLogin('crm', 'right');
    for (let second = 0; second < 59; second++) {
      clock.pass(1_000);
      assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 0);
    }
    clock.pass(1_000);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 1);
  });

  it('is timed by the monotonic clock', async () => {
    const clock = createFakeClock();
    const desk = await openFilledDesk(clock);
    await desk.tryLogin('crm', 'right');
    clock.pass(60_000);
    clock.jumpWall(-3_600_000);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 1);
  });

  it('is of the right password alone, and a wrong one does not push it out', async () => {
    const desk = await openFilledDesk();
    await desk.tryLogin('crm', 'right');
    assert.equal(await desk.tryLogin('crm', 'wrong'), 'credentials_invalid');
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'right')), 0);
    assert.equal(await hashesOf(() => desk.tryLogin('crm', 'wrong')), 1);
  });

  it('is worth nothing once the password has changed, whoever changed it', async () => {
    const desk = await openFilledDesk();
    await desk.tryLogin('crm', 'right');
    desk.runSql(`UPDATE users SET verifier = '${await verifierOf('new one')}'`);
    assert.equal(await desk.tryLogin('crm', 'right'), 'credentials_invalid');
    assert.equal(await desk.tryLogin('crm', 'new one'), 'admitted');
  });

  it('is worth nothing once the user is inactive', async () => {
    const desk = await openFilledDesk();
    await desk.tryLogin('crm', 'right');
    desk.store.users.setActive('crm', false);
    assert.equal(await desk.tryLogin('crm', 'right'), 'credentials_invalid');
    desk.store.users.setActive('crm', true);
    assert.equal(await desk.tryLogin('crm', 'right'), 'admitted');
  });

  it('is worth nothing once the user is gone, nor for a new user of the same name', async () => {
    const desk = await openFilledDesk();
    await desk.tryLogin('crm', 'right');
    desk.runSql('DELETE FROM users');
    assert.equal(await desk.tryLogin('crm', 'right'), 'credentials_invalid');
    await desk.addUser('crm', 'of the new one');
    assert.equal(await desk.tryLogin('crm', 'right'), 'credentials_invalid');
  });
});

describe('requests in parallel', () => {
  it('35: 1,000 first ones of a user with the right password are all admitted, with one hash and one write', async () => {
    const desk = await openFilledDesk();
    let counted = 0;
    const { accounts } = desk.store;
    const countFailure = accounts.countFailure.bind(accounts);
    accounts.countFailure = (...parameters) => {
      counted += 1;
      return countFailure(...parameters);
    };
    let verdicts: readonly string[] = [];
    const hashes = await hashesOf(async () => {
      verdicts = await Promise.all(Array.from({ length: 1_000 }, () => desk.tryLogin('crm', 'right')));
    });
    assert.equal(verdicts.length, 1_000);
    assert.deepEqual(new Set(verdicts), new Set(['admitted']));
    assert.equal(hashes, 1);
    assert.equal(counted, 1);
    assert.equal(await desk.failuresOf('crm'), 0);
  });

  it('are judged each by its own password, also those that waited for another', async () => {
    const desk = await openFilledDesk();
    const verdicts = await Promise.all(
      Array.from({ length: 16 }, (_, at) => desk.tryLogin('crm', at % 2 === 0 ? 'right' : `wrong ${at}`)),
    );
    for (const [at, verdict] of verdicts.entries()) {
      assert.equal(verdict, at % 2 === 0 ? 'admitted' : 'credentials_invalid', `request ${at}`);
    }
  });

  it('of a user that was good lately are not put off by a flood of wrong passwords of other names', async () => {
    const clock = createFakeClock();
    const desk = await openFilledDesk(clock);
    await desk.tryLogin('crm', 'right', '192.0.2.7');
    clock.pass(120_000);
    const flood = Array.from({ length: 150 }, (_, at) => desk.tryLogin(`sprayed-${at}`, 'wrong'));
    const hashesBefore = countHashes();
    const known = await desk.tryLogin('crm', 'right', '192.0.2.7');
    assert.equal(known, 'admitted');
    assert.ok(countHashes() - hashesBefore < 20, 'the known good user waited for the flood');
    assert.ok((await Promise.all(flood)).includes('overloaded'));
  });
});

describe('a row that something else has broken', () => {
  it('with a verifier that cannot be read lets nobody in, at the cost and with the answer of a wrong password', async () => {
    const desk = await openFilledDesk();
    for (const verifier of [
      '',
      'right',
      '$2b$10$abcdefghijklmnopqrstuu',
      '$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA',
    ]) {
      desk.runSql(`UPDATE users SET verifier = '${verifier}'`);
      const before = countHashes();
      assert.equal(await desk.tryLogin('crm', 'right'), 'credentials_invalid', JSON.stringify(verifier));
      assert.equal(countHashes() - before, 1, JSON.stringify(verifier));
    }
  });
});
