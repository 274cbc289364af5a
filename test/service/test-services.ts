import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { join } from 'node:path';

import { createPasswordCheck, type PasswordCheckResult } from '../../src/auth/password-check.ts';
import { AccessCounters } from '../../src/core/access-counters.ts';
import { NO_AUDIT } from '../../src/core/audit-trail.ts';
import type { Store, OwnStore } from '../../src/core/store.ts';
import { createServices, type ServiceOptions, type Services } from '../../src/service/services.ts';
import type { Clock, MachineClock } from '../../src/core/clock.ts';
import { hashPassword } from '../../src/auth/password-hash.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { ListScope } from '../../src/core/lead.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { USUAL_RIGHTS } from '../stores/described-store.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Time that stands still until a test moves it. */
export interface FakeClock extends Clock, MachineClock {
  /** Both clocks go on, as they do. */
  pass(milliseconds: number): void;
  /** Somebody sets the machine's clock. */
  jumpWall(milliseconds: number): void;
  /** A new process begins: its own time does. */
  restartProcess(): void;
  /** The machine is off for so long, and starts again, with a new process. */
  reboot(milliseconds: number): void;
}

export function createFakeClock(wall = Date.UTC(2026, 5, 1), monotonic = 12_345): FakeClock {
  let [boots, uptime] = [1, 100_000];
  return {
    monotonic: () => monotonic,
    wall: () => wall,
    boot: () => `boot ${boots}`,
    uptime: () => uptime,
    pass(milliseconds) {
      wall += milliseconds;
      monotonic += milliseconds;
      uptime += milliseconds;
    },
    jumpWall(milliseconds) {
      wall += milliseconds;
    },
    restartProcess() {
      monotonic = 7;
    },
    reboot(milliseconds) {
      wall += milliseconds;
      monotonic = 7;
      uptime = 20_000;
      boots += 1;
    },
  };
}

/** Nobody makes tokens in these tests. */
const NO_TOKENS: Store['tokens'] = {
  add: () => Promise.resolve(false),
  list: () => Promise.resolve([]),
  revoke: () => Promise.resolve(false),
};

/** The services over a store of a test's own, with limits that no test meets by chance. */
export function createTestServices(
  store: Pick<Store, 'leads' | 'accounts' | 'credentials' | 'dailyLeads'>,
  { onEvent, ...options }: Partial<ServiceOptions> & { onEvent?: (event: LookupEvent) => void } = {},
): Services {
  const whole = { tokens: NO_TOKENS, ...store };
  return createServices({
    domain: 'default',
    store: () => whole,
    country: () => store.leads.country,
    clock: createFakeClock(),
    counters: new AccessCounters(),
    ratePerSecond: 500,
    enumerationPerSecond: 10,
    dailyLeads: 0,
    audit: NO_AUDIT,
    observers: onEvent === undefined ? [] : [onEvent],
    ...options,
  });
}

let hashes = 0;
createHook({
  init(_id, type) {
    if (type === 'ARGON2REQUEST') hashes += 1;
  },
}).enable();

/** How many passwords this process has hashed: every use of argon2 is an asynchronous resource of Node's. */
export function countHashes(): number {
  return hashes;
}

const verifiers = new Map<string, Promise<string>>();

/** The verifier of a password; the same one each time, because hashing is slow. */
export function verifierOf(password: string): Promise<string> {
  const made = verifiers.get(password) ?? hashPassword(password);
  verifiers.set(password, made);
  return made;
}

export type Verdict = 'admitted' | 'credentials_invalid' | 'locked_out' | 'overloaded';

/** A process that checks passwords: a store of its own, opened on a file, and an authenticate of its own. */
export interface AuthFixture {
  readonly store: OwnStore;
  readonly path: string;
  addUser(name: string, password: string, lists?: ListScope): Promise<void>;
  tryLogin(name: string, password: string, address?: string): Promise<Verdict>;
  /** So many wrong passwords, one after the other. */
  fail(name: string, times: number): Promise<readonly Verdict[]>;
  /** What the store has counted for a name. */
  failuresOf(name: string): Promise<number>;
  /** Changes a row as another process would: through a connection of its own. */
  runSql(sql: string): void;
  close(): Promise<void>;
}

export function openAuthFixture(
  clock: Clock & MachineClock,
  path = join(temporaryFolder(), 'desk.db'),
): AuthFixture {
  const store = openStore(testConfig(path), { create: true, clock });
  const checkPassword = createPasswordCheck(() => store.accounts, clock, new AccessCounters());

  async function tryLogin(name: string, password: string, address = '192.0.2.1'): Promise<Verdict> {
    return verdictOf(await checkPassword(await store.accounts.read(name), password, address));
  }

  return {
    store,
    path,
    tryLogin,
    async addUser(name, password, lists = 'every list') {
      const verifier = await verifierOf(password);
      assert.ok(
        await store.users.add({ name, verifier, rights: USUAL_RIGHTS, lists }),
        `${name} is there already`,
      );
    },
    async fail(name, times) {
      const verdicts: Verdict[] = [];
      for (let attempt = 1; attempt <= times; attempt++)
        verdicts.push(await tryLogin(name, `wrong ${attempt}`));
      return verdicts;
    },
    failuresOf: async (name) => (await store.accounts.read(name, undefined)).failures.count,
    runSql: (sql) => runSql(path, sql),
    close: async () => store.close(),
  };
}

function verdictOf(admission: PasswordCheckResult): Verdict {
  return 'problem' in admission ? admission.problem.code : 'admitted';
}
