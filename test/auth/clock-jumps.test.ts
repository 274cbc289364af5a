import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';

import fc from 'fast-check';

import { createLockout, LOCK_MS, MAX_FAILURES } from '../../src/auth/lockout.ts';
import { SESSION_MS } from '../../src/service/sessions.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { Services } from '../../src/service/services.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { CHEAP_VERIFIER, outcomeOf, PASSWORD } from '../service/lookup-fixture.ts';
import {
  createFakeClock,
  createTestServices,
  HOUR,
  MINUTE,
  type FakeClock,
} from '../service/test-services.ts';
import { runCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { makeToken } from '../support/made-token.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const FROM = { requestId: 'r-1', address: '192.0.2.1' } as const;
const DAY = 24 * HOUR;
const TOKEN_MS = 12 * HOUR;

/** A machine with a store, on which somebody is locked, somebody is signed in, and a token was made, all just now. */
interface Machine {
  readonly clock: FakeClock;
  isLocked(): Promise<boolean>;
  hasSession(): Promise<boolean>;
  hasToken(): Promise<boolean>;
  store(): OwnStore;
  /** As a server does once a minute, and whenever it is asked whether it is ready. */
  keepTime(): void;
  /** The process ends, and another one begins. */
  restart(meanwhile?: () => void): Promise<void>;
  close(): void | Promise<void>;
}

async function startMachine(): Promise<Machine> {
  const clock = createFakeClock();
  const config = testConfig(join(temporaryFolder(), 'store.db'));
  let store = openStore(config, { create: true, clock });
  let services: Services = createTestServices(store, { clock });
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'one' }],
    leads: [{ lead_id: 1, list_id: 1, phone_number: '5500000001' }],
    users: [{ name: 'ana', password: { verifier: CHEAP_VERIFIER } }],
  });
  for (let tries = 0; tries < MAX_FAILURES; tries += 1)
    await store.accounts.countFailure('locked', store.accounts.now());
  const signed = await services.signIn({ ...FROM, browser: '', name: 'ana', password: PASSWORD });
  assert.ok('secret' in signed);
  const token = makeToken(store, { name: 'crm', expiresAt: clock.wall() + TOKEN_MS });
  const see = async (endpoint: 'card' | 'v1', kind: 'session' | 'token', secret: string) => {
    const right = endpoint === 'card' ? ('card' as const) : ('read' as const);
    const request = { ...FROM, endpoint, right, credentials: { kind, secret }, parameters: { leadId: '1' } };
    return outcomeOf(await services.lookup(request)) === 1;
  };
  return {
    clock,
    store: () => store,
    async isLocked() {
      const { accounts } = store;
      return createLockout(() => accounts.now()).isLocked(await accounts.readFailures('locked'));
    },
    hasSession: () => see('card', 'session', signed.secret),
    hasToken: () => see('v1', 'token', token),
    keepTime: () => assert.ok(store.ownFile?.write()),
    async restart(meanwhile) {
      await store.close();
      clock.restartProcess();
      meanwhile?.();
      // As a server does, which is one that may write.
      store = openStore(config, { clock, log: () => undefined });
      services = createTestServices(store, { clock });
    },
    close: () => store.close(),
  };
}

type Step =
  | { readonly pass: number }
  | { readonly jump: number }
  | { readonly restart: true }
  /** Off for so long, and with a clock that is wrong by so much afterwards. */
  | { readonly off: number; readonly wrong: number };

const seconds = (least: number, most: number) => fc.integer({ min: least, max: most }).map((s) => s * 1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ pass: seconds(1, 4 * 3_600) }), weight: 2 },
  { arbitrary: fc.record({ pass: seconds(1, 300) }), weight: 2 },
  fc.record({ jump: seconds(-3 * 86_400, 3 * 86_400) }),
  fc.constant({ restart: true } as const),
  fc.record({ off: seconds(1, 2 * 86_400), wrong: seconds(-3 * 86_400, 3 * 86_400) }),
);

/** @returns whether the machine was off */
async function take(machine: Machine, taken: Step): Promise<boolean> {
  if ('pass' in taken) machine.clock.pass(taken.pass);
  else if ('jump' in taken) machine.clock.jumpWall(taken.jump);
  else if ('restart' in taken) await machine.restart();
  else {
    await machine.restart(() => {
      machine.clock.reboot(taken.off);
      machine.clock.jumpWall(taken.wrong);
    });
    return true;
  }
  machine.keepTime();
  return false;
}

