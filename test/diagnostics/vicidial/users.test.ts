import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { bcryptDigest } from '../../../src/stores/vicidial/eksblowfish.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inspectionsOf, notWell, nothingOf, only, READER, SOUND, messagesAt } from './inspections.ts';

const KEY = 'Qm5tW8yLr2Xc7VdK';

describe('a check of a dialer’s users', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  async function changed(change: string, values: readonly unknown[] = []) {
    await fillDialer(server, SOUND, { altPhoneIndex: true });
    await server.runRootSql(`USE asterisk; ${change}`, values);
    await createReadOnlyUser(server, READER.user, READER.password);
    return inspectionsOf(dialerConfig(server, READER));
  }

  it('says that nobody may use the API, where all may still see cards', async () => {
    const change = "UPDATE vicidial_users SET vdc_agent_api_access = '0' WHERE user NOT LIKE 'VD%'";
    const words = /^nobody may use the documented API: of 2 active users/;
    const { advice } = only(await changed(change), 'advice', 'users', words);
    assert.match(
      advice ?? '',
      /Agent API Access; or UPDATE vicidial_users SET vdc_agent_api_access = '1' WHERE user = 'NAME';$/,
    );
  });

  for (const nobody of ["active = 'N'", 'user_level = 0']) {
    it(`says that nobody gets in after ${nobody}`, async () => {
      const found = await changed(`UPDATE vicidial_users SET ${nobody} WHERE user NOT LIKE 'VD%'`);
      only(found, 'problem', 'users', /^nobody gets in/);
    });
  }

  it('says nothing of the dialer’s own users where they are switched off', async () => {
    const found = await changed("UPDATE vicidial_users SET active = 'N' WHERE user LIKE 'VD%'");
    assert.ok(!JSON.stringify(found).includes('VDAD'));
  });

  it('17, 27: names who never gets in, because log and audit use the name for somebody else', async () => {
    const change =
      "UPDATE vicidial_users SET user = IF(user = 'agent', 'token:x', 'Operator') WHERE user IN ('agent', 'boss')";
    const found = await changed(change);
    only(found, 'advice', 'users', /^users who never get in, .*: 2 \(Operator, token:x\)$/);
    only(found, 'problem', 'users', /^nobody gets in/);
  });

  const groups: readonly (readonly [string, string, RegExp])[] = [
    ['is empty', "allowed_campaigns = ''", /allows no campaign: 1 \(agent\)$/],
    ['is not written as it should be', "allowed_campaigns = ' L1'", /allows no campaign: 1 \(agent\)$/],
    ['has commas', "allowed_campaigns = 'L1,L2 -'", /allows no campaign: 1 \(agent\)$/],
    ['has no name', "allowed_campaigns = ' - -'", /allows no campaign: 1 \(agent\)$/],
    ['names campaigns without lists', "allowed_campaigns = ' NONE -'", /have no list: 1 \(agent\)$/],
  ];
  for (const [what, change, words] of groups) {
    it(`names who finds no lead because what the group allows ${what}`, async () => {
      const found = await changed(`UPDATE vicidial_user_groups SET ${change} WHERE user_group = 'G1'`);
      only(found, 'advice', 'users', words);
    });
  }

  it('names who has a group that is not there, whatever the letters’ case', async () => {
    const found = await changed("UPDATE vicidial_users SET user_group = 'g2' WHERE user = 'agent'");
    nothingOf(found, 'users');
    const lost = await changed("UPDATE vicidial_users SET user_group = 'G9' WHERE user = 'agent'");
    only(lost, 'advice', 'users', /group does not exist: 1 \(agent\)$/);
  });

  describe('with plain passwords', () => {
    it('says what that means, and how to hash', async () => {
      const { advice } = only(await changed('DO 1'), 'advice', 'passwords', /whoever reads vicidial_users/);
      assert.match(advice ?? '', /ADMIN_bcrypt_convert\.pl/);
    });

    it('names who has a password that is tried first, without it', async () => {
      const found = await changed(
        "UPDATE vicidial_users SET pass = IF(user = 'agent', 'AGENT', 'PassWord') WHERE user IN ('agent', 'boss')",
      );
      only(found, 'problem', 'passwords', /everybody tries: 2 \(agent, boss\)$/);
      assert.ok(!/AGENT|PassWord/.test(notWell(found).join()));
    });

    it('names who has none', async () => {
      const found = await changed("UPDATE vicidial_users SET pass = '' WHERE user = 'agent'");
      only(found, 'advice', 'passwords', /^users without a password, who never get in: 1 \(agent\)$/);
    });
  });

  describe('with hashed passwords', () => {
    const hashOf = (password: string, cost: number) =>
      bcryptDigest(Buffer.from(password), Buffer.from(KEY), cost);
    const hashing = (cost: number, key = KEY) =>
      `UPDATE system_settings SET pass_hash_enabled = '1', pass_cost = ${cost}, pass_key = '${key}'; UPDATE vicidial_users SET pass = '', pass_hash = ? WHERE user = 'agent'; UPDATE vicidial_users SET pass = '', pass_hash = ? WHERE user = 'boss'`;

    it('advises a cost that keeps guessers busy', async () => {
      const hashes = [hashOf('planted-agent', 2), hashOf('planted-boss', 2)];
      const found = await changed(hashing(2), hashes);
      only(found, 'advice', 'passwords', /so cheaply \(pass_cost 2\)/);
      assert.deepEqual(messagesAt(found, 'problem'), []);
      for (const hash of hashes) assert.ok(!JSON.stringify(found).includes(hash));
    });

    it('is content with a good cost, and says what was not tried', async () => {
      const found = await changed(hashing(12), ['x'.repeat(31), 'y'.repeat(31)]);
      nothingOf(found, 'passwords');
      only(found, 'ok', 'passwords', /^hashed by the dialer \(pass_cost 12\)$/);
      only(found, 'ok', 'passwords', /^not tried, .+ passwords that everybody tries$/);
    });

    it('names who has a password that is tried first', async () => {
      const found = await changed(hashing(4), [hashOf('agent', 4), hashOf('1234', 4)]);
      only(found, 'problem', 'passwords', /everybody tries: 2 \(agent, boss\)$/);
    });

    it('names who has no hash', async () => {
      const found = await changed(hashing(4), ['', hashOf('planted-boss', 4)]);
      only(found, 'advice', 'passwords', /^users without a hash, who never get in: 1 \(agent\)$/);
    });

    it('says that a key or a cost lets nobody in', async () => {
      only(
        await changed(hashing(4, 'short'), ['', '']),
        'problem',
        'passwords',
        /not the 16 bytes of a salt/,
      );
      only(
        await changed(hashing(17), ['', '']),
        'problem',
        'passwords',
        /^pass_cost .+ \(0 to 16\), so no password fits$/,
      );
    });
  });
});
