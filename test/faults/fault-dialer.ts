import { createApp, type App } from '../../src/app.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { StoreEvent } from '../../src/core/store.ts';
import type { DialerConfig } from '../../src/stores/vicidial/address.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { runRootSql, type Address } from '../support/root-sql.ts';
import { startTraffic, type SteadyTraffic, type TrafficOptions } from '../support/load/traffic.ts';
import { recordLeads } from '../support/distinct-leads.ts';
import { until } from '../support/until.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { CLIENTS } from './fault-limits.ts';

/** An app over the dialer on these servers, as it is served. */
export interface FaultApp {
  readonly app: App;
  readonly url: string;
  /** What its store logged about the database's servers. */
  serverMessages(): readonly string[];
  /** How many lookups have begun. */
  begun(): number;
  /** Waits until the store logs something like this, from now on. */
  untilLogged(words: RegExp): Promise<void>;
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
  const logged: StoreEvent[] = [];
  const store = openStore(config, { log: (event) => logged.push(event) });
  const read = store.accounts.read.bind(store.accounts);
  let begun = 0;
  store.accounts.read = (...parameters) => {
    begun += 1;
    return read(...parameters);
  };
  const watched = createWatchedLog();
  const app = createApp(config, { store, log: watched.log });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= app.close().then(() => watched.check()));
  open.add(close);
  return {
    app,
    url: await app.listen(),
    serverMessages: () =>
      logged
        .filter(({ message }) => message.startsWith('the database server '))
        .map(({ level, message }) => `${level}: ${message}`),
    begun: () => begun,
    async untilLogged(words) {
      const from = logged.length;
      await until(String(words), () => logged.slice(from).some(({ message }) => words.test(message)));
    },
    close,
  };
}

/** Clients that ask for every lead, over and over, once the dialer has answered for each. */
export async function startLeadTraffic(url: string, options?: TrafficOptions): Promise<SteadyTraffic> {
  const traffic = startTraffic(url, await recordLeads(url), { clients: CLIENTS, ...options });
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
