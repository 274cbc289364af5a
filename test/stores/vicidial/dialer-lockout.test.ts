import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { MINUTE } from '../../service/test-services.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { createCountingUser } from '../../support/dialer-accounts.ts';
import { until } from '../../support/until.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { fillForReader, numberOf, openDialerFixture, READER, type DialerFixture } from './dialer-fixture.ts';

const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'list 100' }],
  leads: [{ lead_id: 10, list_id: 100, phone_number: numberOf(10) }],
  users: ['Admin', 'Other'].map((name) => ({ name, password: PASSWORD })),
};

const LEAD = { leadId: '10' };

describe("failed logins of a dialer's users", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  afterEach(() => fixture.close());

  function run(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    return server.runRootSql(sql, values);
  }

  async function rows<Row>(sql: string): Promise<readonly Row[]> {
    return (await run(sql)) as readonly Row[];
  }

  async function fail(name: string, times: number): Promise<readonly (string | number)[]> {
    const outcomes: (string | number)[] = [];
    for (let attempt = 1; attempt <= times; attempt += 1) {
      outcomes.push(await fixture.outcome(name, LEAD, `wrong ${attempt}`));
    }
    return outcomes;
  }

  /** Statements that write, by everybody and since the server's start. */
  async function writes(): Promise<number> {
    const counters = await rows<{ Value: string }>(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_update', 'Com_insert', 'Com_replace', 'Com_delete', 'Com_update_multi')",
    );
    assert.equal(counters.length, 5);
    return counters.reduce((sum, { Value }) => sum + Number(Value), 0);
  }

  interface Counted {
    readonly count: number;
    readonly age: number;
  }

  /** What the dialer has counted, and how many seconds ago. */
  async function countedFor(user = 'Admin'): Promise<Counted> {
    const [counted] = await rows<{ count: number; age: number | bigint }>(
      `SELECT failed_login_count AS count, CAST(TIMESTAMPDIFF(SECOND, last_login_date, NOW()) AS INT) AS age
        FROM asterisk.vicidial_users WHERE user = '${user}'`,
    );
    assert.ok(counted !== undefined);
    return { ...counted, age: Number(counted.age) };
  }

  /** Waits until the dialer has counted so many: no answer waits for that. */
  function isCounted(count: number, user = 'Admin'): Promise<void> {
    return until(`${count} counted for ${user}`, async () => (await countedFor(user)).count === count);
  }

  /** The dialer's clock goes on: its rows are so much older. */
  function dialerPasses(minutes: number): Promise<unknown> {
    return run(
      `UPDATE asterisk.vicidial_users SET last_login_date = last_login_date - INTERVAL ${minutes} MINUTE`,
    );
  }

  const TEN_INVALID = Array<string>(10).fill('credentials_invalid');

  describe('with an account that may only read', () => {
    beforeEach(async () => {
      await fillForReader(server, DESCRIPTION);
      fixture = openDialerFixture(server);
    });

    it('10 lock, also against the right password, and open 15 minutes after the last one', async () => {
      assert.deepEqual(await fail('Admin', 10), TEN_INVALID);
      assert.equal(await fixture.outcome('ADMIN ', LEAD), 'locked_out');
      assert.equal(await fixture.outcome('Admin', { phoneNumber: numberOf(10) }), 'locked_out');
      assert.equal(await fixture.outcome('Other', LEAD), 10);
      assert.equal(fixture.checks(), 11);
      fixture.clock.pass(15 * MINUTE - 1);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      fixture.clock.pass(1);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it('9 do not lock, and a success forgets them', async () => {
      await fail('Admin', 9);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
      assert.deepEqual(await fail('Admin', 10), TEN_INVALID);
    });

    it('are still counted in another process', async () => {
      await fail('Admin', 10);
      await fail('nobody', 10);
      const { config, clock } = fixture;
      await fixture.close();
      fixture = openDialerFixture(server, { stateFile: config.stateFile }, { clock });
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      assert.equal(await fixture.outcome('nobody', LEAD), 'locked_out');
      assert.equal(await fixture.outcome('Other', LEAD), 10);
      clock.pass(15 * MINUTE);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it('of names that the dialer does not have are counted as those of its users', async () => {
      assert.deepEqual(await fail('nobody', 10), TEN_INVALID);
      assert.equal(await fixture.outcome('Nobody', LEAD), 'locked_out');
    });

    it('write nothing to the dialer, and neither does a success', async () => {
      const users = 'SELECT * FROM asterisk.vicidial_users ORDER BY user_id';
      const [before, written] = [await rows(users), await writes()];
      await fixture.outcome('Other', LEAD);
      await fail('Admin', 12);
      await fail('nobody', 12);
      assert.deepEqual(await rows(users), before);
      assert.equal(await writes(), written);
      assert.deepEqual(fixture.logged, []);
    });

    it("lock here when the dialer's own pages have counted 10, and open when the dialer's 15 minutes are over", async () => {
      await run(
        "UPDATE asterisk.vicidial_users SET failed_login_count = 10, last_login_date = NOW() WHERE user = 'Admin'",
      );
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      assert.equal(await fixture.outcome('Other', LEAD), 10);
      assert.equal(fixture.checks(), 1);
      await dialerPasses(14);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      await dialerPasses(1);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it('in parallel are checked at most 10 times', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, attempt) =>
          fixture.outcome(attempt % 2 === 0 ? 'Admin' : 'admin ', LEAD, `wrong ${attempt}`),
        ),
      );
      assert.equal(fixture.checks(), 10);
      assert.equal(outcomes.filter((outcome) => outcome === 'credentials_invalid').length, 10);
      assert.equal(outcomes.filter((outcome) => outcome === 'locked_out').length, 190);
    });
  });

  describe("with an account that may count where the dialer's own pages do", () => {
    beforeEach(async () => {
      await fillForReader(server, DESCRIPTION);
      await createCountingUser(server, READER.user, READER.password);
      fixture = openDialerFixture(server);
    });

    it('are counted there too, with a real date, and for the one user only', async () => {
      assert.equal((await countedFor()).count, 0);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        await fail('Admin', 1);
        await isCounted(attempt);
        const { age } = await countedFor();
        assert.ok(age >= 0 && age < 60, `${age} seconds ago`);
      }
      const dates = await rows<{ written: string }>(
        "SELECT CAST(last_login_date AS CHAR) AS written FROM asterisk.vicidial_users WHERE user = 'Admin'",
      );
      assert.match(dates[0]?.written ?? '', /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.equal((await countedFor('Other')).count, 0);
      assert.equal((await countedFor('VDAD')).count, 0);
    });

    it('change nothing else of the user', async () => {
      const others =
        'SELECT user_id, user, pass, pass_hash, full_name, user_level, user_group, active, vdc_agent_api_access, last_ip FROM asterisk.vicidial_users ORDER BY user_id';
      const before = await rows(others);
      await fail('Admin', 3);
      await isCounted(3);
      await fixture.outcome('Admin', LEAD);
      await isCounted(0);
      assert.deepEqual(await rows(others), before);
    });

    it('here and there together make 10', async () => {
      await run(
        "UPDATE asterisk.vicidial_users SET failed_login_count = 7, last_login_date = NOW() WHERE user = 'Admin'",
      );
      for (const count of [8, 9, 10]) {
        assert.deepEqual(await fail('Admin', 1), ['credentials_invalid']);
        await isCounted(count);
      }
      assert.deepEqual(await fail('Admin', 1), ['locked_out']);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      assert.equal(fixture.checks(), 3);
    });

    it('are not counted on while the user is locked', async () => {
      await fail('Admin', 15);
      await isCounted(10);
      assert.equal(fixture.checks(), 10);
    });

    it('begin a new series once a lock is over, here and there', async () => {
      await fail('Admin', 10);
      await isCounted(10);
      await dialerPasses(16);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out', 'by the own clock');
      fixture.clock.pass(15 * MINUTE);
      assert.deepEqual(await fail('Admin', 1), ['credentials_invalid']);
      await isCounted(1);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it("lock as long as the dialer's clock says, whatever the own one does", async () => {
      await fail('Admin', 10);
      await isCounted(10);
      fixture.clock.pass(60 * MINUTE);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      await dialerPasses(15);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it('are cleared by a success', async () => {
      await fail('Admin', 9);
      await isCounted(9);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
      await isCounted(0);
      assert.deepEqual(await fail('Admin', 10), TEN_INVALID);
    });

    it('that there are none of are not cleared: a good login writes nothing', async () => {
      await fixture.outcome('Other', LEAD);
      const written = await writes();
      fixture.clock.pass(60 * MINUTE);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
      assert.equal(await fixture.outcome('Admin', { phoneNumber: numberOf(10) }), 10);
      assert.equal(await fixture.outcome('Other', LEAD), 10);
      assert.equal(await writes(), written);
      await fail('Admin', 1);
      await until('one written', async () => (await writes()) === written + 1);
      assert.equal(await fixture.outcome('Admin', LEAD), 10);
    });

    it('of names that the dialer does not have are counted here, with as many statements', async () => {
      const written = await writes();
      assert.deepEqual(await fail('nobody', 10), TEN_INVALID);
      await until('as many written', async () => (await writes()) === written + 10);
      assert.equal(await fixture.outcome('nobody', LEAD), 'locked_out');
      const [sum] = await rows<{ failed: string }>(
        'SELECT SUM(failed_login_count) AS failed FROM asterisk.vicidial_users',
      );
      assert.equal(Number(sum?.failed), 0);
    });

    it('in parallel are checked and counted at most 10 times', async () => {
      await Promise.all(
        Array.from({ length: 200 }, (_, attempt) => fixture.outcome('Admin', LEAD, `wrong ${attempt}`)),
      );
      assert.equal(fixture.checks(), 10);
      await isCounted(10);
    });

    it('11: no answer waits until they are counted, nor does the next one', async () => {
      await fixture.close();
      await fillForReader(server, DESCRIPTION, { engine: 'InnoDB' });
      await createCountingUser(server, READER.user, READER.password);
      fixture = openDialerFixture(server);
      // Somebody holds the user's row, as a slow disk would.
      let isHeld = true;
      const holding = run(
        "START TRANSACTION; UPDATE asterisk.vicidial_users SET full_name = 'held' WHERE user = 'Admin'; SELECT SLEEP(60)",
      )
        .catch(() => undefined)
        .finally(() => {
          isHeld = false;
        });
      const sleeping = "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)'";
      await until('the row is held', async () => (await rows(sleeping)).length > 0);
      assert.deepEqual(await fail('Admin', 2), TEN_INVALID.slice(0, 2));
      assert.deepEqual(await fail('nobody', 1), ['credentials_invalid']);
      assert.equal(await fixture.outcome('Other', LEAD), 10);
      assert.equal((await countedFor()).count, 0);
      assert.ok(isHeld);
      const [found] = await rows<{ id: number | bigint }>(sleeping);
      await run(`KILL ${Number(found?.id)}`);
      await holding;
      await isCounted(2);
    });

    it('that cannot be counted there are logged, and counted here', async () => {
      await fixture.outcome('Other', LEAD);
      await run('REVOKE UPDATE (failed_login_count) ON asterisk.vicidial_users FROM ?', [READER.user]);
      assert.deepEqual(await fail('Admin', 10), TEN_INVALID);
      assert.equal(await fixture.outcome('Admin', LEAD), 'locked_out');
      await until('it is logged', () => fixture.logged.length > 0);
      assert.equal((await countedFor()).count, 0);
      assert.equal(fixture.logged[0]?.level, 'warn');
      assert.match(fixture.logged[0].message, /not counted/);
    });

    it('do not run over where the dialer has counted far beyond the lock', async () => {
      await run(
        "UPDATE asterisk.vicidial_users SET failed_login_count = 255, last_login_date = NULL WHERE user = 'Admin'",
      );
      assert.deepEqual(await fail('Admin', 1), ['credentials_invalid']);
      await until('it is counted', async () => (await countedFor()).count !== 255);
      const { count } = await countedFor();
      assert.ok(count >= 1 && count <= 250, String(count));
    });

    it('are counted where nothing was stored yet', async () => {
      await run(
        "UPDATE asterisk.vicidial_users SET failed_login_count = NULL, last_login_date = NULL WHERE user = 'Admin'",
      );
      await fail('Admin', 2);
      await isCounted(2);
    });
  });
});
