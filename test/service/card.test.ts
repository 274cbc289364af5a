import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { AuditFailure, NO_AUDIT, type AuditTrail } from '../../src/core/audit-trail.ts';
import type { Services } from '../../src/service/services.ts';
import type { LookupEvent } from '../../src/core/lookup-event.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { runSql } from '../support/run-sql.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { createFakeClock, createTestServices } from './test-services.ts';
import { CHEAP_VERIFIER, makeCheapVerifier, PASSWORD } from './lookup-fixture.ts';

const FROM = { requestId: 'r-1', address: '192.0.2.1' } as const;
const PAGE = { offset: 0, limit: 20 } as const;

describe('opening a card', () => {
  let path: string;
  let store: OwnStore;
  let events: LookupEvent[];
  let visits: number;
  let secret: string;
  const clock = createFakeClock();

  beforeEach(async () => {
    path = join(temporaryFolder(), 'cards.db');
    store = openStore(testConfig(path), { create: true });
    await fillEmbedded(store, {
      lists: [{ list_id: 100, name: 'North', fields: [{ label: 'plan', type: 'TEXT' }] }],
      leads: [
        { lead_id: 1, list_id: 100, phone_number: '5500000001' },
        { lead_id: 2, list_id: 100, phone_number: '5500000002' },
        { lead_id: 3, list_id: 100, phone_number: '5500000002' },
        { lead_id: 4, list_id: 200, phone_number: '5500000004' },
      ],
      users: [{ name: 'ana', password: { verifier: CHEAP_VERIFIER }, lists: [100] }],
    });
    events = [];
    visits = 0;
    const read = store.accounts.read.bind(store.accounts);
    store.accounts.read = (name, query) => {
      visits += 1;
      return read(name, query);
    };
  });
  afterEach(() => store.close());

  async function start(ratePerSecond = 500, audit: AuditTrail = NO_AUDIT): Promise<Services> {
    const onEvent = (event: LookupEvent) => events.push(event);
    const services = createTestServices(store, { clock, audit, onEvent, ratePerSecond });
    const signed = await services.signIn({ ...FROM, browser: '', name: 'ana', password: PASSWORD });
    assert.ok('secret' in signed, JSON.stringify(signed));
    ({ secret } = signed);
    clock.pass(10_000);
    events.length = 0;
    visits = 0;
    return services;
  }

  function open(services: Services, wanted: { leadId?: string; phone?: string }) {
    const credentials = { kind: 'session', secret } as const;
    const { leadId, phone } = wanted;
    return services.openCard({
      ...FROM,
      endpoint: 'card',
      right: 'card',
      credentials: credentials,
      leadId,
      phone,
      page: PAGE,
    });
  }

  /** What was found, in a word. */
  async function see(services: Services, wanted: { leadId?: string; phone?: string }) {
    const opened = await open(services, wanted);
    if ('problem' in opened) return `refused: ${opened.problem.code}`;
    const { caller, found } = opened;
    assert.deepEqual(caller, { user: 'ana', identity: 'ana', accountId: '1' });
    if ('problem' in found) return found.problem.code;
    if ('matches' in found) return found.matches.map(({ lead }) => lead.lead_id);
    const { result, matched, list } = found.customer;
    return [result.lead.lead_id, matched, list?.name, list?.fields.length];
  }

  const described = () =>
    events.map(({ result, leadId }) => (leadId === undefined ? result : `${result} ${leadId}`));

  it('is one admission and one lookup, whatever is shown, with one record for each person', async () => {
    const services = await start(2);
    assert.deepEqual(await see(services, { leadId: '1' }), [1, undefined, 'North', 1]);
    assert.equal(visits, 1);
    assert.deepEqual(await see(services, { leadId: '1', phone: '5500000001' }), [
      1,
      'phone_number',
      'North',
      1,
    ]);
    assert.deepEqual(await see(services, { phone: '5500000001' }), [1, 'phone_number', 'North', 1]);
    assert.deepEqual(await see(services, { phone: '5599999999' }), 'phone_not_found');
    assert.equal(visits, 4);
    assert.deepEqual(described(), ['found 1', 'found 1', 'found 1', 'phone_not_found']);
    assert.equal(await see(services, { leadId: '1' }), 'refused: rate_limited');
  });

  it('of a number that several people have owes a lookup for each of them', async () => {
    const services = await start(1);
    assert.deepEqual(await see(services, { phone: '5500000002' }), [3, 2]);
    assert.deepEqual(described().sort(), ['found 2', 'found 3']);
    assert.equal(await see(services, { leadId: '1' }), 'refused: rate_limited');
  });

  it('names who asked where the question is wrong, or nobody is found', async () => {
    const services = await start();
    assert.equal(await see(services, { leadId: 'x' }), 'parameter_malformed');
    assert.equal(await see(services, { phone: 'x' }), 'parameter_malformed');
    assert.equal(await see(services, { leadId: '4' }), 'lead_not_found');
    assert.equal(await see(services, { phone: '5500000004' }), 'phone_not_found');
    assert.deepEqual(described(), [
      'parameter_malformed',
      'parameter_malformed',
      'lead_not_found',
      'phone_not_found',
    ]);
  });

  it('shows a customer without their list where that cannot be read, and writes both down', async () => {
    const services = await start();
    runSql(path, 'ALTER TABLE custom_fields RENAME TO fields_away');
    assert.deepEqual(await see(services, { leadId: '1' }), [1, undefined, undefined, undefined]);
    assert.deepEqual(described().sort(), ['found 1', 'store_unavailable']);
  });

  it('shows nobody while the audit fails, and to nobody whose session is over', async () => {
    let isFailing = false;
    const audit: AuditTrail = {
      ...NO_AUDIT,
      record: () => (isFailing ? Promise.reject(new AuditFailure(new Error('full'))) : Promise.resolve()),
    };
    const services = await start(500, audit);
    isFailing = true;
    assert.equal(await see(services, { leadId: '1' }), 'audit_unavailable');
    assert.equal(await see(services, { phone: '5500000002' }), 'audit_unavailable');
    isFailing = false;
    await store.users.setActive('ana', false);
    assert.equal(await see(services, { leadId: '1' }), 'refused: credentials_invalid');
  });
});

