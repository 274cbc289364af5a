import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import type { DialerOptions } from '../../support/dialer-columns.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, nothingOf, only, READER, SOUND, messagesAt } from './inspections.ts';

/** More than the server would rather read whole. */
const MANY = 3_000;

describe('a check of a dialer’s tables', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  /** What a check reports of a sound installation after a change. */
  async function checkAfter(
    change: string,
    { config = {}, ...options }: DialerOptions & { config?: Partial<DialerConfig> } = {},
  ) {
    await fillDialer(server, SOUND, { altPhoneIndex: true, ...options });
    if (change !== '') await server.runRootSql(`USE asterisk; ${change}`);
    await createReadOnlyUser(server, READER.user, READER.password);
    return inspectionsOf(dialerConfig(server, READER, config));
  }

  it('says which needed column is not there, and what then does not work', async () => {
    const found = await checkAfter('ALTER TABLE vicidial_lists DROP COLUMN campaign_id');
    const { advice } = only(
      found,
      'problem',
      'tables',
      /^vicidial_lists\.campaign_id is not there: which lists a user/,
    );
    assert.match(advice ?? '', /database names the right one/);
    assert.deepEqual(
      messagesAt(found, 'ok').filter((words) => words.startsWith('lookups')),
      [],
    );
  });

  it('says nothing of it where listScope is all', async () => {
    const change = 'ALTER TABLE vicidial_lists DROP COLUMN campaign_id';
    nothingOf(await checkAfter(change, { config: { listScope: 'all' } }), 'tables');
  });

  it('says that the database is not a dialer’s', async () => {
    await fillDialer(server, SOUND);
    await server.runRootSql('CREATE DATABASE IF NOT EXISTS empty');
    const config = dialerConfig(server, { user: 'root', password: '' });
    const found = await inspectionsOf({ ...config, database: { ...config.database, database: 'empty' } });
    only(found, 'problem', 'tables', /^empty has none of the dialer's tables$/);
  });

  it('takes optional columns for what they are', async () => {
    const found = await checkAfter(
      'ALTER TABLE vicidial_list DROP COLUMN gender, DROP COLUMN entry_list_id; DROP TABLE vicidial_lists_fields',
    );
    nothingOf(found, 'columns');
    only(
      found,
      'ok',
      'columns',
      /^vicidial_list: gender: not in this version of the dialer; null in answers$/,
    );
    only(found, 'ok', 'columns', /entry_list_id: .+ moved to another list are not found$/);
    nothingOf(found, 'tables');
    nothingOf(found, 'lookups');
  });

  it('says that an unreadable table has no fields for it', async () => {
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await createReadOnlyUser(server, READER.user, READER.password);
    await server.runRootSql("REVOKE SELECT ON asterisk.vicidial_lists_fields FROM callercard@'%'");
    const { advice } = only(
      await inspectionsOf(dialerConfig(server, READER)),
      'advice',
      'rights',
      /^our account may not read vicidial_lists_fields; custom_info is null/,
    );
    assert.equal(advice, 'GRANT SELECT ON `asterisk`.`vicidial_lists_fields` TO `callercard`@`%`;');
  });

  it('reports engines, and that there are no leads', async () => {
    const found = await checkAfter('TRUNCATE vicidial_list; ALTER TABLE vicidial_users ENGINE=InnoDB');
    only(
      found,
      'ok',
      'tables',
      /^engine: InnoDB \(vicidial_users\), MyISAM \(.+vicidial_list.+\)|^engine: MyISAM \(.+, InnoDB \(vicidial_users\)/,
    );
    only(found, 'advice', 'leads', /^the dialer has no leads$/);
  });

  describe('indexes', () => {
    it('of phone_number: a problem', async () => {
      const found = await checkAfter('ALTER TABLE vicidial_list DROP INDEX phone_number');
      const { advice } = only(found, 'problem', 'indexes', /^no index on vicidial_list\.phone_number/);
      assert.match(advice ?? '', /^ALTER TABLE vicidial_list ADD INDEX phone_number \(phone_number\);/);
    });

    it('of alt_phone: advice, with what it gives and when to do it', async () => {
      const found = await checkAfter('', { altPhoneIndex: false });
      const { advice } = only(
        found,
        'advice',
        'indexes',
        /^no index on vicidial_list\.alt_phone: alt_phone is not searched$/,
      );
      assert.match(
        advice ?? '',
        /^ALTER TABLE vicidial_list ADD INDEX alt_phone \(alt_phone\); then callers from a second number are found\. It locks the table .+ at night/,
      );
      only(found, 'ok', 'indexes', /^searched by index: phone_number, further numbers$/);
    });

    it('of address3: advice where it holds a number', async () => {
      nothingOf(await checkAfter(''), 'indexes');
      const found = await checkAfter('', { config: { address3IsPhone: true } });
      only(found, 'advice', 'indexes', /address3 is not searched/);
      const indexed = await checkAfter('', { address3Index: true, config: { address3IsPhone: true } });
      only(
        indexed,
        'ok',
        'indexes',
        /^searched by index: phone_number, alt_phone, address3, further numbers$/,
      );
    });

    it('of lists and users; without one on its few groups a dialer is as it came', async () => {
      const found = await checkAfter(
        'ALTER TABLE vicidial_lists DROP PRIMARY KEY; ALTER TABLE vicidial_users DROP INDEX user; ALTER TABLE vicidial_user_groups DROP PRIMARY KEY',
      );
      only(found, 'problem', 'indexes', /vicidial_lists\.list_id/);
      assert.doesNotMatch(JSON.stringify(found), /vicidial_user_groups/);
      const { advice } = only(found, 'problem', 'indexes', /vicidial_users\.user:/);
      assert.match(advice ?? '', /^ALTER TABLE vicidial_users ADD INDEX user \(user\);/);
    });

    it('may each be made as it is advised', async () => {
      const found = await checkAfter(
        'ALTER TABLE vicidial_list DROP INDEX phone_number; ALTER TABLE vicidial_users DROP INDEX user; ALTER TABLE custom_100 DROP PRIMARY KEY; ALTER TABLE goautodial.go_customers DROP INDEX lead_id',
        { altPhoneIndex: false },
      );
      const statements = found.flatMap(({ advice }) => /^ALTER TABLE [^;]+/.exec(advice ?? '') ?? []);
      assert.equal(statements.length, 5);
      await server.runRootSql(`USE asterisk; ${statements.join('; ')}`);
      const again = await inspectionsOf(dialerConfig(server, READER));
      assert.deepEqual(messagesAt(again, 'problem'), []);
      nothingOf(again, 'indexes');
      nothingOf(again, 'goautodial');
    });
  });

  describe('plans', () => {
    const manyUsers = `INSERT INTO vicidial_users (user, pass, user_group) SELECT CONCAT('x', seq), 'planted-agent', 'G1' FROM seq_1_to_${MANY}`;

    it('that read a large table whole are a problem', async () => {
      const found = await checkAfter(`${manyUsers}; ALTER TABLE vicidial_users DROP INDEX user`);
      const { advice } = only(
        found,
        'problem',
        'lookups',
        /^a lookup reads all of vicidial_users \(about 3\d\d\d rows\)/,
      );
      assert.match(advice ?? '', /add the index that is missing there/);
    });

    it('by index are none, however many leads there are', async () => {
      const found = await checkAfter(
        `${manyUsers}; INSERT INTO vicidial_list (list_id, phone_number, alt_phone, address3) SELECT 100, 5510000000 + seq, 5520000000 + seq, 5530000000 + seq FROM seq_1_to_20000`,
        { address3Index: true, config: { address3IsPhone: true } },
      );
      only(found, 'ok', 'lookups', /every lookup by an index/);
      only(found, 'ok', 'leads', /^about 20002/);
    });
  });

  describe('customers', () => {
    it('that are not there, as in a plain VICIdial', async () => {
      await fillDialer(server, SOUND, { withGoautodial: false, altPhoneIndex: true });
      const found = await inspectionsOf(dialerConfig(server, { user: 'root', password: '' }));
      only(found, 'ok', 'goautodial', /is not there, as in a VICIdial without GOautodial: is_customer is 0/);
    });

    it('that may not be read, or are not there', async () => {
      await checkAfter('');
      await server.runRootSql("REVOKE SELECT ON goautodial.go_customers FROM callercard@'%'");
      const found = await inspectionsOf(dialerConfig(server, READER));
      const { advice } = only(found, 'advice', 'goautodial', /our account may not read it: is_customer is 0/);
      assert.match(
        advice ?? '',
        /GRANT SELECT ON `goautodial`\.go_customers TO `callercard`@`%`; without it, set goautodialDatabase to none/,
      );
    });

    it('that no index leads to', async () => {
      const found = await checkAfter('ALTER TABLE goautodial.go_customers DROP INDEX lead_id');
      const { advice } = only(found, 'advice', 'goautodial', /no index on goautodial\.go_customers\.lead_id/);
      assert.match(advice ?? '', /^ALTER TABLE `goautodial`\.go_customers ADD INDEX lead_id \(lead_id\)/);
    });

    it('that the setting says are nowhere', async () => {
      const found = await checkAfter('', { config: { goautodialDatabase: 'none' } });
      only(found, 'ok', 'goautodial', /^goautodialDatabase is none/);
    });

    it('on a server of their own', async () => {
      const place = { engine: 'mariadb', database: 'goautodial', ...READER } as const;
      const near = { host: server.host, port: server.port };
      const found = await checkAfter('', { config: { goautodialDatabase: { ...place, servers: [near] } } });
      only(found, 'ok', 'goautodial', /says who is a customer/);
      const away = { ...near, port: 1 };
      const lost = await checkAfter('', { config: { goautodialDatabase: { ...place, servers: [away] } } });
      only(lost, 'problem', 'server', /^127\.0\.0\.1:1: nothing listens/);
      only(lost, 'ok', 'not looked at', /the leads themselves/);
    });
  });
});
