import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { createApp, openStore, type App } from '../../src/app.ts';
import type { StoreEvent } from '../../src/store/store-event.ts';
import type { DialerConfig } from '../../src/store/vicidial/dialer-address.ts';
import { PASSWORD } from '../access/lookup-desk.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import type { StoreDescription } from '../store/described-store.ts';
import { fillForReader, numberOf, READER } from '../store/vicidial/dialer-desk.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import type { DialerOptions } from '../support/dialer-columns.ts';
import { runRootSql, type Address } from '../support/root-sql.ts';
import {
  learnAnswers,
  startTraffic,
  type Asked,
  type SteadyTraffic,
  type TrafficOptions,
} from '../support/steady-traffic.ts';
import { CLIENTS } from './fault-limits.ts';

export { READER };

const LEADS = 120;
const PLAIN_LIST = 100;
const CUSTOM_LIST = 200;

/** Leads that are all told apart by each of their values; every other one has custom values too. */
const DESCRIPTION: StoreDescription = {
  lists: [
    { list_id: PLAIN_LIST, name: 'plain' },
    { list_id: CUSTOM_LIST, name: 'custom', fields: [{ label: 'badge', type: 'TEXT' }] },
  ],
  leads: Array.from({ length: LEADS }, (_, at) => at + 1).map((lead_id) => ({
    lead_id,
    list_id: lead_id % 2 === 0 ? CUSTOM_LIST : PLAIN_LIST,
    phone_number: numberOf(lead_id),
    first_name: `Name ${lead_id}`,
    ...(lead_id % 2 === 0 ? { custom: [['badge', badgeOf(lead_id)]] as const } : {}),
  })),
  users: [{ name: 'crm', password: PASSWORD }],
};

function badgeOf(leadId: number): string {
  return `badge of ${leadId}`;
}

export function fillFaultDialer(server: Address, options?: DialerOptions): Promise<void> {
  return fillForReader(server, DESCRIPTION, options);
}

/** A question for a lead; without a lead, for the first one. */
export function leadTarget(leadId = 1): string {
  return `${PATH}?${queryFor({ lead_id: String(leadId) })}`;
}

function numberTarget(leadId: number): string {
  return `${PATH}?${queryFor({ phone_number: numberOf(leadId) })}`;
}

/** An app over the dialer on these servers, as it is served. */
export interface FaultApp {
  readonly app: App;
  readonly url: string;
  /** What its store told of the database's servers. */
  toldOfServers(): readonly string[];
  /** How many lookups have begun. */
  begun(): number;
  /** Waits until the store tells something like this, from now on. */
  untilTold(words: RegExp): Promise<void>;
  close(): Promise<void>;
}

const open = new Set<() => Promise<unknown>>();

/** Ends all traffic and every app that was started here, whatever became of the test; for `afterEach`. */
export async function endAll(): Promise<void> {
  const all = [...open].reverse();
  open.clear();
  for (const end of all) await end();
}

export async function startFaultApp(
  servers: Address | readonly Address[],
  changes: Partial<DialerConfig> = {},
): Promise<FaultApp> {
  const config = dialerConfig(servers, READER, { rateLimit: 1_000_000, ...changes });
  const told: StoreEvent[] = [];
  const store = openStore(config, { tell: (event) => told.push(event) });
  const visit = store.accounts.visit.bind(store.accounts);
  let begun = 0;
  store.accounts.visit = (...parameters) => {
    begun += 1;
    return visit(...parameters);
  };
  const app = createApp(config, { store });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= app.close());
  open.add(close);
  return {
    app,
    url: await app.listen(),
    toldOfServers: () =>
      told
        .filter(({ message }) => message.startsWith('the database server '))
        .map(({ level, message }) => `${level}: ${message}`),
    begun: () => begun,
    async untilTold(words) {
      const from = told.length;
      await until(String(words), () => told.slice(from).some(({ message }) => words.test(message)));
    },
    close,
  };
}

/** Every lead, by its id and by its number, with its answer. */
export async function learnLeads(url: string): Promise<readonly Asked[]> {
  // On a busy machine the first connection may take too long.
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok);
  const ids = Array.from({ length: LEADS }, (_, at) => at + 1);
  const [byId, byNumber] = [
    await learnAnswers(url, ids.map(leadTarget)),
    await learnAnswers(url, ids.map(numberTarget)),
  ];
  for (const answers of [byId, byNumber]) {
    for (const [at, { expected }] of answers.entries()) {
      const id = at + 1;
      assert.match(expected, new RegExp(`"lead_id":${id},.*"first_name":"Name ${id}"`));
      assert.equal(expected.includes(`"${badgeOf(id)}"`), id % 2 === 0, expected);
    }
  }
  return byId.flatMap((one, at) => [one, byNumber[at] ?? one]);
}

/** Clients that ask for every lead, over and over, once the dialer has answered for each. */
export async function startLeadTraffic(url: string, options?: TrafficOptions): Promise<SteadyTraffic> {
  const traffic = startTraffic(url, await learnLeads(url), { clients: CLIENTS, ...options });
  open.add(() => traffic.stop());
  return traffic;
}

/** One connection of our account, as the server sees it. */
export interface Session {
  readonly ID: bigint;
  readonly COMMAND: string;
  readonly STATE: string | null;
}

export async function sessionsOf(server: Address): Promise<readonly Session[]> {
  const sql = 'SELECT ID, COMMAND, STATE FROM information_schema.PROCESSLIST WHERE USER = ?';
  return (await runRootSql(server, sql, [READER.user])) as readonly Session[];
}

/** Waits for a condition, and not for ever. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const latest = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > latest) throw new Error(`this did not come: ${what}`);
    await pause(10);
  }
}

/** How long something takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
