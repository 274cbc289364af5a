import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { LeadStore } from '../../src/core/lead-store.ts';
import type { ListSettings, RecordStore } from '../../src/core/record-store.ts';
import { rightsOf } from '../../src/core/rights.ts';
import type { Principal } from '../../src/auth/principal.ts';
import { createHidesNumbers, CACHED_MS } from '../../src/service/hides-numbers.ts';
import { createLeadView, NO_MASKS } from '../../src/service/lookup.ts';
import { maskedRecords } from '../../src/service/masked-records.ts';
import { createFakeClock } from './test-services.ts';

const READER = {
  user: 'agent',
  accountId: 'agent',
  rights: rightsOf(['read']),
  viewer: 'every list',
} as const;
const EDITOR: Principal = { ...READER, rights: rightsOf(['read', 'edit']) };

describe('what is read through masks', () => {
  it('gives no method of a store that is not named there, and every one that is', () => {
    const leads = { country: 'MX', phoneColumns: [], readAll: () => 'unmasked' } as unknown as LeadStore;
    const view = createLeadView(() => ({ leads }), NO_MASKS, {})(READER);
    assert.ok(!('readAll' in view));
    const records = { readAll: () => 'unmasked' } as unknown as RecordStore;
    // A new one of the port is said here, too, with whether it is masked.
    assert.deepEqual(Object.keys(maskedRecords(records, NO_MASKS)).sort(), [
      ...['add', 'addNote', 'change', 'fields', 'findChange', 'leadsOfList', 'list', 'lists', 'listsOf'],
      ...['notes', 'putFields', 'putList', 'read', 'remove', 'removeList', 'timeline'],
    ]);
  });
});

describe('whether numbers are hidden', () => {
  const clock = createFakeClock();
  const list: ListSettings = { listId: 1, name: null, statuses: [], masked: [] };
  /** Lists that mask these fields, and how often they were read. */
  function recordsWith(...masked: string[]) {
    let reads = 0;
    const lists = () => Promise.resolve([{ ...list, masked }].slice(0, (reads += 1)));
    return { records: { lists } as unknown as RecordStore, masked, reads: () => reads };
  }

  it('is read once a while for all cards, and again after that', async () => {
    const { records, masked, reads } = recordsWith('email');
    const { hidesNumbers: hides } = createHidesNumbers(() => ({ records }), [], clock);
    assert.deepEqual(await Promise.all([hides(READER), hides(READER)]), [false, false]);
    masked.push('alt_phone');
    clock.pass(CACHED_MS - 1);
    assert.deepEqual([await hides(READER), reads()], [false, 1]);
    clock.pass(1);
    assert.deepEqual([await hides(READER), reads()], [true, 2]);
    assert.deepEqual([await hides(EDITOR), reads()], [false, 2]);
  });

  it('is asked again after a failure, and of another store', async () => {
    const [first, other] = [recordsWith('numbers'), recordsWith()];
    let records: RecordStore | undefined = {
      ...first.records,
      lists: () => Promise.reject(new Error('away')),
    };
    const { hidesNumbers: hides } = createHidesNumbers(
      () => (records === undefined ? {} : { records }),
      [],
      clock,
    );
    await assert.rejects(hides(READER), /away/);
    records = first.records;
    assert.equal(await hides(READER), true);
    records = other.records;
    assert.equal(await hides(READER), false);
    records = undefined;
    assert.equal(await hides(READER), false);
  });

  it('is said by the setting without a read', async () => {
    const { records, reads } = recordsWith();
    const { hidesNumbers: hides } = createHidesNumbers(
      () => ({ records }),
      [{ listId: 3, field: 'numbers' }],
      clock,
    );
    assert.deepEqual([await hides(READER), await hides(EDITOR), reads()], [true, false, 0]);
  });
});
