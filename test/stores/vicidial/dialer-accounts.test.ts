import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { userIdentity } from '../../../src/auth/lockout.ts';
import { HOUR } from '../../service/test-services.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { fillForReader, numberOf, openDialerFixture, type DialerFixture } from './dialer-fixture.ts';

const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'list 100' }],
  leads: [{ lead_id: 10, list_id: 100, phone_number: numberOf(10) }],
  users: [
    { name: 'Admin', password: PASSWORD },
    { name: 'Other', password: 'another secret' },
  ],
};

const LEAD = { leadId: '10' };

describe("a dialer's users", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await fillForReader(server, DESCRIPTION);
    fixture = openDialerFixture(server);
  });
  afterEach(() => fixture.close());

  function run(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    return server.runRootSql(`SET sql_mode = ''; USE asterisk; ${sql}`, values);
  }

  /** How a user fares, by id, by number and with a question that is none: the password comes before the question. */
  async function tryAll(name: string, password: string): Promise<string | number> {
    const outcomes = [
      await fixture.outcome(name, LEAD, password),
      await fixture.outcome(name, { phoneNumber: numberOf(10) }, password),
    ];
    const [first] = outcomes;
    assert.deepEqual(outcomes, [first, first], name);
    const withoutQuery = await fixture.outcome(name, {}, password);
    assert.equal(withoutQuery, first === 10 ? 'parameters_missing' : first, name);
    assert.ok(first !== undefined);
    return first;
  }

  describe('VDAD and VDCL', () => {
    const SPELLINGS = [
      'VDAD',
      'VDCL',
      'vdad',
      'Vdcl',
      'VDAD ',
      'vdcl   ',
      'ＶＤＡＤ',
      'VD\u00c1D',
      'VD\u200bAD',
      'VDAD\0',
    ];

    it('never get in with the well-known password, in any spelling', async () => {
      await run(
        "UPDATE vicidial_users SET user_level = 9, active = 'Y', vdc_agent_api_access = '1' WHERE user LIKE 'VD%'",
      );
      for (const spelling of SPELLINGS) {
        assert.equal(await fixture.outcome(spelling, LEAD, 'donotedit'), 'credentials_invalid', spelling);
      }
      await run("UPDATE vicidial_users SET active = 'N' WHERE user LIKE 'VD%'");
      assert.equal(await fixture.outcome('VDAD', LEAD, 'donotedit'), 'credentials_invalid');
    });

    it('never get in with a password of the operator either, nor where they are written in another way', async () => {
      await run("UPDATE vicidial_users SET pass = ?, user = LOWER(user) WHERE user IN ('VDAD', 'VDCL')", [
        PASSWORD,
      ]);
      assert.equal(await tryAll('VDAD', PASSWORD), 'credentials_invalid');
      await run("UPDATE vicidial_users SET user = 'VD\u00c1D' WHERE user = 'VDAD'");
      assert.equal(await tryAll('VDAD', PASSWORD), 'credentials_invalid');
    });

    it('are no beginning: who is merely called alike gets in', async () => {
      await run("UPDATE vicidial_users SET user = 'VDAD2' WHERE user = 'Admin'");
      assert.equal(await tryAll('vdad2', PASSWORD), 10);
    });
  });

  describe('17, 27: names that log and audit use for others', () => {
    for (const [name, ...spellings] of [
      ['operator', 'Operator', 'OPERATOR ', '\uff4fperator', 'oper\u00e1tor'],
      ['Operator', 'operator'],
      ['token:x', 'TOKEN:X', 'token:x ', 't\u00f3ken:x'],
      ['Token: desk', 'token: desk'],
    ] as const) {
      it(`never get in: ${name}`, async () => {
        await run("UPDATE vicidial_users SET user = ? WHERE user = 'Admin'", [name]);
        for (const spelling of [name, ...spellings]) {
          assert.equal(await fixture.outcome(spelling, LEAD), 'credentials_invalid', spelling);
          assert.equal((await fixture.store.accounts.read(spelling)).account, undefined, spelling);
        }
        for (const { user } of fixture.events) assert.equal(user, undefined);
      });
    }

    it('are none that merely resemble them', async () => {
      for (const name of ['operator1', 'operators', 'token', 'tokenx:']) {
        await run('UPDATE vicidial_users SET user = ? WHERE pass = ?', [name, PASSWORD]);
        assert.equal(await tryAll(name, PASSWORD), 10, name);
      }
    });
  });

  describe('with plain passwords', () => {
    it('have them exactly as stored', async () => {
      for (const pass of [
        'Pass Word',
        ' leading',
        'trailing ',
        'Ñandú-é',
        `quotes ' " \` \\ %`,
        "' OR '1'='1",
        '0',
        'null',
        '\u6f22\u5b57',
        'tab\tnew\nline',
        'x'.repeat(200),
        'a\u0301',
      ]) {
        await run("UPDATE vicidial_users SET pass = ? WHERE user = 'Admin'", [pass]);
        assert.equal(await tryAll('Admin', pass), 10, JSON.stringify(pass));
        fixture.clock.pass(HOUR);
        const others = [
          pass.toUpperCase(),
          pass.toLowerCase(),
          `${pass} `,
          pass.trimEnd(),
          ` ${pass}`,
          pass.slice(1),
          pass.slice(0, -1),
          `${pass}\0`,
          pass.normalize('NFD'),
          pass.normalize('NFC'),
          pass.normalize('NFD').replace(/\p{M}/gu, ''),
        ];
        for (const other of new Set(others)) {
          if (other === pass) continue;
          fixture.clock.pass(HOUR);
          const outcome = await fixture.outcome('Admin', LEAD, other);
          assert.equal(
            outcome,
            'credentials_invalid',
            `${JSON.stringify(other)} for ${JSON.stringify(pass)}`,
          );
        }
      }
    });

    it('have none when the stored one is empty', async () => {
      await run("UPDATE vicidial_users SET pass = '' WHERE user = 'Admin'");
      for (const sent of ['', ' ', '\0', PASSWORD]) {
        assert.equal(await fixture.outcome('Admin', LEAD, sent), 'credentials_invalid', JSON.stringify(sent));
      }
      await run('ALTER TABLE vicidial_users MODIFY pass varchar(100) NULL');
      await run("UPDATE vicidial_users SET pass = NULL WHERE user = 'Admin'");
      for (const sent of ['', 'NULL', 'null']) {
        fixture.clock.pass(HOUR);
        assert.equal(await tryAll('Admin', sent), 'credentials_invalid', sent);
      }
    });

    it("are not let in with somebody else's, nor with what stands in another column", async () => {
      await run(
        "UPDATE vicidial_users SET pass_hash = 'planted hash', full_name = 'Ad Min' WHERE user = 'Admin'",
      );
      for (const sent of ['another secret', 'planted hash', 'Ad Min', 'Admin', 'donotedit', '1', 'Y']) {
        assert.equal(await fixture.outcome('Admin', LEAD, sent), 'credentials_invalid', sent);
      }
      assert.equal(await tryAll('Admin', PASSWORD), 10);
      assert.equal(await tryAll('Other', PASSWORD), 'credentials_invalid');
    });
  });

  describe('with hashed passwords', () => {
    const KEY = '1234567890123456';
    /** What the dialer's own program makes of Passw0rd, and GOautodial's at a higher cost (dialer-passwords.test.ts). */
    const BY_PERL = { cost: 2, hash: '45uS0Lqtzl4WEjFcaKdc6Xg5tpFGrOK' };
    const BY_PHP = { cost: 4, hash: 'pxbQewMhn2o1ayBtJ/3W/g7ImQeykLa' };

    /** Other users keep a plain password and have no hash. */
    async function hash({ cost, hash: ofAdmin }: typeof BY_PERL, key = KEY): Promise<void> {
      await run("UPDATE system_settings SET pass_hash_enabled = '1', pass_key = ?, pass_cost = ?", [
        key,
        cost,
      ]);
      await run("UPDATE vicidial_users SET pass_hash = ? WHERE user = 'Admin'", [ofAdmin]);
      await fixture.close();
      fixture = openDialerFixture(server);
    }

    for (const [maker, made] of Object.entries({ "the dialer's": BY_PERL, "GOautodial's": BY_PHP })) {
      it(`are let in with the one behind ${maker} hash and with nothing else`, async () => {
        await hash(made);
        assert.equal(await tryAll('Admin', 'Passw0rd'), 10);
        for (const sent of [
          'passw0rd',
          'Passw0rd ',
          PASSWORD,
          made.hash,
          `$2a$0${made.cost}$${made.hash}`,
          KEY,
        ]) {
          assert.equal(await fixture.outcome('Admin', LEAD, sent), 'credentials_invalid', sent);
        }
      });
    }

    it('have none where there is no hash, plain password or not', async () => {
      await hash(BY_PERL);
      for (const sent of ['another secret', '', 'Passw0rd', BY_PERL.hash]) {
        fixture.clock.pass(HOUR);
        assert.equal(await tryAll('Other', sent), 'credentials_invalid', sent);
      }
    });

    it('are refused once the hash is another, whatever was cached', async () => {
      await hash(BY_PERL);
      assert.equal(await tryAll('Admin', 'Passw0rd'), 10);
      await run(
        "UPDATE vicidial_users SET pass_hash = 'k43yv4dhDXlTtk0YHr7ItJDdFlA8B4m' WHERE user = 'Admin'",
      );
      assert.equal(await tryAll('Admin', 'Passw0rd'), 'credentials_invalid');
      assert.equal(await tryAll('Admin', `a b'c"d\\e`), 10);
    });

    it('have none where the key is no key', async () => {
      await hash(BY_PERL, '');
      assert.equal(await tryAll('Admin', 'Passw0rd'), 'credentials_invalid');
      assert.equal(await tryAll('Admin', PASSWORD), 'credentials_invalid');
    });

    it('need no column of plain passwords', async () => {
      await hash(BY_PERL);
      await run('ALTER TABLE vicidial_users DROP COLUMN pass');
      assert.equal(await tryAll('Admin', 'Passw0rd'), 10);
    });
  });

  describe('under a name in another spelling', () => {
    /** The dialer's collation takes these for one name. */
    const SAME = [
      'Admin',
      'admin',
      'ADMIN',
      'admin   ',
      'ａｄｍｉｎ',
      'ＡＤＭＩＮ',
      '\u00e1dmin',
      'a\u0301dmin',
      'admin\0',
      'ad\u200bmin',
    ];
    /** Names that no column can hold, but whose counter must be that of the user whom they resemble. */
    const ALIKE = ['\ud800admin', 'admin\udfff', '\u{1d41a}dmin'];
    /** Nobody's. */
    const OTHERS = [
      '',
      ' ',
      ' admin',
      'admin2',
      'admi',
      'ad min',
      '%',
      'admin%',
      '_dmin',
      "admin'--",
      "' OR 1=1 -- ",
      'admin\u{1f511}',
      '\u{1f511}',
      '\u0430dmin',
      'x'.repeat(1_000),
      '\u00e1'.repeat(1_000),
      '\u{1f511}'.repeat(500),
      'admin'.padEnd(1_000, 'n'),
      'undefined',
      'NULL',
      '0',
    ];

    it('the user gets in, with the same counter', async () => {
      for (const name of SAME) assert.equal(await tryAll(name, PASSWORD), 10, JSON.stringify(name));
      for (const name of SAME)
        assert.equal(await fixture.outcome(name, LEAD, 'wrong'), 'credentials_invalid', name);
      assert.equal(SAME.length, 10);
      for (const name of [...SAME, ...ALIKE]) {
        assert.equal(await tryAll(name, PASSWORD), 'locked_out', JSON.stringify(name));
      }
      assert.equal(await tryAll('Other', 'another secret'), 10);
    });

    it('5, 6, 11, 22: that the collation takes for the user and we do not is nobody, with a counter of its own', async () => {
      await run("UPDATE vicidial_users SET user = 'w1' WHERE user = 'Admin'");
      // Every character of the plane that the collation takes for one of the name's, or for none.
      const equated = (await server.runRootSql(`SELECT code, letter FROM
        (SELECT seq AS code, CONVERT(UNHEX(LPAD(HEX(seq), 4, '0')) USING ucs2) AS c FROM asterisk.seq_1_to_65535 WHERE seq NOT BETWEEN 55296 AND 57343) s
        JOIN (SELECT 'w' AS letter UNION SELECT '1') l
        WHERE CONVERT(c USING utf8mb3) COLLATE utf8mb3_unicode_ci = CONVERT(letter USING utf8mb3) COLLATE utf8mb3_unicode_ci`)) as {
        code: number | bigint;
        letter: string;
      }[];
      const names = equated.map(({ code, letter }) =>
        'w1'.replace(letter, String.fromCodePoint(Number(code))),
      );
      const others = names.filter((name) => userIdentity(name) !== 'w1');
      assert.ok(names.includes('ｗ1') && others.includes('w\u0661') && others.length > 10, others.join(' '));
      for (const name of names) {
        const { account, identity } = await fixture.store.accounts.read(name);
        assert.equal(account?.name, others.includes(name) ? undefined : 'w1', name);
        assert.equal(identity, userIdentity(name));
      }
      assert.equal(await tryAll('w\u0661', PASSWORD), 'credentials_invalid');
      assert.equal(await tryAll('\uff57\uff11', PASSWORD), 10);
      for (const { user } of fixture.events.filter(({ result }) => result === 'credentials_invalid'))
        assert.equal(user, undefined);
      for (let attempt = 0; attempt < 10; attempt += 1) await fixture.outcome('w\u0661', LEAD, 'wrong');
      assert.equal(await tryAll('w\u0661', PASSWORD), 'locked_out');
      assert.equal(await tryAll('w1', PASSWORD), 10);
    });

    it('that the column cannot hold nobody gets in, with the counter of the user', async () => {
      for (let attempt = 0; attempt < 10; attempt += 1) {
        const name = ALIKE[attempt % ALIKE.length] ?? '';
        assert.equal(await fixture.outcome(name, LEAD), 'credentials_invalid', JSON.stringify(name));
      }
      assert.equal(await tryAll('admin', PASSWORD), 'locked_out');
    });

    it('nobody else gets in, and each is refused with the same words', async () => {
      for (const name of OTHERS) {
        assert.equal(await tryAll(name, PASSWORD), 'credentials_invalid', JSON.stringify(name.slice(0, 20)));
      }
      for (const event of fixture.events) assert.equal(event.user, undefined);
    });

    it('nobody else is locked with the user, but by a counter of the own', async () => {
      for (const name of OTHERS) {
        for (let attempt = 0; attempt < 10; attempt += 1) await fixture.outcome(name, LEAD, 'wrong');
        assert.equal(await fixture.outcome(name, LEAD), 'locked_out', JSON.stringify(name.slice(0, 20)));
      }
      assert.equal(await tryAll('admin', PASSWORD), 10);
    });

    it('the event says the name that the dialer has, never the one that was sent', async () => {
      await fixture.outcome('ａｄｍｉｎ', LEAD);
      await fixture.outcome('ADMIN ', LEAD, 'wrong');
      assert.deepEqual(
        fixture.events.map(({ user }) => user),
        ['Admin', 'Admin'],
      );
    });
  });
});
