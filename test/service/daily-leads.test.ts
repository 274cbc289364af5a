import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import type { Store } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { Credentials } from '../../src/auth/principal.ts';
import { NO_AUDIT, type AuditTrail } from '../../src/core/audit-trail.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { Problem } from '../../src/core/problem.ts';
import type { LookupOutcome } from '../../src/service/work.ts';
import type { Services } from '../../src/service/services.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';
import { fillForReader, READER } from '../stores/vicidial/dialer-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { makeToken } from '../support/made-token.ts';
import { mariadbSkip, startMariadb } from '../support/mariadb-server.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { CHEAP_VERIFIER, PASSWORD } from './lookup-fixture.ts';
import { createFakeClock, createTestServices, HOUR, type FakeClock } from './test-services.ts';

const LEADS = 12;
const USERS = ['ana', 'luis'];
/** Leads 1 to LEADS, each with a number of its own; the second number of three after each other is the same. */
const ownNumber = (leadId: number) => String(5_500_000_000 + leadId);
const sharedNumber = (leadId: number) => String(5_600_000_000 + Math.ceil(leadId / 3));

const DESCRIPTION: Omit<StoreDescription, 'users'> = {
  lists: [{ list_id: 100, name: 'North' }],
  leads: Array.from({ length: LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: 100,
    phone_number: ownNumber(at + 1),
    alt_phone: sharedNumber(at + 1),
  })),
};

const FROM = { requestId: 'r-1', address: '192.0.2.1' } as const;
const asUser = (name: string): Credentials => ({ kind: 'user', name, password: PASSWORD });

/** A use case that discloses leads: asked for one, it gives the ids of those whose data would leave. */
interface UseCase {
  readonly name: string;
  /** The leads that come with this one where nothing is refused. */
  readonly leadsWith: (leadId: number) => readonly number[];
  readonly ask: (
    services: Services,
    credentials: Credentials,
    leadId: number,
  ) => Promise<readonly number[] | Problem>;
}

const alone = (leadId: number) => [leadId];
/** The winner first. */
const group = (leadId: number) => {
  const last = Math.ceil(leadId / 3) * 3;
  return [last, last - 1, last - 2];
};
const foundIn = (outcome: LookupOutcome) =>
  'problem' in outcome ? outcome.problem : [outcome.result.leadId];

const USE_CASES: readonly UseCase[] = [
  {
    name: 'a lookup by id',
    leadsWith: alone,
    ask: async ({ lookup }, credentials, leadId) =>
      foundIn(
        await lookup({
          ...FROM,
          endpoint: 'goapi',
          right: 'read',
          credentials,
          parameters: { leadId: String(leadId) },
        }),
      ),
  },
  {
    name: 'a lookup by number',
    leadsWith: alone,
    ask: async ({ lookup }, credentials, leadId) =>
      foundIn(
        await lookup({
          ...FROM,
          endpoint: 'goapi',
          right: 'read',
          credentials,
          parameters: { phoneNumber: ownNumber(leadId) },
        }),
      ),
  },
  {
    name: 'a page of a search',
    leadsWith: group,
    ask: async (services, credentials, leadId) => {
      const page = { offset: 0, limit: 20 };
      const found = await services.search({
        ...FROM,
        endpoint: 'v1',
        right: 'read',
        credentials,
        phone: sharedNumber(leadId),
        page,
      });
      return 'problem' in found ? found.problem : found.page.matches.map((match) => match.leadId);
    },
  },
  {
    name: 'a card by id',
    leadsWith: alone,
    ask: async ({ openCard }, credentials, leadId) => {
      const page = { offset: 0, limit: 20 };
      const wanted = { leadId: String(leadId), phone: undefined, page };
      const opened = await openCard({ ...FROM, endpoint: 'card', right: 'card', credentials, ...wanted });
      if ('problem' in opened) return opened.problem;
      if ('problem' in opened.found) return opened.found.problem;
      assert.ok('customer' in opened.found);
      return [opened.found.customer.result.leadId];
    },
  },
  {
    name: 'a card by number',
    leadsWith: group,
    ask: async ({ openCard }, credentials, leadId) => {
      const page = { offset: 0, limit: 20 };
      const wanted = { leadId: undefined, phone: sharedNumber(leadId), page };
      const opened = await openCard({ ...FROM, endpoint: 'card', right: 'card', credentials, ...wanted });
      if ('problem' in opened) return opened.problem;
      if ('problem' in opened.found) return opened.found.problem;
      assert.ok('matches' in opened.found);
      return opened.found.matches.map((match) => match.leadId);
    },
  },
];