describe('signing in', () => {
  it('goes by the row whose password was checked, so that one changed meanwhile opens nothing', async () => {
    const store = openStore(testConfig(join(temporaryFolder(), 'changed.db')), { create: true });
    await fillEmbedded(store, {
      lists: [],
      leads: [],
      users: [{ name: 'ana', password: { verifier: CHEAP_VERIFIER } }],
    });
    const { accounts } = store;
    const { passwords } = accounts;
    let visits = 0;
    let isChanged = true;
    const services = createTestServices({
      ...store,
      accounts: {
        ...accounts,
        read(name, expected) {
          visits += 1;
          return accounts.read(name, expected);
        },
        passwords: {
          async verify(password, verifier) {
            const fits = await passwords.verify(password, verifier);
            if (isChanged) await store.users.setVerifier('ana', makeCheapVerifier('another one'));
            return fits;
          },
        },
      },
    });
    const see = async (password: string) => {
      const signed = await services.signIn({ ...FROM, browser: '', name: 'Ana', password });
      assert.ok('secret' in signed, JSON.stringify(signed));
      const credentials = { kind: 'session', secret: signed.secret } as const;
      const caller = await services.identify({ ...FROM, endpoint: 'card', right: 'card', credentials });
      return 'problem' in caller ? caller.problem.code : caller.user;
    };
    assert.equal(await see(PASSWORD), 'credentials_invalid');
    assert.equal(visits, 2, 'one to sign in, one to look again');
    isChanged = false;
    assert.equal(await see('another one'), 'ana');
    await store.close();
  });
});
