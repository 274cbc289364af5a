import { setTimeout as pause } from 'node:timers/promises';

import { createConnection, SqlError, type Connection } from 'mariadb';

import type { Address } from './root-sql.ts';
import { SeededRandom } from './seeded-random.ts';

const TICK_MS = 100;
/** Agents' screens say so often that they are there. */
const ALIVE_MS = 1_000;
/** A card that has not opened by then does not open. */
const MISSED_MS = 30_000;

const AGENTS = 'vicidial_live_agents';

/** MyISAM after a kill in the middle of a write: rows that the index has no more, or a table that is marked. */
function isDamage(cause: unknown): boolean {
  return cause instanceof SqlError && [1032, 1034, 1194, 1195].includes(cause.errno);
}

export interface DayOptions {
  readonly agents: readonly string[];
  readonly leads: readonly { readonly lead_id: number; readonly phone_number: string }[];
  /** How long a call takes at least, from its ringing on. */
  readonly callMs: number;
  /** Whether the card of an agent has shown a call: nobody hangs up before. */
  readonly hasShown: (user: string, callId: string) => boolean;
}

interface DayAgent {
  readonly user: string;
  /** When something happens next. */
  dueAt: number;
  call:
    | { readonly callId: string; readonly since: number; readonly isManual: boolean; isAnswered: boolean }
    | undefined;
}

/**
 * What a dialer writes while its agents talk: a call rings at an agent who waits, is answered, is hung up, and the next one comes.
 * While the database is away the dialer can write nothing, and goes on when it is back.
 */
export function startDialerDay(server: Address, { agents, leads, callMs, hasShown }: DayOptions) {
  const random = new SeededRandom('a day');
  const database = createDialerWriter(server);
  const given = new Map<string, string[]>(agents.map((user) => [user, []]));
  const floor = agents.map((user): DayAgent => {
    return { user, dueAt: performance.now() + random.below(callMs), call: undefined };
  });
  let [calls, isOver, isStopped, aliveAt] = [0, false, false, -Infinity];

  async function begin(agent: DayAgent): Promise<void> {
    const kind = random.pick(['Y', 'V', 'M'] as const);
    const lead = random.pick(leads);
    const callId = `${kind}1130160312${String((calls += 1)).padStart(9, '0')}`;
    const isManual = kind === 'M';
    await database.write(
      `INSERT INTO vicidial_auto_calls SET callerid = ?, phone_number = ?, lead_id = ?, campaign_id = ?, call_type = ?,
        uniqueid = ?, channel = ?`,
      [
        callId,
        lead.phone_number,
        lead.lead_id,
        kind === 'Y' ? 'SALESLINE' : 'L1',
        kind === 'Y' ? 'IN' : 'OUT',
      ].concat(isManual ? ['', ''] : [callId, 'SIP/trunk']),
    );
    agent.call = { callId, since: performance.now(), isManual, isAnswered: false };
    given.get(agent.user)?.push(callId);
    await database.write(
      `UPDATE vicidial_live_agents SET status = ?, callerid = ?, lead_id = ?, comments = ?, last_state_change = NOW() WHERE user = ?`,
      [
        isManual ? 'INCALL' : 'QUEUE',
        callId,
        lead.lead_id,
        { Y: 'INBOUND', V: 'AUTO', M: 'MANUAL' }[kind],
        agent.user,
      ],
    );
    agent.dueAt = performance.now() + random.below(callMs / 2);
  }

  async function answer(agent: DayAgent, call: NonNullable<DayAgent['call']>): Promise<void> {
    call.isAnswered = true;
    await database.write(
      `UPDATE vicidial_auto_calls SET uniqueid = callerid, channel = 'SIP/trunk' WHERE callerid = ?`,
      [call.callId],
    );
    await database.write(
      `UPDATE vicidial_live_agents SET status = 'INCALL', last_call_time = NOW(), last_state_change = NOW() WHERE user = ?`,
      [agent.user],
    );
    agent.dueAt = Math.max(performance.now(), call.since + callMs + random.below(callMs));
  }

  async function end(agent: DayAgent, { callId, since }: NonNullable<DayAgent['call']>): Promise<void> {
    const isMissed = performance.now() - since > MISSED_MS;
    if (!hasShown(agent.user, callId) && !isMissed) return;
    agent.call = undefined;
    await database.write('DELETE FROM vicidial_auto_calls WHERE callerid = ?', [callId]);
    await database.write(
      `UPDATE vicidial_live_agents SET status = 'READY', callerid = '', lead_id = 0, comments = '', last_state_change = NOW()
        WHERE user = ?`,
      [agent.user],
    );
    agent.dueAt = performance.now() + random.below(callMs / 2);
  }

  async function step(agent: DayAgent): Promise<void> {
    const { call } = agent;
    if (performance.now() < agent.dueAt) return;
    if (call === undefined) {
      if (!isOver) await begin(agent);
    } else if (call.isAnswered) await end(agent, call);
    else await answer(agent, call);
  }

  async function run(): Promise<void> {
    for (const { user } of floor)
      await database.write(
        `INSERT INTO vicidial_live_agents SET user = ?, status = 'READY', callerid = '', campaign_id = 'L1', comments = ''`,
        [user],
      );
    while (!isStopped && (!isOver || floor.some(({ call }) => call !== undefined))) {
      if (performance.now() - aliveAt > ALIVE_MS) {
        aliveAt = performance.now();
        await database.write('UPDATE vicidial_live_agents SET last_update_time = NOW()', []);
      }
      for (const agent of floor) await step(agent);
      await pause(TICK_MS);
    }
    await database.close();
  }

  const running = run();
  running.catch(() => undefined);
  return {
    /** The calls of each agent, in their order. */
    given: given as ReadonlyMap<string, readonly string[]>,
    /** No further calls come; resolves when those that there are have been hung up. */
    end(): Promise<void> {
      isOver = true;
      return running;
    },
    /** Nothing more happens. */
    async stop(): Promise<void> {
      [isOver, isStopped] = [true, true];
      await running.catch(() => undefined);
    },
  };
}

/** Writes each statement, as often as it takes. */
function createDialerWriter({ host, port }: Address) {
  let connection: Connection | undefined;
  async function connect(): Promise<Connection> {
    const opened = await createConnection({
      host,
      port,
      user: 'root',
      database: 'asterisk',
      connectTimeout: 2_000,
    });
    opened.on('error', () => undefined);
    return opened;
  }
  return {
    async write(sql: string, values: readonly (string | number)[]): Promise<void> {
      const latest = performance.now() + MISSED_MS;
      for (;;) {
        try {
          connection ??= await connect();
          await connection.query(sql, values);
          return;
        } catch (cause) {
          if (isDamage(cause)) await connection?.query(`REPAIR TABLE ${AGENTS}`).catch(() => undefined);
          connection?.destroy();
          connection = undefined;
          if (performance.now() > latest) throw cause;
          await pause(TICK_MS);
        }
      }
    },
    close: async () => connection?.end(),
  };
}
