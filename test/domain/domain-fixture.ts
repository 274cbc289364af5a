import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { Config } from '../../src/config/settings.ts';
import { createDomains, DOMAIN_LIMITS, type DomainLimits, type Domains } from '../../src/domain/domains.ts';
import type { StoreEvent } from '../../src/core/store.ts';
import { createFakeClock, type FakeClock } from '../service/test-services.ts';
import { outcomeOf } from '../service/lookup-fixture.ts';
import { passwordOf } from '../support/domain-app.ts';

/** The domains of a process, without a server, and with a clock that a test moves. */
export interface DomainFixture {
  readonly domains: Domains;
  readonly clock: FakeClock;
  readonly events: readonly LookupEvent[];
  readonly logged: readonly (StoreEvent & { readonly domain: string })[];
  /** Asks as the user `crm` of that domain, whose host has the domain's name. The lead's id, or the problem's code. */
  readonly ask: (domain: string, leadId?: number, password?: string) => Promise<string | number>;
}

export function openDomainFixture(
  { domains: configs }: Config,
  limits: Partial<DomainLimits> = {},
): DomainFixture {
  const clock = createFakeClock();
  const events: LookupEvent[] = [];
  const logged: (StoreEvent & { domain: string })[] = [];
  const domains = createDomains(configs, {
    clock,
    limits: { ...DOMAIN_LIMITS, sweepMs: 5, ...limits },
    observers: [(event) => events.push(event)],
    log: (domain, event) => logged.push({ domain, ...event }),
  });
  return {
    domains,
    clock,
    events,
    logged,
    async ask(domain, leadId = 1, password = passwordOf(domain)) {
      const served = domains.only ?? domains.find(domain);
      if (served === undefined || served === 'no host') return 'nobody';
      const outcome = await served.lookup({
        endpoint: 'goapi',
        right: 'read',
        requestId: 'r-1',
        address: '192.0.2.1',
        credentials: { kind: 'user', name: 'crm', password },
        parameters: { leadId: String(leadId) },
      });
      return outcomeOf(outcome);
    },
  };
}
