import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import type { LookupOutcome } from '../../../src/service/work.ts';
import type { Store, StoreEvent } from '../../../src/core/store.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import type { CustomInfo } from '../../../src/core/lead.ts';
import type { QueryParameters } from '../../../src/core/query.ts';
import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { createFakeClock, createTestServices, type FakeClock } from '../../service/test-services.ts';
import { outcomeOf, PASSWORD } from '../../service/lookup-fixture.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import type { DialerOptions } from '../../support/dialer-columns.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import type { Address } from '../../support/root-sql.ts';
import type { StoreDescription } from '../described-store.ts';

export const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;

/** A dialer as the store of a lookup, whose clock stands still until a test moves it. */
export interface DialerFixture {
  readonly store: Store;
  readonly config: DialerConfig;
  readonly clock: FakeClock;
  readonly events: readonly LookupEvent[];
  /** What the store told of itself. */
  readonly logged: readonly StoreEvent[];
  /** How many passwords were checked. */
  checks(): number;
  lookup(name: string, parameters: QueryParameters, password?: string): Promise<LookupOutcome>;
  /** The outcome in a word: the problem's code, or the lead's id. */
  outcome(name: string, parameters: QueryParameters, password?: string): Promise<string | number>;
  close(): Promise<void>;
}

export function openDialerFixture(
  server: Address,
  changes: Partial<DialerConfig> = {},
  { clock = createFakeClock(), account = READER }: { clock?: FakeClock; account?: typeof READER } = {},
): DialerFixture {
  const config = dialerConfig(server, account, changes);
  const logged: StoreEvent[] = [];
  const events: LookupEvent[] = [];
  const store = openStore(config, { log: (event) => logged.push(event), clock });
  let checks = 0;
  const passwords: Store['accounts']['passwords'] = {
    verify(password, verifier) {
      checks += 1;
      return store.accounts.passwords.verify(password, verifier);
    },
  };
  const { lookup } = createTestServices(
    { ...store, accounts: { ...store.accounts, passwords } },
    { clock, ratePerSecond: 1_000_000, enumerationPerSecond: 0, onEvent: (event) => events.push(event) },
  );
  const ask: DialerFixture['lookup'] = (name, parameters, password = PASSWORD) =>
    lookup({
      endpoint: 'goapi',
      right: 'read',
      requestId: 'r-1',
      address: '192.0.2.1',
      credentials: { kind: 'user', name, password },
      parameters,
    });
  return {
    store,
    config,
    clock,
    events,
    logged: logged,
    checks: () => checks,
    lookup: ask,
    outcome: async (name, parameters, password) => outcomeOf(await ask(name, parameters, password)),
    close: async () => store.close(),
  };
}

/** Fills the dialer, and gives READER the right to read it, which has to wait for the tables. */
export async function fillForReader(
  server: Address,
  description: StoreDescription,
  options?: DialerOptions,
): Promise<void> {
  await fillDialer(server, description, options);
  await createReadOnlyUser(server, READER.user, READER.password);
}

/** The custom values of a lead that must be there. */
export function customOf(outcome: LookupOutcome): CustomInfo | null {
  if ('problem' in outcome) throw new Error(`the lead was not found: ${outcome.problem.code}`);
  return outcome.result.custom;
}

/** The number of a lead in these tests. */
export function numberOf(lead: number): string {
  return String(5_500_000_000 + lead);
}
