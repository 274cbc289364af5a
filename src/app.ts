import type { AddressInfo } from 'node:net';

import type { LookupEvent } from './access/lookup-event.ts';
import { createLookup, type Lookup } from './access/lookup.ts';
import { systemClock, type Clock } from './access/clock.ts';
import type { Config } from './config/settings.ts';
import { registerGoapi } from './goapi/door.ts';
import { watchConnections } from './http/connections.ts';
import { addHealth } from './http/health.ts';
import { createLog, type Log } from './http/log.ts';
import { createLookupLog } from './http/lookup-log.ts';
import { createServer } from './http/server.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

// Commands and tests reach the stores and the documented answer through here.
export { isEmbedded, openStore, type EmbeddedConfig } from './store/open-store.ts';
export type { EmbeddedStore, Store } from './store/store.ts';
export { StoreRefusal } from './store/store-refusal.ts';
export { GOAPI_PATHS } from './goapi/door.ts';
export { writeCustomerJson } from './goapi/write-json.ts';

/** What a test or a command may put in place of the app's own. */
export interface AppOverrides {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Told of every lookup, besides the log. */
  readonly onEvent?: (event: LookupEvent) => void;
}

export interface App {
  readonly inject: ReturnType<typeof createServer>['inject'];
  readonly lookup: Lookup;
  /** @returns the URL it listens on, such as `http://127.0.0.1:8080` */
  listen(): Promise<string>;
  /** Answers what was accepted, then closes the store. */
  close(): Promise<void>;
}

/**
 * Puts the rooms together. Nothing listens yet.
 *
 * @throws {StoreRefusal} the configured store cannot be used
 */
export function createApp(config: Config, overrides: AppOverrides = {}): App {
  const { clock = systemClock, log = createLog(config.logLevel) } = overrides;
  const store = overrides.store ?? openStore(config, { country: config.defaultCountry });
  const logLookup = createLookupLog(log);
  const lookup = createLookup({
    leads: store.leads,
    accounts: store.accounts,
    clock,
    ratePerSecond: config.rateLimit,
    onEvent(event) {
      logLookup(event);
      overrides.onEvent?.(event);
    },
  });
  const server = createServer(log, config.trustedProxies);
  const connections = watchConnections(server);
  addHealth(server, () => store.isReady());
  registerGoapi(server, lookup, config.corsOrigins);

  return {
    inject: server.inject.bind(server),
    lookup,
    async listen() {
      await server.listen({ host: config.host, port: config.port });
      const { address, family, port } = server.server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },
    async close() {
      await connections.close();
      await store.close();
    },
  };
}
