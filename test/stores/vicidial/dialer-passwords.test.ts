import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';

import { StoreFailure } from '../../../src/core/lead-store.ts';
import { createBcrypt, type Bcrypt } from '../../../src/stores/vicidial/bcrypt.ts';
import {
  createDialerPasswords,
  hashedVerifier,
  plainVerifier,
} from '../../../src/stores/vicidial/account-store.ts';
import type { HashedForm } from '../../../src/stores/vicidial/schema.ts';

const KEY = '1234567890123456';
const STOCK: HashedForm = { key: KEY, cost: 2 };

/** A bcrypt that notes what it was asked for: the cost of each hash. */
function createCountingBcrypt(): Bcrypt & { takeCosts(): readonly number[] } {
  const bcrypt = createBcrypt();
  let costs: number[] = [];
  return {
    digest(password, salt, cost) {
      costs.push(cost);
      return bcrypt.digest(password, salt, cost);
    },
    close: () => bcrypt.close(),
    takeCosts() {
      const taken = costs;
      costs = [];
      return taken;
    },
  };
}

const bcrypt = createCountingBcrypt();
after(() => bcrypt.close());

describe("a dialer's plain password", () => {
  const passwords = createDialerPasswords(() => 'plain', bcrypt);

  it('fits itself', async () => {
    for (const pass of ['Passw0rd', ` a b'c"d\\e `, 'Gr\u00fc\u00dfe', '\u{1f511}\u5bc6', 'x'.repeat(100)]) {
      assert.equal(await passwords.verify(pass, plainVerifier(pass)), true, pass);
    }
  });

  it('fits nothing else: no other letter case, space, quote, cut or form of Unicode', async () => {
    for (const [pass, sent] of [
      ['Passw0rd', 'passw0rd'],
      ['Passw0rd', 'Passw0rd '],
      ['Passw0rd', ' Passw0rd'],
      ['Passw0rd', 'Passw0r'],
      ['Passw0rd', 'Passw0rd\0'],
      ["a'b", "a\\'b"],
      ['a\\b', 'a\\\\b'],
      ['Gr\u00fc\u00dfe', 'Gru\u0308\u00dfe'],
      ['Gr\u00fc\u00dfe', 'Gru\u00dfe'],
      ['\ufffd', '\ud800'],
      ['x'.repeat(100), 'x'.repeat(99)],
      ['0', '00'],
    ] as const) {
      assert.equal(await passwords.verify(sent, plainVerifier(pass)), false, sent);
    }
  });

  it('is none when it is empty', async () => {
    assert.equal(await passwords.verify('', plainVerifier('')), false);
    assert.equal(await passwords.verify('x', plainVerifier('')), false);
    assert.equal(await passwords.verify('', plainVerifier('x')), false);
  });

  it('is not the text that is kept for it', async () => {
    const verifier = plainVerifier('Passw0rd');
    assert.equal(await passwords.verify(verifier, verifier), false);
  });

  it('fits no unknown user, not even an empty one', async () => {
    for (const sent of ['', 'Passw0rd', 'undefined'])
      assert.equal(await passwords.verify(sent, undefined), false);
  });

  it('needs no hash', async () => {
    bcrypt.takeCosts();
    await passwords.verify('Passw0rd', plainVerifier('Passw0rd'));
    await passwords.verify('Passw0rd', undefined);
    assert.deepEqual(bcrypt.takeCosts(), []);
  });
});

/** What the dialer's own program makes with KEY at cost 2. */
const BY_PERL: Readonly<Record<string, string>> = {
  Passw0rd: '45uS0Lqtzl4WEjFcaKdc6Xg5tpFGrOK',
  [`a b'c"d\\e`]: 'k43yv4dhDXlTtk0YHr7ItJDdFlA8B4m',
  'Gr\u00fc\u00dfe': 'wswt0pegMXExCq/YHQatFa8FJLHF6lC',
  'Gru\u0308\u00dfe': 'epOWQoan/F7ZodDJzvcQ5wSkJj/MLTC',
  '\u{1f511}\u5bc6': 'gItfGqMCxv9Ao8OX5g94x2nLXkfwRBa',
  ['x'.repeat(71)]: 'IhlMmDmHyU1uH7gyfxSKZOHPsWsLBNq',
  ['x'.repeat(72)]: 'a00Vl.tInQAe818VelJwCi4Lj5D4DBe',
};
const EMPTY_BY_PERL = 'MUc4fELekbjQTlQkKspqjvB8nq4CB3S';

