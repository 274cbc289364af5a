import { domainsOf } from './config/domains.ts';
import type { Config } from './config/settings.ts';
import { systemClock } from './core/clock.ts';
import type { Store } from './core/store.ts';
import { createDomains, DOMAIN_LIMITS } from './domain/domains.ts';
import type { Lookup } from './service/lookup.ts';

export { writeCustomerJson } from './endpoints/goapi/render.ts';

export interface OperatorLookup {
  readonly lookup: Lookup;
  readonly close: () => Promise<void>;
}

/**
 * Wires what a lookup without a server needs: the only domain, with its audit. The rest of the app takes longer to load than
 * the lookup takes.
 *
 * @param store whose owner this becomes
 * @throws {StoreRefusal | AuditRefusal} the domain cannot be used
 */
export function openOperatorLookup(config: Config, store: Store): OperatorLookup {
  const domains = createDomains(domainsOf(config), {
    clock: systemClock,
    limits: DOMAIN_LIMITS,
    observers: [],
    store,
    log: () => undefined,
  });
  const { only } = domains;
  if (only === undefined) throw new Error('there are several domains');
  return { lookup: only.lookup, close: () => domains.close() };
}
