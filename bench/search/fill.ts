import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { BENCH_FOLDER, benchConfig, phoneOf } from '../lookups/store.ts';
import { People } from './people.ts';

export const LISTS = 20;
export const FIRST_LIST = 101;
const TEXTS = ['first_name', 'last_name', 'email', 'phone_number'] as const;
const COLUMNS = { texts: TEXTS, isCustomer: false, lastLocalCallTime: false, numbers: false };

export interface Filled {
  readonly importSeconds: number;
  readonly indexSeconds: number;
  readonly longestBatchMs: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Opens a store of people, which is made and indexed once. @returns what that took; undefined: it was there */
export async function openPeople(leads: number): Promise<{ store: OwnStore; filled: Filled | undefined }> {
  const path = join(BENCH_FOLDER, `people-${leads}.db`);
  mkdirSync(BENCH_FOLDER, { recursive: true });
  let filled: Filled | undefined;
  if (!existsSync(path)) {
    const draft = `${path}.draft`;
    for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
    filled = await fill(draft, leads);
    renameSync(draft, path);
  }
  return { store: openStore(benchConfig(path), { mapped: true }), filled };
}

async function fill(path: string, leads: number): Promise<Filled> {
  let started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  let store = openStore(benchConfig(path), { create: true });
  await importPeople(store, leads);
  const importSeconds = seconds();
  // Closed in between, so that the log is copied into the file.
  await store.close();
  const bytesBefore = statSync(path).size;
  store = openStore(benchConfig(path));
  started = performance.now();
  let [last, longestBatchMs, leftAtEnd] = [performance.now(), 0, 0];
  for (const batch of store.archive.indexSearch()) {
    leftAtEnd = batch.left;
    longestBatchMs = Math.max(longestBatchMs, performance.now() - last);
    last = performance.now();
  }
  if (leftAtEnd > 0) throw new Error('some leads were not indexed');
  const indexSeconds = seconds();
  await store.close();
  return { importSeconds, indexSeconds, longestBatchMs, bytesBefore, bytesAfter: statSync(path).size };
}

async function importPeople({ archive }: OwnStore, leads: number): Promise<void> {
  const people = new People();
  const run = await archive.startImport({ ...COLUMNS, keySource: 'id' }, 'add');
  const [company] = [{ label: 'empresa', type: 'TEXT' }] as const;
  for (let list = 0; list < LISTS; list += 1) run.prepareList(FIRST_LIST + list, undefined, [company]);
  for (let number = 1; number <= leads; number += 1) {
    const person = people.next(number);
    run.write(
      {
        leadId: undefined,
        listId: FIRST_LIST + (number % LISTS),
        texts: [person.first, person.last, person.email, phoneOf(number)],
        isCustomer: false,
        lastLocalCallTime: null,
        numbers: [],
        modifyDate: '2026-01-01 00:00:00',
        externalId: person.id ?? undefined,
        custom: new Map(person.company === null ? [] : [['empresa', person.company]]),
      },
      number,
    );
    if (run.isBatchFull()) await run.commitBatch();
  }
  await run.commitBatch();
  await run.close();
}