interface OpenedStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

async function openEmbedded(): Promise<OpenedStore> {
  const store = openStore(testConfig(join(temporaryFolder(), 'leads.db')), { create: true });
  const users = USERS.map((name) => ({ name, password: { verifier: CHEAP_VERIFIER } }));
  await fillEmbedded(store, { ...DESCRIPTION, users });
  return { store, close: async () => store.close() };
}

async function openDialer(): Promise<OpenedStore> {
  const server = await startMariadb();
  const users = USERS.map((name) => ({ name, password: PASSWORD }));
  await fillForReader(server, { ...DESCRIPTION, users }, { altPhoneIndex: true });
  const store = openStore(dialerConfig(server, READER));
  return {
    store,
    async close() {
      await store.close();
      await server.stop();
    },
  };
}

for (const [engine, open, skip] of [
  ['the embedded store', openEmbedded, false],
  ['a dialer', openDialer, mariadbSkip],
] as const) {
  describe(`a limit on the different leads of a day, on ${engine}`, { skip, timeout: 120_000 }, () => {
    let opened: OpenedStore;
    let clock: FakeClock;
    let events: LookupEvent[];
    let recorded: LookupEvent[];
    before(async () => {
      opened = await open();
      clock = createFakeClock();
    });
    after(() => opened.close());

    /** A process, on another day than those before it: nobody has read anything. */
    function start(dailyLeads: number, day: 'another day' | 'the same day' = 'another day'): Services {
      if (day === 'another day') clock.pass(25 * HOUR);
      [events, recorded] = [[], []];
      const audit: AuditTrail = {
        record(event) {
          recorded.push(event);
          return NO_AUDIT.record(event);
        },
        note: (event) => recorded.push(event),
      };
      const onEvent = (event: LookupEvent) => events.push(event);
      const limits = { ratePerSecond: 100_000, enumerationPerSecond: 0, dailyLeads };
      return createTestServices(opened.store, { clock, audit, onEvent, ...limits });
    }

    const results = (list: readonly LookupEvent[]) =>
      list.map(({ result, leadId }) => (leadId === undefined ? result : `${result} ${leadId}`));

    for (const { name, leadsWith, ask } of USE_CASES) {
      it(`51: refuses ${name} beyond it, records that, and gives what was read today`, async () => {
        const [within, beyond] = [leadsWith(1), leadsWith(4)];
        const services = start(within.length);
        assert.deepEqual(await ask(services, asUser('ana'), 1), within);
        events.length = 0;
        recorded.length = 0;
        const refusal = await ask(services, asUser('ana'), 4);
        assert.ok('code' in refusal && refusal.code === 'rate_limited', JSON.stringify(refusal));
        assert.equal(refusal.dailyLeads, within.length);
        assert.ok(refusal.retryAfterSeconds > 1 && refusal.retryAfterSeconds <= (25 * HOUR) / 1000);
        assert.deepEqual(results(events), ['rate_limited']);
        assert.deepEqual(results(recorded), ['rate_limited'], 'no lead is recorded as found');
        assert.deepEqual(await ask(services, asUser('ana'), 1), within);
        assert.deepEqual(await ask(services, asUser('luis'), 4), beyond, 'others');
      });
    }

    it('51: refuses only those of many lookups that are beyond it', async () => {
      const services = start(5);
      const items = [1, 2, 3, 1, 4, 5, 6, 7, 2].map((leadId) => ({ leadId: String(leadId) }));
      const answer = await services.lookupMany({
        ...FROM,
        endpoint: 'v1',
        right: 'read',
        credentials: asUser('ana'),
        items,
      });
      assert.ok('outcomes' in answer);
      const brief = answer.outcomes.map((outcome) => {
        const found = foundIn(outcome);
        return 'code' in found ? found.code : found[0];
      });
      assert.deepEqual(brief, [1, 2, 3, 1, 4, 5, 'rate_limited', 'rate_limited', 2]);
      const found = results(recorded).filter((result) => result.startsWith('found'));
      assert.deepEqual(new Set(found), new Set([1, 2, 3, 4, 5].map((leadId) => `found ${leadId}`)));
    });

    it('51: is logged at 80 % and at the limit, with who it was, and is no record of the audit', async () => {
      const services = start(5);
      for (let leadId = 1; leadId <= 7; leadId += 1) await USE_CASES[0]?.ask(services, asUser('ana'), leadId);
      const logged = events.filter(({ result }) => result === 'daily_leads');
      assert.deepEqual(
        logged.map(({ user, address, endpoint, requestId, dailyLeads }) => [
          [user, address, endpoint, requestId],
          dailyLeads,
        ]),
        [
          [['ana', FROM.address, 'goapi', FROM.requestId], { reached: 'near limit', leads: 4 }],
          [['ana', FROM.address, 'goapi', FROM.requestId], { reached: 'limit', leads: 5 }],
        ],
      );
      assert.ok(!recorded.some(({ result }) => result === 'daily_leads'));
    });

    it('51: is one for a user at all endpoints, and one of its own for a token; the operator has none', async () => {
      const services = start(2);
      const [byId] = USE_CASES;
      assert.ok(byId !== undefined);
      const signed = await services.signIn({ ...FROM, browser: '', name: 'ana', password: PASSWORD });
      assert.ok('secret' in signed);
      const session = { kind: 'session', secret: signed.secret } as const;
      const card = USE_CASES.find(({ name }) => name === 'a card by id');
      assert.deepEqual(await byId.ask(services, asUser('ANA'), 1), [1]);
      assert.deepEqual(await card?.ask(services, session, 2), [2]);
      for (const refusal of [
        await byId.ask(services, asUser('ana'), 3),
        await card?.ask(services, session, 3),
      ])
        assert.ok(refusal !== undefined && 'code' in refusal && refusal.code === 'rate_limited');
      const secret = makeToken(opened.store, {
        name: 'crm',
        expiresAt: opened.store.credentials.now() + HOUR,
      });
      const token = { kind: 'token', secret } as const;
      const ask = (leadId: string, credentials: Credentials) =>
        services.lookup({ ...FROM, endpoint: 'v1', right: 'read', credentials, parameters: { leadId } });
      assert.deepEqual(foundIn(await ask('3', token)), [3]);
      assert.deepEqual(foundIn(await ask('4', token)), [4]);
      assert.ok('problem' in (await ask('5', token)));
      for (let leadId = 1; leadId <= LEADS; leadId += 1)
        assert.deepEqual(foundIn(await ask(String(leadId), { kind: 'operator' })), [leadId]);
    });

    it('51: is never passed by any mix of use cases, processes and restarts', async () => {
      const step = fc.record({
        useCase: fc.constantFrom(...USE_CASES),
        leadId: fc.integer({ min: 1, max: LEADS }),
        process: fc.integer({ min: 0, max: 1 }),
        restarts: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          const limit = 5;
          const processes = [start(limit), start(limit, 'the same day')];
          const read = new Set<number>();
          for (const { useCase, leadId, process, restarts } of steps) {
            if (restarts) processes[process] = start(limit, 'the same day');
            const services = processes[process];
            assert.ok(services !== undefined);
            const wanted = useCase.leadsWith(leadId);
            const fits = new Set([...read, ...wanted]).size <= limit;
            const answer = await useCase.ask(services, asUser('ana'), leadId);
            assert.equal(!('code' in answer), fits, `${useCase.name} ${leadId} after ${[...read].join()}`);
            if (!('code' in answer)) for (const found of answer) read.add(found);
          }
          assert.ok(read.size <= limit);
        }),
        { numRuns: 25 },
      );
    });
  });
}
