import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import type { DialerHappening, LeadHistory } from '../../../src/core/lead-history.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { callsOfRule } from '../../../src/stores/vicidial/history-rules.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createHistory } from '../../support/dialer-history.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;
const LEAD = 7;

const ROWS = {
  vicidial_log: [
    {
      ...{
        uniqueid: '1.1',
        lead_id: LEAD,
        campaign_id: 'L1',
        call_date: '2026-03-10 10:00:00',
        user: 'VDAD',
      },
      ...{ length_in_sec: 0, status: 'NA', phone_number: '5511112222' },
    },
    {
      ...{ uniqueid: '1.2', lead_id: LEAD, campaign_id: 'L1', call_date: '2026-03-11 10:00:00', user: 'ana' },
      ...{ length_in_sec: 65, status: 'SALE', phone_number: '5511112222' },
    },
    { uniqueid: '1.3', lead_id: 8, campaign_id: 'L1', call_date: '2026-03-11 11:00:00', status: 'SALE' },
  ],
  vicidial_closer_log: [
    {
      ...{
        lead_id: LEAD,
        campaign_id: 'LINE',
        call_date: '2026-03-12 09:00:00',
        user: 'luis',
        uniqueid: '2.1',
      },
      ...{ length_in_sec: 30, status: 'INFO', phone_number: '5599990000' },
    },
    {
      ...{
        lead_id: LEAD,
        campaign_id: 'LINE',
        call_date: '2026-03-13 09:00:00',
        user: 'ana',
        uniqueid: '2.2',
      },
      ...{ length_in_sec: null, status: 'INCALL', phone_number: '5599990000' },
    },
  ],
  vicidial_call_notes: [
    { lead_id: LEAD, vicidial_id: '1.2', call_date: '2026-03-11 10:01:00', call_notes: 'wants gold' },
    { lead_id: LEAD, vicidial_id: '1', call_date: '2026-03-12 09:00:30', call_notes: 'asked for a bill' },
    { lead_id: LEAD, vicidial_id: '9.9', call_date: '2026-03-01 09:00:00', call_notes: 'of an older call' },
  ],
  vicidial_callbacks: [
    {
      ...{
        lead_id: LEAD,
        campaign_id: 'L1',
        status: 'ACTIVE',
        entry_time: '2026-03-12 10:00:00',
        user: 'luis',
      },
      ...{ callback_time: '2026-03-20 16:00:00', recipient: 'USERONLY', comments: 'in the afternoon' },
    },
  ],
  vicidial_statuses: [
    { status: 'SALE', status_name: 'Sale Made' },
    { status: 'NA', status_name: 'No Answer AutoDial' },
  ],
  vicidial_campaign_statuses: [{ status: 'SALE', status_name: 'Venta', campaign_id: 'L1' }],
  vicidial_campaigns: [{ campaign_id: 'L1' }],
};

