import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import { createCountingUser, createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, notWell, nothingOf, only, READER, SOUND, messagesAt } from './inspections.ts';

const US = "callercard@'%'";

describe('a check of our account’s rights', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await server.runRootSql(
      'CREATE ROLE plain; CREATE ROLE wide; GRANT plain TO wide; GRANT INSERT ON asterisk.vicidial_list TO plain',
    );
  });
  after(() => server.stop());
  beforeEach(() => createReadOnlyUser(server, READER.user, READER.password));

  const check = () => inspectionsOf(dialerConfig(server, READER));
  async function granted(...grants: readonly string[]) {
    for (const grant of grants) await server.runRootSql(`GRANT ${grant}`);
    return check();
  }

  const wide: readonly (readonly [string, RegExp])[] = [
    [`UPDATE ON asterisk.vicidial_list TO ${US}`, /UPDATE on asterisk\.vicidial_list$/],
    [`UPDATE ON asterisk.vicidial_users TO ${US}`, /UPDATE on asterisk\.vicidial_users$/],
    [`UPDATE (pass) ON asterisk.vicidial_users TO ${US}`, /UPDATE \(pass\) on asterisk\.vicidial_users$/],
    [`INSERT, DELETE ON asterisk.* TO ${US}`, /INSERT, DELETE on asterisk\.\*$/],
    [`ALL PRIVILEGES ON asterisk.* TO ${US}`, /ALL PRIVILEGES on asterisk\.\*$/],
    [`SELECT ON *.* TO ${US}`, /SELECT on \*\.\*$/],
    [`SELECT ON mysql.* TO ${US}`, /SELECT on mysql\.\*$/],
    [`FILE, PROCESS, SUPER ON *.* TO ${US}`, /PROCESS, FILE, SUPER on \*\.\*$/],
    [
      `SELECT ON asterisk.vicidial_list TO ${US} WITH GRANT OPTION`,
      /GRANT OPTION on asterisk\.vicidial_list$/,
    ],
  ];
  for (const [grant, words] of wide) {
    it(`advises less than ${grant.replace(` TO ${US}`, '')}`, async () => {
      const { message } = only(await granted(grant), 'advice', 'rights', /may do more than/);
      assert.match(message, words);
    });
  }

  it('finds the rights of a role that is in force', async () => {
    const found = await granted(`wide TO ${US}; SET DEFAULT ROLE wide FOR ${US}`);
    only(found, 'advice', 'rights', /INSERT on asterisk\.vicidial_list/);
  });

  it('says that a role which is not in force may be taken on', async () => {
    const { advice } = only(
      await granted(`wide TO ${US}`),
      'advice',
      'rights',
      /may take on roles .+: `wide`$/,
    );
    assert.equal(advice, 'look at them as root: SHOW GRANTS FOR `wide`;');
  });

  it('gives statements that leave an account with which nothing is to advise', async () => {
    const { advice = '' } = only(
      await granted(`ALL PRIVILEGES ON asterisk.* TO ${US}`, `wide TO ${US}`),
      'advice',
      'rights',
      /may do more than/,
    );
    assert.match(
      advice,
      /^if no other program uses this account: REVOKE ALL PRIVILEGES, GRANT OPTION FROM `callercard`@`%`; GRANT SELECT ON `asterisk`\.`vicidial_list` TO/,
    );
    assert.match(advice, /`asterisk`\.`custom_100`.+`goautodial`\.`go_customers`/);
    await server.runRootSql(advice.slice(advice.indexOf('REVOKE')));
    const found = await check();
    nothingOf(found, 'rights');
    nothingOf(found, 'custom fields');
    assert.deepEqual(messagesAt(found, 'problem'), []);
  });

  it('leaves another program’s account alone, and makes one of our own', async () => {
    await server.runRootSql(`DROP USER ${US}`);
    await createReadOnlyUser(server, 'cron', 'planted-reader');
    await server.runRootSql("GRANT INSERT ON asterisk.* TO cron@'%'");
    const cron = dialerConfig(server, { user: 'cron', password: 'planted-reader' });
    const { advice = '' } = only(await inspectionsOf(cron), 'advice', 'rights', /^`cron`@`%` may do more/);
    assert.doesNotMatch(advice, /REVOKE/);
    const [statements = ''] = /CREATE USER .+/.exec(advice) ?? [];
    await server.runRootSql(statements.replace('A NEW PASSWORD', READER.password));
    const found = await check();
    nothingOf(found, 'rights');
    assert.deepEqual(messagesAt(found, 'problem'), []);
  });

  it('knows the passwords with which dialers come', async () => {
    await createReadOnlyUser(server, 'cron', '1234');
    const found = await inspectionsOf(dialerConfig(server, { user: 'cron', password: '1234' }));
    only(found, 'advice', 'rights', /^`cron`@`%` has a password that everybody knows/);
    assert.ok(!notWell(found).join().includes('1234'));
  });

  it('lets the right to read all of asterisk be', async () => {
    const found = await granted(`SELECT ON asterisk.* TO ${US}`);
    only(found, 'ok', 'rights', /may read all of asterisk and write nothing$/);
  });

  const narrow: readonly (readonly [string, RegExp, string])[] = [
    [
      `SELECT ON asterisk.vicidial_user_groups FROM ${US}`,
      /^our account may not read vicidial_user_groups: which lists .+ no lookup is answered$/,
      'GRANT SELECT ON `asterisk`.`vicidial_user_groups` TO `callercard`@`%`;',
    ],
    [
      `SELECT ON asterisk.system_settings FROM ${US}`,
      /may not read system_settings: how passwords are kept/,
      'GRANT SELECT ON `asterisk`.`system_settings` TO `callercard`@`%`;',
    ],
  ];
  for (const [revoked, words, grant] of narrow) {
    it(`gives the statement for a lacking ${revoked.replace(` FROM ${US}`, '')}`, async () => {
      await server.runRootSql(`REVOKE ${revoked}`);
      assert.equal(only(await check(), 'problem', 'rights', words).advice, grant);
      await server.runRootSql(grant);
      assert.deepEqual(messagesAt(await check(), 'problem'), []);
    });
  }

  it('gives the statement for a column that may not be read', async () => {
    await server.runRootSql(
      `REVOKE SELECT ON asterisk.vicidial_lists FROM ${US}; GRANT SELECT (list_id) ON asterisk.vicidial_lists TO ${US}`,
    );
    const { advice = '' } = only(
      await check(),
      'problem',
      'rights',
      /may not read vicidial_lists\.campaign_id/,
    );
    assert.equal(advice, 'GRANT SELECT (`campaign_id`) ON `asterisk`.`vicidial_lists` TO `callercard`@`%`;');
    await server.runRootSql(advice);
    assert.deepEqual(messagesAt(await check(), 'problem'), []);
  });

  it('says where failed logins are counted', async () => {
    only(await check(), 'ok', 'failed logins', /state\.db alone: our account writes nothing/);
    await createCountingUser(server, READER.user, READER.password);
    const found = await check();
    only(found, 'ok', 'failed logins', /^counted in the dialer's vicidial_users/);
    only(found, 'ok', 'rights', /write nothing but failed logins$/);
  });

  it('says when half a right to count is no use', async () => {
    const found = await granted(`UPDATE (failed_login_count) ON asterisk.vicidial_users TO ${US}`);
    const { advice } = only(found, 'advice', 'failed logins', /may write only failed_login_count/);
    assert.match(advice ?? '', /^GRANT UPDATE \(failed_login_count, last_login_date\) ON/);
  });
});
