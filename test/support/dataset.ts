import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { hashPassword } from '../../src/access/password-hash.ts';
import type { EmbeddedStore } from '../../src/app.ts';
import { LEAD_TEXT_FIELDS, type CustomField, type Lead, type ListScope } from '../../src/lead/lead.ts';

/** The contract's data set (test/goapi/cases/dataset.json). */
export interface Dataset {
  readonly lists: readonly { list_id: number; name: string; custom_fields: readonly CustomField[] }[];
  readonly leads: readonly Lead[];
  readonly last_local_call_time: Readonly<Record<string, string>>;
  readonly custom: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>;
  readonly customers: readonly number[];
  readonly users: readonly { user: string; password: string; may: string }[];
}

export const CASES = join(import.meta.dirname, '..', 'goapi', 'cases');

export function readDataset(): Dataset {
  return JSON.parse(readFileSync(join(CASES, 'dataset.json'), 'utf8')) as Dataset;
}

/** Fills a store with the data set, through the ports that commands use. */
export async function loadDataset(store: EmbeddedStore, dataset = readDataset()): Promise<void> {
  loadLeads(store, dataset);
  for (const { user, password, may } of dataset.users) {
    const only = /^list (\d+) only$/.exec(may)?.[1];
    const lists: ListScope = only === undefined ? 'every list' : [Number(only)];
    store.users.add({
      name: user,
      verifier: await hashPassword(password),
      mayUseApi: may !== 'no API',
      lists,
    });
    if (may === 'inactive') store.users.setActive(user, false);
  }
}

function loadLeads({ archive }: EmbeddedStore, dataset: Dataset): void {
  const columns = { texts: LEAD_TEXT_FIELDS, isCustomer: true, lastLocalCallTime: true };
  const run = archive.startImport(columns, 'update');
  for (const { list_id, name, custom_fields } of dataset.lists) run.prepareList(list_id, name, custom_fields);
  for (const [index, lead] of dataset.leads.entries()) {
    const id = String(lead.lead_id);
    run.write(
      {
        leadId: lead.lead_id,
        listId: lead.list_id,
        texts: LEAD_TEXT_FIELDS.map((field) => lead[field]),
        isCustomer: dataset.customers.includes(lead.lead_id),
        lastLocalCallTime: dataset.last_local_call_time[id] ?? null,
        modifyDate: '2026-01-01 00:00:00',
        custom: new Map(Object.entries(dataset.custom[id] ?? {})),
      },
      index + 1,
    );
  }
  run.commitBatch();
  run.close();
}
