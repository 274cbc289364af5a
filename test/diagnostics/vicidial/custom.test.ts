import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, nothingOf, only, READER, SOUND, messagesAt } from './inspections.ts';

const ROOT = { user: 'root', password: '' };

describe('a check of a dialer’s custom fields', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  async function changed(change: string, account: typeof ROOT | typeof READER = READER) {
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await server.runRootSql(`USE asterisk; ${change}`);
    await createReadOnlyUser(server, READER.user, READER.password);
    return inspectionsOf(dialerConfig(server, account));
  }

  it('says when they are switched off', async () => {
    const off = "UPDATE system_settings SET custom_fields_enabled = '0'";
    only(await changed(off), 'advice', 'custom fields', /^switched off .+ though lists define some \(1\)/);
    const without = await changed(`${off}; TRUNCATE vicidial_lists_fields`);
    only(without, 'ok', 'custom fields', /^switched off in the dialer/);
  });

  it('names tables without definitions, and not their copies', async () => {
    const found = await changed(
      'CREATE TABLE custom_300 (lead_id int PRIMARY KEY, x int); CREATE TABLE custom_100_old LIKE custom_100',
    );
    only(found, 'advice', 'custom fields', /^tables without definitions: custom_300; /);
  });

  const DEFINED = "INSERT INTO vicidial_lists_fields (list_id, field_label) VALUES (200, 'colour')";

  it('names definitions without a table', async () => {
    only(await changed(DEFINED, ROOT), 'advice', 'custom fields', /their tables are not there: custom_200$/);
  });

  it('gives the statement for a table that may not be read, and the other way', async () => {
    await changed(DEFINED);
    await server.runRootSql('CREATE TABLE asterisk.custom_200 (lead_id int PRIMARY KEY, colour varchar(20))');
    const found = await inspectionsOf(dialerConfig(server, READER));
    const { advice = '' } = only(
      found,
      'advice',
      'custom fields',
      /^our account may not read custom_200, if they are there/,
    );
    assert.match(advice, /^GRANT SELECT ON `asterisk`\.`custom_200` TO `callercard`@`%`; /);
    assert.match(
      advice,
      /each new list needs such a line; GRANT SELECT ON `asterisk`\.\* TO `callercard`@`%`; spares that/,
    );
    await server.runRootSql(advice.slice(0, advice.indexOf(';')));
    nothingOf(await inspectionsOf(dialerConfig(server, READER)), 'custom fields');
  });

  it('names fields without a column, but none that have none by nature', async () => {
    const found = await changed(
      `INSERT INTO vicidial_lists_fields (list_id, field_label, field_type)
        VALUES (100, 'lost', 'TEXT'), (100, 'heading', 'DISPLAY'), (100, 'first_name', 'TEXT'), (200, 'words', 'SCRIPT')`,
    );
    only(found, 'advice', 'custom fields', /^fields are defined that have no column: custom_100\.lost; /);
    assert.deepEqual(messagesAt(found, 'problem'), []);
    only(found, 'ok', 'custom fields', /^lists with custom fields: 1$/);
  });

  it('says that a table has no key', async () => {
    const found = await changed('ALTER TABLE custom_100 DROP PRIMARY KEY');
    const { advice } = only(found, 'advice', 'indexes', /no index on lead_id in custom_100/);
    assert.equal(advice, 'ALTER TABLE custom_100 ADD INDEX lead_id (lead_id);');
  });
});
