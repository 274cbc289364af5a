import { argon2Sync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { LookupOutcome } from '../../src/service/work.ts';
import type { OwnStore, Store } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { QueryParameters } from '../../src/core/query.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { createFakeClock, createTestServices, type FakeClock } from './test-services.ts';

export const PASSWORD = 'planted-secret';

/** A verifier of PASSWORD that costs next to nothing, for tests with many users. */
export const CHEAP_VERIFIER = makeCheapVerifier(PASSWORD);

export function makeCheapVerifier(password: string): string {
  const nonce = randomBytes(16);
  const cost = { memory: 8, passes: 1, parallelism: 1 };
  const hash = argon2Sync('argon2id', { message: password, nonce, tagLength: 32, ...cost });
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=8,t=1,p=1$${text(nonce)}$${text(hash)}`;
}

export interface LookupFixture {
  readonly store: OwnStore;
  readonly clock: FakeClock;
  /** Every event so far. */
  readonly events: readonly LookupEvent[];
  askAs(
    name: string,
    parameters: QueryParameters,
    password?: string,
    address?: string,
  ): Promise<LookupOutcome>;
  askAsOperator(parameters: QueryParameters): Promise<LookupOutcome>;
  /** Changes a row as another process would: through a connection of its own. */
  runSql(sql: string): void;
  close(): Promise<void>;
}

export interface LookupFixtureOptions {
  readonly ratePerSecond?: number;
  readonly enumerationPerSecond?: number;
  readonly address3IsPhone?: boolean;
  /** Puts something between the lookup and the real store. */
  readonly wrap?: (store: OwnStore) => Partial<Pick<Store, 'leads' | 'accounts'>>;
}

export async function openLookupFixture(
  description: StoreDescription,
  {
    ratePerSecond = 500,
    enumerationPerSecond = 10,
    address3IsPhone = false,
    wrap,
  }: LookupFixtureOptions = {},
): Promise<LookupFixture> {
  const path = join(temporaryFolder(), 'lookup.db');
  const clock = createFakeClock();
  const store = openStore(testConfig(path, { address3IsPhone }), { create: true, clock });
  await fillEmbedded(store, description);
  const events: LookupEvent[] = [];
  const { lookup } = createTestServices(
    { ...store, ...wrap?.(store) },
    { clock, ratePerSecond, enumerationPerSecond, onEvent: (event) => events.push(event) },
  );
  const ask = { endpoint: 'goapi', right: 'read', requestId: 'r-1', address: '192.0.2.1' } as const;
  return {
    store,
    clock,
    events,
    async askAs(name, parameters, password = PASSWORD, address = ask.address) {
      // A request comes in a turn of its own, after whatever another process has written.
      await setImmediate();
      return lookup({ ...ask, address, credentials: { kind: 'user', name, password }, parameters });
    },
    askAsOperator: (parameters) =>
      lookup({ ...ask, endpoint: 'cli', credentials: { kind: 'operator' }, parameters }),
    runSql: (sql) => runSql(path, sql),
    close: async () => store.close(),
  };
}

/** The outcome in a word: the problem's code, or the lead's id. */
export function outcomeOf(outcome: LookupOutcome): string | number {
  return 'problem' in outcome ? outcome.problem.code : outcome.result.lead.lead_id;
}
