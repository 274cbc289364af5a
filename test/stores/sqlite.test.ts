import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import type { CustomField } from '../../src/core/lead.ts';
import { parseQuery } from '../../src/core/query.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { fillEmbedded, type StoreDescription } from './described-store.ts';
import { adminsContract } from './admins.contract.ts';
import { callsContract } from './calls.contract.ts';
import { extensionsContract } from './extensions.contract.ts';
import { leadStoreContract } from './lead-store.contract.ts';
import { numbersContract } from './numbers.contract.ts';
import { personsContract } from './persons.contract.ts';
import { recordsContract } from './records.contract.ts';
import { searchesContract, type OpenSearchedStore } from './searches.contract.ts';
import { textSearchContract } from './text-search.contract.ts';

const openFilled: OpenSearchedStore = async (description, settings) => {
  const store = openStore(testConfig(join(temporaryFolder(), 'contract.db'), settings), { create: true });
  await fillEmbedded(store, description);
  return store;
};

leadStoreContract('the embedded store', openFilled);
searchesContract('the embedded store', openFilled);
numbersContract('the embedded store', openFilled);
async function openOwn(description: StoreDescription) {
  const store = openStore(testConfig(join(temporaryFolder(), 'records.db')), { create: true });
  await fillEmbedded(store, description);
  return store;
}
recordsContract('the embedded store', openOwn);
callsContract('the embedded store', openOwn);
adminsContract('the embedded store', openOwn);
extensionsContract('the embedded store', openOwn);
textSearchContract('the embedded store', async (description) => {
  const store = await openOwn(description);
  const indexAll = () => Promise.resolve([...store.archive.indexSearch()].at(-1) ?? { leads: 0, left: 0 });
  return { leads: store.leads, records: store.records, close: () => store.close(), indexAll };
});
personsContract('the embedded store', async (description) => {
  const store = await openOwn(description);
  const { leads, records, persons, calls } = store;
  const indexAll = () => Promise.resolve([...store.archive.indexSearch()]);
  return { leads, records, persons, calls, close: () => store.close(), indexAll };
});

/** Labels that no table could have for a column. */
const LABELS = ['two words', 'ñandú', '', 'a"b', "a'b", '😀', '<tag>', 'x'.repeat(300), '\u0000', '0', '-1'];

describe('what the embedded store takes beyond the contract', () => {
  let store: OwnStore;
  before(async () => {
    store = openStore(testConfig(join(temporaryFolder(), 'more.db')), { create: true });
    const fields: readonly CustomField[] = LABELS.map((label) => ({ label, type: 'TEXT' }));
    await fillEmbedded(store, {
      lists: [{ list_id: 1, name: 'any label', fields }],
      leads: [
        {
          lead_id: 9_999_999_999,
          list_id: 1,
          phone_number: '+52 1 (55) 8765-4321',
          custom: LABELS.map((label) => [label, `value of ${label}`] as const),
        },
      ],
      users: [],
    });
  });
  after(() => store.close());

  it('is any label of a custom field, in its order', async () => {
    const query = parseQuery({ leadId: '9999999999' }, 'MX');
    assert.ok('by' in query);
    const result = await store.leads.find(query, 'every list');
    assert.ok(result !== undefined);
    assert.deepEqual(
      result.custom,
      LABELS.map((label) => [label, `value of ${label}`]),
    );
  });

  it('is a number that was stored with its formatting', async () => {
    const query = parseQuery({ phoneNumber: '5587654321' }, 'MX');
    assert.ok('by' in query);
    const result = await store.leads.find(query, [1]);
    assert.ok(result !== undefined);
    assert.equal(result.lead.phone_number, '+52 1 (55) 8765-4321');
    assert.deepEqual(result.foundBy, { column: 'phone_number', matches: 1 });
  });
});