describe('the past of a dialer’s lead', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await fillDialer(server, {
      lists: [{ list_id: 100, name: 'One' }],
      leads: [LEAD, 8].map((lead_id) => ({ lead_id, list_id: 100, phone_number: '5511112222' })),
      users: [{ name: 'ana', password: 'planted-secret of ana' }],
    });
    await server.runRootSql(
      `UPDATE asterisk.vicidial_lists SET campaign_id = 'L1';
      ALTER TABLE asterisk.vicidial_users ADD hide_call_log_info varchar(10) DEFAULT 'DISABLED'`,
    );
    await createReadOnlyUser(server, READER.user, READER.password);
    await createHistory(server, READER.user, ROWS);
  });

  /** As one who has just started sees it. */
  async function read(user?: string, lead = LEAD, most = 1_000): Promise<LeadHistory> {
    const store = openStore(dialerConfig(server, READER), { forOperator: true });
    try {
      return (await store.leads.readHistory?.(lead, user, most)) ?? { entries: [], total: 0, calls: 0 };
    } finally {
      await store.close();
    }
  }

  /** The times of calls out as the log of the dialer's own API has them. */
  async function logged(user: string | undefined, most = 10): Promise<readonly unknown[]> {
    const store = openStore(dialerConfig(server, READER), { forOperator: true });
    try {
      const logs = await store.leads.readCallLogs?.(LEAD, most, user);
      return logs?.calls.map((entry) => entry[0]) ?? [];
    } finally {
      await store.close();
    }
  }

  const short = (entry: DialerHappening) => {
    if (entry.type !== 'call') return `${entry.type} ${entry.text ?? ''}`;
    return `${entry.direction} ${entry.sourceCallId} ${entry.user} ${entry.outcome ?? entry.state}`;
  };
  const ALL = [
    ...[
      'inbound 2 ana answered',
      'callback in the afternoon',
      'note asked for a bill',
      'inbound 1 luis INFO',
    ],
    ...[
      'note wants gold',
      'outbound 1.2 ana Venta',
      'outbound 1.1  No Answer AutoDial',
      'note of an older call',
    ],
  ];

  it('is its calls both ways, notes and callbacks, the newest first, with the names of statuses', async () => {
    const { entries, doNotCall } = await read();
    assert.deepEqual(entries.map(short), ALL);
    assert.equal(doNotCall, undefined);
    const at = Date.parse('2026-03-11T10:00:00Z');
    const call = entries.find((entry) => entry.type === 'call' && entry.sourceCallId === '1.2');
    const offset = (call?.at ?? 0) - at;
    assert.equal(offset % 900_000, 0, 'by the clock of the server');
    assert.match(call?.type === 'call' ? call.callId : '', /^[\w-]{12}$/);
    assert.partialDeepStrictEqual(call, {
      ...{ type: 'call', source: 'dialer', sourceCallId: '1.2', account: '', leadId: LEAD },
      ...{ user: 'ana', at: at + offset, startedAt: at + offset, endedAt: at + offset + 65_000 },
      ...{ state: 'ended', direction: 'outbound', phone: '5511112222', line: 'L1', outcome: 'Venta' },
    });
    assert.deepEqual(entries[1], {
      ...{ type: 'callback', callbackId: 1, at: Date.parse('2026-03-12T10:00:00Z') + offset },
      ...{ due: Date.parse('2026-03-20T16:00:00Z') + offset, status: 'ACTIVE', user: 'luis' },
      text: 'in the afternoon',
    });
    assert.deepEqual((await read(undefined, 8)).entries.map(short), ['outbound 1.3  Venta']);
  });

  it('is read no further than it is shown, and counted all the same', async () => {
    for (let most = 0; most <= ALL.length; most += 1) {
      const { entries, total, calls } = await read(undefined, LEAD, most);
      assert.deepEqual(entries.slice(0, most).map(short), ALL.slice(0, most));
      const isCall = (entry: string) => /^(?:in|out)bound/.test(entry);
      const newest = entries.map(short).filter(isCall).slice(0, most);
      assert.deepEqual(newest, ALL.filter(isCall).slice(0, most));
      if (most > 0) assert.deepEqual([total, calls], [ALL.length, 4]);
      assert.ok(entries.length <= 4 * most);
    }
    await server.runRootSql(
      `UPDATE asterisk.vicidial_campaigns SET hide_call_log_info = 'SHOW_2';
      INSERT INTO asterisk.vicidial_call_notes (lead_id, vicidial_id, call_notes) VALUES (7, '1', ''), (7, '1', ' ')`,
    );
    const { total, calls, entries } = await read('ana', LEAD, 2);
    assert.deepEqual([total, calls], [4, 2]);
    assert.deepEqual(entries.slice(0, 2).map(short), ALL.slice(0, 2));
  });

  it('knows calls of both directions that go on', async () => {
    await server.runRootSql(
      `UPDATE asterisk.vicidial_log SET status = 'INCALL' WHERE uniqueid = '1.3';
      INSERT INTO asterisk.vicidial_closer_log (lead_id, call_date, status) VALUES (8, '2026-03-01', 'QUEUE')`,
    );
    const { entries } = await read(undefined, 8);
    assert.deepEqual(
      entries.map((entry) => entry.type === 'call' && [entry.direction, entry.state, entry.outcome]).sort(),
      [
        ['inbound', 'ringing', undefined],
        ['outbound', 'answered', undefined],
      ],
    );
  });

  it('shows an agent no more than the dialer does', async () => {
    const calls = async (user: string) =>
      (await read(user)).entries.map(short).filter((entry) => !entry.startsWith('callback'));
    const set = (sql: string) => server.runRootSql(`UPDATE asterisk.${sql}`);
    assert.equal((await calls('ana')).length, 7);
    await set(`vicidial_campaigns SET hide_call_log_info = 'SHOW_2'`);
    const last = ['inbound 2 ana answered', 'note asked for a bill', 'inbound 1 luis INFO'];
    assert.deepEqual(await calls('ana'), last);
    await set(`vicidial_users SET hide_call_log_info = 'Y' WHERE user = 'ana'`);
    assert.deepEqual(await calls('ana'), []);
    await set(`vicidial_users SET hide_call_log_info = 'N' WHERE user = 'ana'`);
    assert.equal((await calls('ana')).length, 7);
    await set(`vicidial_users SET hide_call_log_info = 'DISABLED' WHERE user = 'ana'`);
    // The campaign in which the agent works decides, not that of the lead's list.
    await server.runRootSql(
      `INSERT INTO asterisk.vicidial_campaigns VALUES ('OPEN', 'N');
      INSERT INTO asterisk.vicidial_live_agents SET user = 'ana', campaign_id = 'OPEN'`,
    );
    assert.equal((await calls('ana')).length, 7);
    await server.runRootSql('DELETE FROM asterisk.vicidial_live_agents');
    await set(`vicidial_users SET user_level = 9 WHERE user = 'ana'`);
    assert.equal((await calls('ana')).length, 7);
    await set(`vicidial_users SET user_level = 1 WHERE user = 'ana'`);
    await server.runRootSql(`REVOKE SELECT ON asterisk.vicidial_campaigns FROM callercard@'%'`);
    assert.deepEqual(await calls('ana'), [], 'what the operator hides is not known');
  });

  it('shows no call to somebody whom the dialer does not know', async () => {
    for (const user of ['', 'nobody', '\ud800'])
      assert.deepEqual((await read(user)).entries.map(short), ['callback in the afternoon'], user);
  });

  it('has the newest entries of a lead with very many', async () => {
    await server.runRootSql(
      `USE asterisk; INSERT INTO vicidial_log (uniqueid, lead_id, call_date)
        SELECT CONCAT('3.', seq), ${LEAD}, '2027-01-01' + INTERVAL seq SECOND FROM seq_1_to_3000;
      INSERT INTO vicidial_call_notes (lead_id, call_date, call_notes)
        SELECT ${LEAD}, '2027-01-01' + INTERVAL seq SECOND, seq FROM seq_1_to_3000`,
    );
    const { entries } = await read();
    const made = entries.flatMap((entry) =>
      entry.type === 'call' && entry.sourceCallId.startsWith('3.')
        ? [Number(entry.sourceCallId.slice(2))]
        : [],
    );
    assert.deepEqual(
      made,
      Array.from({ length: 1_000 }, (_, at) => 3_000 - at),
    );
    const notes = entries.flatMap((entry) => (entry.type === 'note' ? [entry.text] : []));
    assert.deepEqual([notes.length, notes[0], notes.at(-1)], [1_000, '3000', '2001']);
    assert.deepEqual(await logged(undefined, 2), ['2027-01-01 00:50:00', '2027-01-01 00:49:59']);
  });

  it('is hidden in the same way from who reads the logs of its calls', async () => {
    const [newest, older] = ['2026-03-11 10:00:00', '2026-03-10 10:00:00'];
    assert.deepEqual(await logged('ana'), [newest, older]);
    const hide = (rule: string) =>
      server.runRootSql(
        `UPDATE asterisk.vicidial_users SET hide_call_log_info = '${rule}' WHERE user = 'ana'`,
      );
    await hide('SHOW_1');
    assert.deepEqual(await logged('ana'), [newest]);
    await hide('Y');
    assert.deepEqual(await logged('ana'), []);
    assert.deepEqual(await logged(undefined), [newest, older], 'the operator hides nothing from tokens');
    await server.runRootSql(`REVOKE SELECT ON asterisk.vicidial_campaigns FROM callercard@'%'`);
    assert.deepEqual(await logged('ana'), [newest, older], 'as the API of the dialer itself');
  });

  it('reads what the rules mean', () => {
    const rules = { N: Infinity, '': Infinity, Y: 0, SHOW_1: 1, SHOW_10: 10, NEWER: 0 };
    for (const [rule, most] of Object.entries(rules)) assert.equal(callsOfRule(rule), most, rule);
  });

  it('says where the number must not be called', async () => {
    await server.runRootSql(`INSERT INTO asterisk.vicidial_campaign_dnc VALUES ('5511112222', 'OTHER')`);
    assert.equal((await read()).doNotCall, undefined);
    await server.runRootSql(`INSERT INTO asterisk.vicidial_campaign_dnc VALUES ('5511112222', 'L1')`);
    assert.deepEqual((await read()).doNotCall, { campaign: 'L1' });
    await server.runRootSql(`INSERT INTO asterisk.vicidial_dnc VALUES ('5511112222')`);
    assert.equal((await read()).doNotCall, 'everywhere');
  });

  it('leaves out what our account may not read, and is read by indexes alone', async () => {
    const kinds = async () => [...new Set((await read('ana')).entries.map(({ type }) => type))].sort();
    assert.deepEqual(await kinds(), ['call', 'callback', 'note']);
    const refuse = (sql: string) => server.runRootSql(sql.replaceAll('ASTERISK', 'asterisk'));
    await refuse(`REVOKE SELECT ON ASTERISK.vicidial_call_notes FROM callercard@'%'`);
    assert.deepEqual(await kinds(), ['call', 'callback']);
    await refuse('ALTER TABLE ASTERISK.vicidial_log DROP INDEX lead_id');
    await refuse('ALTER TABLE ASTERISK.vicidial_closer_log DROP COLUMN phone_number, DROP COLUMN uniqueid');
    const { entries } = await read();
    assert.deepEqual(entries.map(short), [ALL[0], ALL[1], ALL[3]]);
    await refuse(
      `DROP TABLE ASTERISK.vicidial_statuses, ASTERISK.vicidial_campaign_dnc, ASTERISK.vicidial_dnc`,
    );
    await refuse(`REVOKE SELECT ON ASTERISK.vicidial_closer_log FROM callercard@'%'`);
    assert.deepEqual(await kinds(), ['callback']);
  });
});