/** The last 31 characters of PHP's crypt() with the salt that password_hash of PHP 7 makes of base64(key). */
const BY_PHP: readonly { key: string; cost: number; password: string; hash: string }[] = [
  { key: KEY, cost: 10, password: 'Passw0rd', hash: 'yoIyMyxgWx9VbKKDCv/jlEMXYwoxOyC' },
  { key: KEY, cost: 10, password: 'Gr\u00fc\u00dfe', hash: '1dQQo25zl2mscjWNZK2/fQWr4vc2I/O' },
  { key: KEY, cost: 4, password: 'Passw0rd', hash: 'pxbQewMhn2o1ayBtJ/3W/g7ImQeykLa' },
  { key: 'abcdefghijklmnop', cost: 4, password: 'Passw0rd', hash: 'wHkfXHmLjwDBmHscCuYvPcfVknkdEby' },
  { key: '~~~???>>>~~~?>?>', cost: 4, password: 'Gr\u00fc\u00dfe', hash: 'GitiNf/3nqtI9jSev.uLjXPJCtobsfu' },
];

function stock(hash: string, form: { key?: string; cost?: number } = {}): string {
  return hashedVerifier({ ...STOCK, ...form, hash });
}

const PASSW0RD = stock(BY_PERL.Passw0rd ?? '');