describe('whatever is done with the clock of the machine', () => {
  it('43, 62: a lock lasts 15 minutes of its running, a session 8 hours at most, and a token no longer than its date', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const machine = await startMachine();
        const expiresAt = machine.clock.wall() + TOKEN_MS;
        let [running, wasOff] = [0, false];
        try {
          for (const taken of steps) {
            wasOff = (await take(machine, taken)) || wasOff;
            if ('pass' in taken) running += taken.pass;
            assert.equal(await machine.isLocked(), running < LOCK_MS, 'the lock');
            const hasSession = await machine.hasSession();
            if (running >= SESSION_MS) assert.equal(hasSession, false, 'the session is over');
            else if (!wasOff) assert.equal(hasSession, true, 'the session goes on');
            const hasToken = await machine.hasToken();
            if (running >= TOKEN_MS || machine.clock.wall() >= expiresAt)
              assert.equal(hasToken, false, 'the token has ended');
            else if (!wasOff) assert.equal(hasToken, true, 'the token is good');
          }
        } finally {
          await machine.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a start of the machine with another clock', () => {
  let machine: Machine;
  before(async () => {
    machine = await startMachine();
  });

  it('62: leaves a lock as long to go as it had, and what passed since the last write is added at most', async () => {
    machine.clock.pass(5 * MINUTE);
    machine.keepTime();
    machine.clock.pass(2 * MINUTE);
    await machine.restart(() => machine.clock.reboot(3 * DAY));
    machine.clock.pass(10 * MINUTE - 1);
    assert.equal(await machine.isLocked(), true);
    machine.clock.pass(1);
    assert.equal(await machine.isLocked(), false);
  });

  it('62: that is behind goes on from the newest time that was written: nothing is prolonged by it', async () => {
    const other = await startMachine();
    other.clock.pass(SESSION_MS - HOUR);
    other.keepTime();
    await other.restart(() => {
      other.clock.reboot(MINUTE);
      other.clock.jumpWall(-3 * DAY);
    });
    assert.equal(await other.hasSession(), true);
    other.clock.pass(HOUR);
    assert.equal(await other.hasSession(), false);
    other.clock.pass(TOKEN_MS - SESSION_MS);
    assert.ok(other.clock.wall() < Date.UTC(2026, 5, 1), 'by the machine, nothing has ended');
    assert.equal(await other.hasToken(), false);
    await other.close();
  });

  it('62: brings back no token whose end it has seen', async () => {
    const other = await startMachine();
    await other.restart(() => other.clock.reboot(DAY));
    assert.equal(await other.hasToken(), false);
    other.clock.jumpWall(-2 * DAY);
    assert.equal(await other.hasToken(), false);
    await other.restart();
    assert.equal(await other.hasToken(), false);
    await other.restart(() => other.clock.reboot(1_000));
    assert.equal(await other.hasToken(), false);
    await other.close();
  });

  it('62: that is more than a year ahead is not believed: sessions go on, and tokens, once it is right', async () => {
    const other = await startMachine();
    await other.restart(() => {
      other.clock.reboot(MINUTE);
      other.clock.jumpWall(70 * 365 * DAY);
    });
    assert.deepEqual([await other.hasSession(), await other.hasToken()], [true, false]);
    other.clock.jumpWall(-70 * 365 * DAY);
    assert.deepEqual([await other.hasSession(), await other.hasToken()], [true, true]);
    await other.close();
  });

  it('62: is the same for all processes, whichever was the first', async () => {
    const other = await startMachine();
    await other.restart(() => other.clock.reboot(HOUR));
    const [first] = [other.store().accounts.now()];
    other.clock.jumpWall(-5 * HOUR);
    other.clock.pass(1_000);
    const second = openStore(testConfig(other.store().ownFile?.path ?? ''), { clock: other.clock });
    assert.equal(second.accounts.now(), first + 1_000);
    await second.close();
    await other.close();
  });

  it('62: that was ahead is said by "check", and no token is made that has ended already', async () => {
    const cwd = await createFilledFolder();
    const check = () => runCallercard(['check'], { cwd });
    const path = join(cwd, 'data', 'callercard.db');
    assert.equal((await runCallercard(['token', 'create', 'crm'], { cwd })).code, 0);
    assert.doesNotMatch((await check()).stdout, /clock/);
    runSql(
      path,
      `UPDATE meta SET value = json_set(value, '$.newest', ${Date.now() + 200 * DAY}) WHERE name = 'clock'`,
    );
    assert.match(
      (await check()).stdout,
      /^advice {2}clock: the store has seen \d{4}-.*, which is ahead of this machine's clock$/m,
    );
    const tooShort = await runCallercard(['token', 'create', 'short', '--expires', '90d'], { cwd });
    assert.notEqual(tooShort.code, 0);
    assert.match(tooShort.stderr, /the token would have ended already; choose a later --expires/);
    assert.equal((await runCallercard(['token', 'create', 'long', '--expires', '300d'], { cwd })).code, 0);
    const listed = await runCallercard(['token', 'list'], { cwd });
    assert.match(listed.stdout, /^long .* good /m);
  });

  it('62: finds no failures of the future in a store of an earlier version, whose clock was ahead', async () => {
    const clock = createFakeClock();
    const path = join(temporaryFolder(), 'earlier.db');
    const earlier = openStore(testConfig(path), { create: true, clock });
    for (let tries = 0; tries < MAX_FAILURES; tries += 1)
      await earlier.accounts.countFailure('locked', clock.wall() + 70 * 365 * DAY);
    await earlier.close();
    const store = openStore(testConfig(path), { clock });
    const isLocked = async () =>
      createLockout(() => store.accounts.now()).isLocked(await store.accounts.readFailures('locked'));
    assert.equal(await isLocked(), true);
    clock.pass(LOCK_MS);
    assert.equal(await isLocked(), false);
    await store.close();
  });
});
