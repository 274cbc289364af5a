import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { createApp } from '../../src/app.ts';
import { hearCalls } from '../../test/endpoints/card/call-fixture.ts';
import { createCardClient } from '../../test/endpoints/card/card-fixture.ts';
import { createReadOnlyUser } from '../../test/support/dialer-accounts.ts';
import { dialerConfig } from '../../test/support/dialer-config.ts';
import { fillDialer } from '../../test/support/fill-dialer.ts';
import { startMariadb, type MariadbServer } from '../../test/support/mariadb-server.ts';
import { asDatabaseRoot } from '../../test/support/root-sql.ts';
import { until } from '../../test/support/until.ts';
import { type OpenPage, timePaints } from './painted.ts';

const AGENTS = 300;
const ROUNDS = 30;
const COST_SECONDS = 20;
const READER = { user: 'callercard', password: 'reads only' } as const;
/** Two in turn, so that each pop changes the card. */
const LEADS = [
  { lead_id: 7, first_name: 'Macias', phone_number: '5511112222' },
  { lead_id: 8, first_name: 'Guadalupe', phone_number: '5511113333' },
] as const;
const AGENT = { name: 'ana', password: 'sees cards' } as const;

/** What a dialer's pops take: from the agent's row to the event at the card, and the server's CPU time for looking at the floor. */
export async function measureDialerPop(): Promise<{
  /** Milliseconds, in order. */
  readonly times: readonly number[];
  /** Milliseconds of CPU time of the database in a second: while a card is open, and while none is. */
  readonly cost: { readonly open: number; readonly idle: number };
}> {
  const server = await startMariadb();
  try {
    await fillFloor(server);
    const app = createApp(dialerConfig(server, READER));
    try {
      const url = await app.listen();
      const idle = await costOf(server);
      const client = createCardClient(url);
      await client.signIn(AGENT.name, AGENT.password);
      const card = await hearCalls(url, client);
      await pause(2_000);
      const open = await costOf(server);
      const times = await timePops(server, () => card.events.length);
      card.close();
      return { times, cost: { open, idle } };
    } finally {
      await app.close();
    }
  } finally {
    await server.stop();
  }
}

/** Milliseconds from the agent's row to the painted card, in order. */
export async function measureDialerPaint(open: OpenPage): Promise<readonly number[]> {
  const server = await startMariadb();
  try {
    await fillFloor(server);
    const app = createApp(dialerConfig(server, READER));
    try {
      const page = await open(await app.listen(), AGENT);
      return await asDatabaseRoot(server, async (root) => {
        await root.query('USE asterisk');
        return timePaints(page, ROUNDS, async (round) => {
          // A pause that is no multiple of the time between two looks.
          await pause(37 * round);
          return () => root.query(giveCall(round, LEADS[round % LEADS.length] ?? LEADS[0]));
        });
      });
    } finally {
      await app.close();
    }
  } finally {
    await server.stop();
  }
}

/** The dialer gives the agent a call with this lead. */
function giveCall(round: number, { lead_id: leadId }: { readonly lead_id: number }): string {
  return `UPDATE vicidial_live_agents SET callerid = 'Y${1_000 + round}', status = 'QUEUE', lead_id = ${leadId},
    comments = 'INBOUND', last_state_change = NOW() WHERE user = '${AGENT.name}'`;
}

async function fillFloor(server: MariadbServer): Promise<void> {
  await fillDialer(server, {
    lists: [{ list_id: 100, name: 'One' }],
    leads: LEADS.map((lead) => ({ ...lead, list_id: 100 })),
    users: [AGENT],
  });
  await createReadOnlyUser(server, READER.user, READER.password);
  await server.runRootSql(`USE asterisk;
    ALTER TABLE vicidial_auto_calls ENGINE = MEMORY;
    INSERT INTO vicidial_live_agents (user, status, callerid, lead_id, campaign_id, comments, last_state_change, last_update_time)
      SELECT CONCAT('agent', seq), 'INCALL', CONCAT('V1130160312', LPAD(seq, 9, '0')), seq, 'L1', 'AUTO', NOW() - INTERVAL 90 SECOND,
        NOW() + INTERVAL 1 HOUR FROM seq_1_to_${AGENTS};
    INSERT INTO vicidial_auto_calls (callerid, phone_number, campaign_id, lead_id, uniqueid, channel)
      SELECT CONCAT('V1130160312', LPAD(seq, 9, '0')), 5500000000 + seq, 'L1', seq, seq, 'SIP/trunk' FROM seq_1_to_${AGENTS};
    INSERT INTO vicidial_live_agents SET user = '${AGENT.name}', status = 'READY', callerid = ''`);
}

/** @returns milliseconds of CPU time in a second */
async function costOf({ pid }: MariadbServer): Promise<number> {
  const before = cpuNanoseconds(pid);
  await pause(COST_SECONDS * 1_000);
  return (cpuNanoseconds(pid) - before) / 1e6 / COST_SECONDS;
}

/** Of all its threads: the server has one for each connection. */
function cpuNanoseconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'));
  return times.reduce((sum, time) => sum + Number(time.split(' ')[0]), 0);
}

async function timePops(server: MariadbServer, heard: () => number): Promise<readonly number[]> {
  const times: number[] = [];
  await asDatabaseRoot(server, async (root) => {
    await root.query('USE asterisk');
    for (let round = 0; round < ROUNDS; round += 1) {
      // A pause that is no multiple of the time between two looks.
      await pause(700 + 37 * round);
      const before = heard();
      const started = performance.now();
      await root.query(giveCall(round, LEADS[0]));
      // The end of the call before, and this one.
      await until('the event', () => heard() >= before + (round === 0 ? 1 : 2), 1);
      times.push(performance.now() - started);
    }
  });
  return times.sort((one, other) => one - other);
}
