import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { asDatabaseRoot } from '../../support/root-sql.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, notWell, only, READER, SOUND, messagesAt } from './inspections.ts';

describe('a check of a dialer', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  const rows = async (sql: string) => (await server.runRootSql(sql)) as readonly Record<string, unknown>[];

  describe('of a good installation, by an account that may only read', () => {
    before(async () => {
      await fillDialer(server, SOUND, { altPhoneIndex: true });
      await createReadOnlyUser(server, READER.user, READER.password);
    });

    it('finds no problem, and advises nothing but to hash passwords', async () => {
      const found = await inspectionsOf(dialerConfig(server, READER));
      assert.deepEqual(
        found.filter(({ level }) => level !== 'ok').map(({ level, subject }) => `${level} ${subject}`),
        ['advice passwords'],
      );
    });

    it('says what it found, in one order', async () => {
      const config = dialerConfig(server, READER);
      const name = `127.0.0.1:${server.port}`;
      const found = await inspectionsOf(config);
      const [version = '', ...others] = messagesAt(found, 'ok');
      assert.match(version, /^server: 127\.0\.0\.1:\d+ answers: MariaDB \d+\.\d+\.\d+$/);
      assert.deepEqual(others, [
        `tls: ${name}: not encrypted, and does not leave this machine`,
        'tables: asterisk has every table and column that lookups need',
        'tables: engine: MyISAM; texts of leads in utf8mb3, utf8mb4',
        'leads: about 2, as the server estimates',
        'indexes: searched by index: phone_number, alt_phone, further numbers',
        'lookups: the server runs every lookup by an index',
        'goautodial: goautodial.go_customers says who is a customer',
        'rights: `callercard`@`%` may read the tables of a lookup and write nothing',
        `failed logins: counted in ${config.stateFile} alone: our account writes nothing to the dialer`,
        "users: VDAD, VDCL: the dialer's own, with a password that everybody knows; never let in here",
        'users: active users, who may see cards: 2; with Agent API Access, the right read: 2',
        'custom fields: lists with custom fields: 1',
        'automatic pop: cards open with the calls of the dialer, which is read while a card is open',
        'call history: none is shown: our account may read none of its tables (docs/integrations/vicidial.md)',
        'list scope: users see the lists of the campaigns that are allowed to their group',
        'not looked at: the leads themselves, so that no call waits for this check',
      ]);
    });

    it('only reads, and of the leads no more than one', async () => {
      await server.runRootSql(
        "SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = 1",
      );
      await inspectionsOf(dialerConfig(server, READER));
      await server.runRootSql('SET GLOBAL general_log = 0');
      const said = await rows(
        "SELECT CAST(argument AS CHAR) AS sql_text FROM mysql.general_log WHERE command_type IN ('Query', 'Prepare', 'Execute') AND user_host LIKE 'callercard%'",
      );
      const statements = said.map(({ sql_text: text }) => String(text));
      assert.ok(statements.length > 20);
      for (const statement of statements) {
        assert.match(statement, /^\s*(?:SELECT|SHOW|EXPLAIN|SET (?:SESSION|NAMES))/i);
        if (!/^EXPLAIN|LIMIT [01]\b|information_schema/.test(statement)) {
          assert.doesNotMatch(statement, /vicidial_list\b|custom_\d|go_customers/);
        }
      }
    });

    it('shows listScope all as a chosen exception', async () => {
      const found = await inspectionsOf(dialerConfig(server, READER, { listScope: 'all' }));
      const { message, advice } = only(
        found,
        'advice',
        'list scope',
        /every user of the API sees every lead/,
      );
      assert.match(message, /as in goAPIv2; chosen by listScope all$/);
      assert.match(advice ?? '', /set listScope to campaigns/);
    });

    it('leaves no state file behind', async () => {
      const config = dialerConfig(server, READER);
      await inspectionsOf(config);
      assert.ok(!existsSync(config.stateFile));
    });
  });

  it('of a stock installation as root advises an index, an account of its own and other passwords', async () => {
    await fillDialer(server, { ...SOUND, users: [] }, { stock: true });
    await server.runRootSql(
      "INSERT INTO asterisk.vicidial_users SET user = '6666', pass = '1234', user_level = 9, user_group = 'ADMIN', vdc_agent_api_access = '1'",
    );
    const found = await inspectionsOf(dialerConfig(server, { user: 'root', password: '' }));
    assert.deepEqual(
      found.filter(({ level }) => level !== 'ok').map(({ level, subject }) => `${level} ${subject}`),
      ['advice indexes', 'advice rights', 'advice rights', 'advice passwords', 'problem passwords'],
    );
    only(found, 'problem', 'passwords', /one that everybody tries: 1 \(6666\)$/);
    only(found, 'advice', 'rights', /has no password/);
  });

  it('says what it could not look at, and goes on', async () => {
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await createReadOnlyUser(server, READER.user, READER.password);
    const found = await asDatabaseRoot(server, async (root) => {
      await root.query('LOCK TABLES asterisk.vicidial_user_groups WRITE');
      return inspectionsOf(dialerConfig(server, READER));
    });
    only(found, 'problem', 'users', /^could not be looked at: .+ within its time/);
    only(found, 'ok', 'list scope', /campaigns/);
  });

  it('of many names shows some, and nothing that a terminal would obey', async () => {
    const users = Array.from({ length: 14 }, (_, at) => ({ name: `u${at}`, password: `u${at}` }));
    await fillDialer(server, { ...SOUND, users: [{ name: 'a\u001b[2J', password: 'a\u001b[2J' }, ...users] });
    await createReadOnlyUser(server, READER.user, READER.password);
    const found = await inspectionsOf(dialerConfig(server, READER));
    only(
      found,
      'problem',
      'passwords',
      /: 15 \(a \[2J, u0, u1, u10, u11, u12, u13, u2, u3, u4 and 5 more\)$/,
    );
    assert.ok(!JSON.stringify(notWell(found)).includes('u001b'));
  });
});
