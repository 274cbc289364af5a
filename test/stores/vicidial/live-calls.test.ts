import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Floor, FloorSnapshot } from '../../../src/core/floor.ts';
import { openFloor } from '../../../src/stores/vicidial/live-calls.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { setFloor } from '../../support/dialer-floor.ts';
import { createDialerTables } from '../../support/dialer-tables.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { until } from '../../support/until.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;

describe('the floor of a dialer', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  const open: Floor[] = [];
  before(async () => {
    server = await startMariadb();
  });
  after(async () => {
    for (const floor of open) await floor.leave();
    await server.stop();
  });
  beforeEach(async () => {
    for (const floor of open.splice(0)) await floor.leave();
    await createDialerTables(server);
    await createReadOnlyUser(server, READER.user, READER.password);
  });

  function enter(domain = 'acme'): Floor {
    const floor = openFloor(dialerConfig(server, READER), domain);
    open.push(floor);
    return floor;
  }

  function callsIn(read: FloorSnapshot | 'elsewhere' | 'denied') {
    assert.ok(typeof read !== 'string');
    return read
      .map(({ ageMs, ...call }) => ({ ...call, isYoung: ageMs !== undefined && ageMs < 60_000 }))
      .sort((one, other) => one.agent.localeCompare(other.agent));
  }

  it('has each call with its number, line and direction, and nobody who waits', async () => {
    const call = (callerid: string, more: object = {}) => ({
      ...{ callerid, phone_number: '5511112222', campaign_id: 'L1', call_type: 'OUT', uniqueid: '1.1' },
      ...{ channel: 'SIP/trunk-1', ...more },
    });
    await setFloor(
      server,
      [
        { user: 'auto', status: 'QUEUE', callerid: 'V1', lead_id: 11, comments: 'AUTO' },
        { user: 'closer', status: 'INCALL', callerid: 'Y2', lead_id: 12, comments: 'INBOUND' },
        { user: 'dials', status: 'INCALL', callerid: 'M3', lead_id: 13, comments: 'MANUAL' },
        { user: 'ended', status: 'INCALL', callerid: 'Y9', lead_id: 19, comments: 'INBOUND' },
        { user: 'looks', status: 'PAUSED', preview_lead_id: 14 },
        { user: 'pauses', status: 'PAUSED', lead_id: 15 },
        { user: 'rings', status: 'READY', on_hook_agent: 'Y', ring_callerid: 'Y5' },
        { user: 'waits', status: 'READY', callerid: '' },
        { user: 'writes', status: 'INCALL', callerid: 'Y6', lead_id: 16, comments: 'CHAT' },
      ],
      [
        call('V1'),
        call('Y2', { call_type: 'IN', campaign_id: 'SALESLINE' }),
        call('M3', { uniqueid: '', channel: '' }),
        call('Y5', { call_type: 'IN', campaign_id: 'SALESLINE', phone_number: '100' }),
        call('Y6'),
        call(''),
      ],
    );
    const common = { isStale: false, isYoung: true, phone: '5511112222' };
    const bare = { isStale: false, isYoung: true };
    assert.deepEqual(callsIn(await enter().read()), [
      {
        ...common,
        agent: 'auto',
        callId: 'V1',
        state: 'ringing',
        direction: 'outbound',
        leadId: 11,
        line: 'L1',
      },
      {
        ...{ ...common, agent: 'closer', callId: 'Y2', state: 'answered', direction: 'inbound', leadId: 12 },
        line: 'SALESLINE',
      },
      {
        ...common,
        agent: 'dials',
        callId: 'M3',
        state: 'ringing',
        direction: 'outbound',
        leadId: 13,
        line: 'L1',
      },
      { ...bare, agent: 'ended', callId: 'Y9', state: 'answered', direction: 'inbound', leadId: 19 },
      {
        ...bare,
        agent: 'looks',
        callId: undefined,
        state: 'ringing',
        direction: 'outbound',
        leadId: 14,
        line: 'L1',
      },
      { ...bare, agent: 'rings', callId: 'Y5', state: 'ringing', direction: 'inbound', line: 'SALESLINE' },
    ]);
  });

  it('tells of whom the dialer has not heard for a while', async () => {
    await setFloor(server, [{ user: 'ana', status: 'INCALL', callerid: 'V1', lead_id: 11 }]);
    await server.runRootSql(
      'UPDATE asterisk.vicidial_live_agents SET last_update_time = NOW() - INTERVAL 31 SECOND',
    );
    const read = await enter().read();
    assert.deepEqual(typeof read === 'string' ? read : read.map(({ isStale }) => isStale), [true]);
  });

  it('is entered by one at a time, and by the next when that one leaves, or its connection is lost', async () => {
    const [first, second] = [enter(), enter()];
    // The server may not have ended the connections of the test before.
    await until('the one before has left', async () => Array.isArray(await first.read()));
    assert.equal(await second.read(), 'elsewhere');
    await first.leave();
    await until('the next one is in', async () => Array.isArray(await second.read()));
    assert.equal(await first.read(), 'elsewhere');
    const [session] = (await server.runRootSql(
      `SELECT IS_USED_LOCK('callercard pop acme asterisk') AS id`,
    )) as readonly { id: unknown }[];
    await server.runRootSql(`KILL ${String(session?.id)}`);
    await until('the other one is in', async () => Array.isArray(await first.read()));
    // The one that was cut off asks again, and is let in no more.
    await second.read().catch(() => undefined);
    assert.equal(await second.read(), 'elsewhere');
  });

  it('is read for each domain that has this dialer', async () => {
    const [first, other] = [enter('acme'), enter('globex')];
    assert.deepEqual(await first.read(), []);
    assert.deepEqual(await other.read(), []);
  });

  it('is read as far as this version of the dialer has it, and by an account that may', async () => {
    await setFloor(server, [
      { user: 'ana', status: 'INCALL', callerid: 'Y1', lead_id: 11, comments: 'INBOUND' },
    ]);
    let floor = enter();
    const expected = { agent: 'ana', callId: 'Y1', state: 'answered', direction: 'inbound', leadId: 11 };
    const seen = async () => {
      const read = await floor.read();
      return typeof read === 'string'
        ? read
        : read.map(({ agent, callId, state, direction, leadId }) => ({
            agent,
            callId,
            state,
            direction,
            leadId,
          }));
    };
    assert.deepEqual(await seen(), [expected]);
    for (const change of [
      'DROP TABLE asterisk.vicidial_auto_calls',
      'ALTER TABLE asterisk.vicidial_live_agents DROP preview_lead_id',
      'ALTER TABLE asterisk.vicidial_live_agents DROP on_hook_agent, DROP last_state_change, DROP INDEX vlaus',
      'ALTER TABLE asterisk.vicidial_live_agents DROP comments, DROP last_update_time, DROP last_call_time',
    ]) {
      await server.runRootSql(change);
      assert.deepEqual(await seen(), [expected], change);
    }
    await server.runRootSql(`REVOKE SELECT ON asterisk.vicidial_live_agents FROM callercard@'%'`);
    assert.equal(await seen(), 'denied');
    await server.runRootSql(
      `GRANT SELECT (user, status, lead_id, callerid) ON asterisk.vicidial_live_agents TO callercard@'%'`,
    );
    // What may be read is looked up now and then; by one who has just entered, at once.
    await floor.leave();
    floor = enter();
    assert.deepEqual(await seen(), [expected]);
  });

  it('does not hold up who asks while the server stands still, and is entered anew', async () => {
    const floor = enter();
    assert.deepEqual(await floor.read(), []);
    server.freeze();
    try {
      await assert.rejects(floor.read(), /no answer for/);
      await assert.rejects(floor.read());
    } finally {
      server.thaw();
    }
    await until('it is in again', async () => Array.isArray(await floor.read().catch(() => undefined)));
  });

  it('keeps nothing of what it looked at before, however long it is read', async () => {
    const agents = Array.from({ length: 300 }, (_, at) => ({
      ...{ user: `agent${at}`, status: 'INCALL', callerid: `V${at}`, lead_id: at + 1 },
      comments: 'INBOUND',
    }));
    await setFloor(server, agents);
    const floor = enter();
    const heldAfter = async (looks: number) => {
      for (let look = 0; look < looks; look += 1) assert.equal((await floor.read()).length, 300);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await heldAfter(20);
    const bytes = ((await heldAfter(200)) - before) / 200;
    assert.ok(bytes < 5_000, `${Math.round(bytes)} bytes stay of each look`);
  });
});