describe("a dialer's hashed password", () => {
  const passwords = createDialerPasswords(() => STOCK, bcrypt);

  it('fits when the dialer made the hash, and then no other password does', async () => {
    for (const [password, hash] of Object.entries(BY_PERL)) {
      for (const sent of Object.keys(BY_PERL)) {
        assert.equal(await passwords.verify(sent, stock(hash)), sent === password, `${sent} for ${password}`);
      }
    }
  });

  for (const { key, cost, password, hash } of BY_PHP) {
    it(`fits when GOautodial made the hash of ${password} with ${key} at cost ${cost}`, async () => {
      const verifier = hashedVerifier({ key, cost, hash });
      assert.equal(await passwords.verify(password, verifier), true);
      assert.equal(await passwords.verify(`${password} `, verifier), false);
      assert.equal(await passwords.verify(password.toLowerCase(), verifier), false);
      assert.equal(
        await passwords.verify(password, hashedVerifier({ key: 'another key, 16.', cost, hash })),
        false,
      );
      assert.equal(await passwords.verify(password, hashedVerifier({ key, cost: cost - 1, hash })), false);
    });
  }

  it('fits nothing else: no other letter case, space or form of Unicode', async () => {
    for (const sent of ['passw0rd', 'PASSW0RD', 'Passw0rd ', ' Passw0rd', 'Passw0r', '\uff30assw0rd']) {
      assert.equal(await passwords.verify(sent, PASSW0RD), false, sent);
    }
  });

  it('is not what bcrypt takes for the same: the password twice with a NUL between', async () => {
    for (const sent of ['Passw0rd\0', 'Passw0rd\0Passw0rd']) {
      assert.equal(await passwords.verify(sent, PASSW0RD), false, sent);
    }
  });

  it('is refused beyond 72 bytes, where bcrypt sees no more', async () => {
    const hash = BY_PERL['x'.repeat(72)] ?? '';
    assert.equal(await passwords.verify('x'.repeat(72), stock(hash)), true);
    assert.equal(await passwords.verify('x'.repeat(73), stock(hash)), false);
    assert.equal(await passwords.verify('x'.repeat(200), stock(hash)), false);
    // 72 characters, 144 bytes.
    assert.equal(
      await passwords.verify('\u00fc'.repeat(72), stock('TWNj9iS0gY4jlje9/0DGhFQtM/ojbhq')),
      false,
    );
    assert.equal(await passwords.verify('\u00fc'.repeat(36), stock('TWNj9iS0gY4jlje9/0DGhFQtM/ojbhq')), true);
  });

  it('is not the stored hash, nor the text that is kept for it', async () => {
    const hash = BY_PERL.Passw0rd ?? '';
    for (const sent of [hash, `$2a$02$${hash}`, PASSW0RD]) {
      assert.equal(await passwords.verify(sent, PASSW0RD), false, sent);
    }
  });

  it('is none when it is empty, hash or no hash', async () => {
    assert.equal(await passwords.verify('', stock(EMPTY_BY_PERL)), false);
    assert.equal(await passwords.verify('', stock('')), false);
    assert.equal(await passwords.verify('Passw0rd', stock('')), false);
  });

  it('is not compared in any letter case, nor in part', async () => {
    const hash = BY_PERL.Passw0rd ?? '';
    for (const other of [hash.toLowerCase(), hash.slice(0, 30), `${hash} `, `${hash}${hash}`]) {
      assert.equal(await passwords.verify('Passw0rd', stock(other)), false, other);
    }
  });

  it('fits nobody where the key has not 16 bytes, or the cost is none or would block for long', async () => {
    const hash = BY_PERL.Passw0rd ?? '';
    for (const key of ['', KEY.slice(1), `${KEY}7`, '\u00fc23456789012345\u00fc']) {
      assert.equal(await passwords.verify('Passw0rd', stock(hash, { key })), false, key);
    }
    for (const cost of [-1, 2.5, 17, 31, 32, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(await passwords.verify('Passw0rd', stock(hash, { cost })), false, `${cost}`);
    }
  });

  it('fits no unknown user', async () => {
    for (const sent of ['', 'Passw0rd']) assert.equal(await passwords.verify(sent, undefined), false);
  });

  it('cannot be read from any other text', async () => {
    for (const text of [
      '',
      'Passw0rd',
      '{}',
      'null',
      '[]',
      '["plain"]',
      '["plain",5]',
      `["hashed","${BY_PERL.Passw0rd}"]`,
      `["hashed","${BY_PERL.Passw0rd}","${KEY}"]`,
      `["hashed","${BY_PERL.Passw0rd}","${KEY}","2"]`,
    ]) {
      assert.equal(await passwords.verify('Passw0rd', text), false, text);
    }
  });
});

describe('the work of a check', () => {
  const passwords = createDialerPasswords(() => STOCK, bcrypt);
  const hash = BY_PERL.Passw0rd ?? '';

  async function costsOf(password: string, verifier: string | undefined): Promise<readonly number[]> {
    bcrypt.takeCosts();
    await passwords.verify(password, verifier);
    return bcrypt.takeCosts();
  }

  it('is two hashes of the same cost, whoever asks and whatever is wrong', async () => {
    for (const [what, password, verifier] of [
      ['right', 'Passw0rd', PASSW0RD],
      ['wrong', 'passw0rd', PASSW0RD],
      ['empty', '', PASSW0RD],
      ['73 bytes', 'x'.repeat(73), PASSW0RD],
      ['with NUL', 'a\0b', PASSW0RD],
      ['no hash', 'Passw0rd', stock('')],
      ['unknown user', 'Passw0rd', undefined],
      ['unreadable', 'Passw0rd', 'Passw0rd'],
      ['a short key', 'Passw0rd', stock(hash, { key: 'short' })],
    ] as const) {
      assert.deepEqual(await costsOf(password, verifier), [2, 2], what);
    }
  });

  it("follows the dialer's cost, for unknown users too", async () => {
    const costly = createDialerPasswords(() => ({ key: KEY, cost: 6 }), bcrypt);
    bcrypt.takeCosts();
    await costly.verify('Passw0rd', undefined);
    await costly.verify('Passw0rd', stock(hash, { cost: 6 }));
    assert.deepEqual(bcrypt.takeCosts(), [6, 6, 6, 6]);
  });

  it('is as small for known as for unknown users where the cost is unusable', async () => {
    const unusable = { key: KEY, cost: 31 };
    const stuck = createDialerPasswords(() => unusable, bcrypt);
    bcrypt.takeCosts();
    assert.equal(await stuck.verify('Passw0rd', undefined), false);
    assert.equal(await stuck.verify('Passw0rd', stock(hash, unusable)), false);
    assert.deepEqual(bcrypt.takeCosts(), [2, 2, 2, 2]);
  });
});

describe("an account's verifier", () => {
  it('differs wherever the row or the form differs, and holds no NUL', () => {
    const verifiers = [
      plainVerifier(''),
      plainVerifier('a'),
      plainVerifier('A'),
      plainVerifier('a '),
      plainVerifier('a\0b'),
      plainVerifier('a\\u0000b'),
      plainVerifier('a","b'),
      plainVerifier('hash'),
      hashedVerifier({ hash: 'hash', key: 'key', cost: 2 }),
      hashedVerifier({ hash: 'hash', key: 'key', cost: 3 }),
      hashedVerifier({ hash: 'hashk', key: 'ey', cost: 2 }),
      hashedVerifier({ hash: 'hash","key', key: '', cost: 2 }),
      hashedVerifier({ hash: '', key: 'key', cost: 2 }),
    ];
    assert.equal(new Set(verifiers).size, verifiers.length);
    for (const verifier of verifiers) assert.ok(!verifier.includes('\0'), verifier);
  });
});

describe("a dialer's passwords, when the thread dies", () => {
  it('fail as a store that does not answer, and work again', { timeout: 20_000 }, async () => {
    const passwords = createDialerPasswords(() => ({ key: KEY, cost: 16 }));
    const started = once(process, 'worker') as Promise<[Worker]>;
    const failed = assert.rejects(passwords.verify('Passw0rd', undefined), StoreFailure);
    const [thread] = await started;
    await thread.terminate();
    await failed;
    assert.equal(await passwords.verify('Passw0rd', PASSW0RD), true);
    await passwords.close();
    await assert.rejects(passwords.verify('Passw0rd', PASSW0RD), StoreFailure);
  });
});
