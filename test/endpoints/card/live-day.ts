import { setTimeout as pause } from 'node:timers/promises';

import { createApp } from '../../../src/app.ts';
import type { Log } from '../../../src/observe/log.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { startDialerDay } from '../../support/dialer-day.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { type MariadbServer, startMariadb } from '../../support/mariadb-server.ts';
import { until } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { type DayCards, openDayCards } from './day-cards.ts';
import { listenReady } from '../../support/test-app.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;
const PASSWORD = 'planted-secret of an agent';

export interface LiveDay {
  readonly calls: number;
  /** What went wrong, each in a line. */
  readonly faults: readonly string[];
}

/**
 * A day on the floor of a dialer in a real MariaDB, in a few seconds, with the card of every agent open. Our server is restarted
 * in the first half of it, the database killed and started again in the second.
 */
export async function runLiveDay(size: {
  readonly agents: number;
  readonly dayMs: number;
  readonly callMs: number;
}): Promise<LiveDay> {
  const users = Array.from({ length: size.agents }, (_, at) => `agent${at + 1}`);
  const leads = Array.from({ length: 200 }, (_, at) => {
    return { lead_id: at + 1, list_id: 100, phone_number: String(5_511_110_000 + at) };
  });
  const watched = createWatchedLog();
  const server = await startMariadb();
  try {
    const lists = [{ list_id: 100, name: 'One' }];
    await fillDialer(server, { lists, leads, users: users.map((name) => ({ name, password: PASSWORD })) });
    await server.runRootSql('ALTER TABLE asterisk.vicidial_auto_calls ENGINE = MEMORY');
    await createReadOnlyUser(server, READER.user, READER.password);
    const restarted = startRestarted(server, watched.log);
    const cards = await openDayCards(await restarted.start(), users, PASSWORD);
    const { hasShown } = cards;
    const day = startDialerDay(server, { agents: users, leads, callMs: size.callMs, hasShown });
    try {
      await pause(size.dayMs / 3);
      await restarted.restart();
      await pause(size.dayMs / 3);
      await server.kill();
      await server.restart();
      await pause(size.dayMs / 3);
      await day.end();
      await untilPopped(cards, day.given);
      const calls = [...day.given.values()].reduce((sum, ofAgent) => sum + ofAgent.length, 0);
      return { calls, faults: faultsOf(cards, day.given) };
    } finally {
      await day.stop();
      await cards.close();
      await restarted.close();
      watched.check();
    }
  } finally {
    await server.stop();
  }
}

/** Our server, which comes back with the same state. */
function startRestarted(server: MariadbServer, log: Log) {
  const config = dialerConfig(server, READER);
  let app = createApp(config, { log });
  let url = '';
  return {
    async start(): Promise<() => string> {
      url = await listenReady(app);
      return () => url;
    },
    async restart(): Promise<void> {
      await app.close();
      app = createApp(config, { log });
      url = await listenReady(app);
    },
    close: () => app.close(),
  };
}

type Given = ReadonlyMap<string, readonly string[]>;

/** What comes late has come by then. */
async function untilPopped({ popsOf }: DayCards, given: Given): Promise<void> {
  const hasPopped = () => [...given].every(([user, calls]) => popsOf(user).length >= calls.length);
  await until('every call has popped', hasPopped).catch(() => undefined);
}

function faultsOf({ popsOf }: DayCards, given: Given): readonly string[] {
  return [...given].flatMap(([user, calls]) => {
    const pops = popsOf(user);
    const missed = calls.filter((call) => !pops.includes(call));
    const others = pops.filter((call) => !calls.includes(call));
    const twice = pops.filter((call, at) => pops.indexOf(call) !== at);
    return [
      ...missed.map((call) => `${user}: ${call} did not pop`),
      ...others.map((call) => `${user}: ${call} popped, and is not theirs`),
      ...twice.map((call) => `${user}: ${call} popped again`),
    ];
  });
}
