import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import type { StoreDescription } from '../described-store.ts';
import { fillForReader, numberOf, openDialerFixture, type DialerFixture } from './dialer-fixture.ts';

/** Lead 10 is in list 100, lead 11 in list 101 and so on; the list of lead 19 has no row. */
const LEADS = [10, 11, 12, 19] as const;

const DESCRIPTION: StoreDescription = {
  lists: [100, 101, 102].map((list_id) => ({ list_id, name: `list ${list_id}` })),
  leads: LEADS.map((lead_id) => ({ lead_id, list_id: lead_id + 90, phone_number: numberOf(lead_id) })),
  users: [
    { name: 'Ana', password: PASSWORD, lists: [100, 101] },
    { name: 'Todo', password: PASSWORD },
  ],
};

describe('what a dialer says of its users, changed beside a warm memory', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await fillForReader(server, DESCRIPTION);
    fixture = openDialerFixture(server);
    assert.deepEqual(await seen('Ana'), [10, 11]);
    assert.deepEqual(await seen('Todo'), [...LEADS]);
  });
  afterEach(() => fixture.close());

  function run(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    return server.runRootSql(`USE asterisk; ${sql}`, values);
  }

  /** The leads that a user is shown; by id and by number it must be the same ones. */
  async function seen(user: string, password = PASSWORD): Promise<readonly (string | number)[]> {
    const byId = await Promise.all(
      LEADS.map((lead) => fixture.outcome(user, { leadId: String(lead) }, password)),
    );
    const byNumber = await Promise.all(
      LEADS.map((lead) => fixture.outcome(user, { phoneNumber: numberOf(lead) }, password)),
    );
    const shown = (outcome: string | number) => outcome !== 'lead_not_found' && outcome !== 'phone_not_found';
    assert.deepEqual(byNumber.filter(shown), byId.filter(shown), 'by number and by id');
    return [...new Set(byId.filter(shown))];
  }

  it('a password counts at once, and the old one no more', async () => {
    await run("UPDATE vicidial_users SET pass = 'another one' WHERE user = 'Ana'");
    assert.deepEqual(await seen('Ana'), ['credentials_invalid']);
    assert.deepEqual(await seen('Ana', 'another one'), [10, 11]);
    assert.deepEqual(await seen('Todo'), [...LEADS]);
  });

  for (const [what, set] of [
    ['who is not active', "active = 'N'"],
    ['whose active is empty', 'active = NULL'],
    ['of level 0', 'user_level = 0'],
    ['without level', 'user_level = NULL'],
  ] as const) {
    it(`a user ${what} is refused at once, as one with a wrong password`, async () => {
      await run(`UPDATE vicidial_users SET ${set} WHERE user = 'Ana'`);
      assert.deepEqual(await seen('Ana'), ['credentials_invalid']);
      assert.deepEqual(await seen('Todo'), [...LEADS]);
    });
  }

  it('a user who was deleted is refused at once', async () => {
    await run("DELETE FROM vicidial_users WHERE user = 'Ana'");
    assert.deepEqual(await seen('Ana'), ['credentials_invalid']);
  });

  it('the right to the API counts at once, taken and given back', async () => {
    for (const taken of ["'0'", "''", 'NULL']) {
      await run(`UPDATE vicidial_users SET vdc_agent_api_access = ${taken} WHERE user = 'Ana'`);
      assert.deepEqual(await seen('Ana'), ['api_not_allowed'], taken);
    }
    await run("UPDATE vicidial_users SET vdc_agent_api_access = '1' WHERE user = 'Ana'");
    assert.deepEqual(await seen('Ana'), [10, 11]);
  });

  it("the group's campaigns count at once, and so does another group", async () => {
    await run("UPDATE vicidial_user_groups SET allowed_campaigns = ' L3 -' WHERE user_group = 'G1'");
    assert.deepEqual(await seen('Ana'), [12]);
    await run("UPDATE vicidial_users SET user_group = 'ADMIN' WHERE user = 'Ana'");
    assert.deepEqual(await seen('Ana'), [...LEADS]);
  });

  it("the list's campaign counts at once", async () => {
    await run("UPDATE vicidial_lists SET campaign_id = 'L3' WHERE list_id = 100");
    assert.deepEqual(await seen('Ana'), [11]);
    await run("UPDATE vicidial_lists SET campaign_id = 'L1' WHERE list_id = 102");
    assert.deepEqual(await seen('Ana'), [11, 12]);
  });

  it("the lead's list counts at once", async () => {
    await run('UPDATE vicidial_list SET list_id = 102 WHERE lead_id = 10');
    assert.deepEqual(await seen('Ana'), [11]);
    await run('UPDATE vicidial_list SET list_id = 100 WHERE lead_id = 19');
    assert.deepEqual(await seen('Ana'), [11, 19]);
  });

  it('a lead that was deleted is gone at once, and a new one is there', async () => {
    await run(
      'DELETE FROM vicidial_list WHERE lead_id = 10; UPDATE vicidial_list SET lead_id = 10 WHERE lead_id = 11',
    );
    assert.equal(await fixture.outcome('Ana', { leadId: '10' }), 10);
    assert.equal(await fixture.outcome('Ana', { leadId: '11' }), 'lead_not_found');
    assert.equal(await fixture.outcome('Ana', { phoneNumber: numberOf(10) }), 'phone_not_found');
    assert.equal(await fixture.outcome('Ana', { phoneNumber: numberOf(11) }), 10);
  });

  it('the winner among leads of one number is chosen among those that the user may see', async () => {
    await run(
      "UPDATE vicidial_list SET phone_number = '5511112222', modify_date = '2026-01-01'; UPDATE vicidial_list SET last_local_call_time = NOW() WHERE lead_id IN (12, 19)",
    );
    const asked = { phoneNumber: '5511112222' };
    const winners = async () => [await fixture.lookup('Ana', asked), await fixture.lookup('Todo', asked)];
    const [ana, todo] = await winners();
    assert.ok(ana !== undefined && 'result' in ana && todo !== undefined && 'result' in todo);
    assert.deepEqual([ana.result.lead.lead_id, ana.result.foundBy?.matches], [11, 2]);
    assert.deepEqual([todo.result.lead.lead_id, todo.result.foundBy?.matches], [19, 4]);
  });

  describe('an allow-list', () => {
    /** What Ana sees with this list of campaigns. */
    async function seenWith(allowed: string | null): Promise<readonly (string | number)[]> {
      await run("UPDATE vicidial_user_groups SET allowed_campaigns = ? WHERE user_group = 'G1'", [allowed]);
      return seen('Ana');
    }

    it('that is empty or broken allows nothing', async () => {
      for (const allowed of [
        null,
        '',
        ' ',
        '-',
        ' -',
        ' - -',
        '  -',
        ' - - -',
        ' L1',
        ' L1 L2',
        ' L1 ',
        ' L1-',
        ' L1 - ',
        ' L1 -L2',
        'L1',
        'L1-',
        ' L1 -\n',
        ' L1 –',
        ' -ALL-CAMPAIGNS-',
        ' -ALL-CAMPAIGNS- ',
        '-ALL-CAMPAIGNS-',
        ' ALL-CAMPAIGNS -',
        ' ALLCAMPAIGNS -',
        ' -ALL -CAMPAIGNS- -',
        ' ALL -',
        ' % -',
        ' * -',
        ' L_ -',
        ' L% -',
        ' L1,L2 -',
        ' ,L1, -',
        ' ,-ALL-CAMPAIGNS-, -',
        ' L1\tL2 -',
        ' L1\nL2 -',
        ' L1\u00a0L2 -',
        " 'L1' -",
        ' L1; -',
      ]) {
        assert.deepEqual(await seenWith(allowed), [], JSON.stringify(allowed));
      }
    });

    it('allows what it names, however many spaces are between', async () => {
      for (const [allowed, leads] of [
        [' L1 -', [10]],
        [' L1 L2 -', [10, 11]],
        ['L2 -', [11]],
        ['   L1   L3   -', [10, 12]],
        [' L3 - -', [12]],
        [' UNKNOWN L3 -', [12]],
      ] as const) {
        assert.deepEqual(await seenWith(allowed), leads, allowed);
      }
    });

    it('that names all campaigns allows every lead, also where its list has no row', async () => {
      for (const allowed of [' -ALL-CAMPAIGNS- - -', ' -ALL-CAMPAIGNS- -', ' L1 -ALL-CAMPAIGNS- -']) {
        assert.deepEqual(await seenWith(allowed), [...LEADS], allowed);
      }
    });

    it('takes a beginning, an end or a longer name for another campaign', async () => {
      await run("UPDATE vicidial_lists SET campaign_id = 'SALES' WHERE list_id = 100");
      for (const allowed of [
        ' SALE -',
        ' ALES -',
        ' SALES2 -',
        ' XSALES -',
        ' SALES- -',
        ' SAL ES -',
        ' S -',
      ]) {
        assert.deepEqual(await seenWith(allowed), [], allowed);
      }
    });

    it("takes another letter case for the same campaign, as the dialer's collation does", async () => {
      await run("UPDATE vicidial_lists SET campaign_id = 'Sales' WHERE list_id = 100");
      for (const allowed of [' SALES -', ' sales -', ' X sAlEs -']) {
        assert.deepEqual(await seenWith(allowed), [10], allowed);
      }
    });
  });

  it('a list without a campaign, or with one that is none, is shown to nobody but those who see all', async () => {
    for (const campaign of [null, '', ' ', '-', '- ']) {
      await run('UPDATE vicidial_lists SET campaign_id = ?', [campaign]);
      for (const allowed of [' - -', '  -', ' L1  - -', ' L1 -']) {
        await run("UPDATE vicidial_user_groups SET allowed_campaigns = ? WHERE user_group = 'G1'", [allowed]);
        assert.deepEqual(await seen('Ana'), [], `${campaign} in ${allowed}`);
      }
      assert.deepEqual(await seen('Todo'), [...LEADS], `${campaign}`);
    }
  });

  it('a user without a group, or whose group has no row, sees nothing', async () => {
    for (const group of ["'NOSUCH'", "''", 'NULL', "'-ALL-'"]) {
      await run(`UPDATE vicidial_users SET user_group = ${group} WHERE user = 'Ana'`);
      assert.deepEqual(await seen('Ana'), [], group);
    }
    await run("DELETE FROM vicidial_user_groups WHERE user_group = 'G2'");
    assert.deepEqual(await seen('Todo'), []);
  });

  it('with listScope all every user sees every lead, and still needs password and right', async () => {
    await fixture.close();
    const changes: Partial<DialerConfig> = { listScope: 'all' };
    fixture = openDialerFixture(server, changes);
    await run("UPDATE vicidial_user_groups SET allowed_campaigns = ''");
    assert.deepEqual(await seen('Ana'), [...LEADS]);
    assert.deepEqual(await seen('Ana', 'wrong'), ['credentials_invalid']);
    await run("UPDATE vicidial_users SET vdc_agent_api_access = '0', user_group = NULL WHERE user = 'Ana'");
    assert.deepEqual(await seen('Ana'), ['api_not_allowed']);
  });

  it('the operator sees every lead, whatever any group is allowed', async () => {
    await run("UPDATE vicidial_user_groups SET allowed_campaigns = ''");
    for (const leadId of LEADS) {
      const query = { by: 'lead_id', leadId, asSent: String(leadId), phone: undefined } as const;
      const result = await fixture.store.leads.find(query, 'every list');
      assert.equal(result?.lead.lead_id, leadId);
    }
  });
});
