import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { OwnStore } from '../../src/core/store.ts';
import type { CustomField, Lead } from '../../src/core/lead.ts';
import { fillEmbedded, type StoreDescription } from '../stores/described-store.ts';

/** The contract's data set (test/endpoints/goapi/cases/dataset.json). */
export interface Dataset {
  readonly lists: readonly { list_id: number; name: string; custom_fields: readonly CustomField[] }[];
  readonly leads: readonly Lead[];
  readonly last_local_call_time: Readonly<Record<string, string>>;
  readonly custom: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>;
  readonly customers: readonly number[];
  readonly users: readonly { user: string; password: string; may: string }[];
}

export const CASES = join(import.meta.dirname, '..', 'endpoints', 'goapi', 'cases');

export function readDataset(): Dataset {
  return JSON.parse(readFileSync(join(CASES, 'dataset.json'), 'utf8')) as Dataset;
}

/** The data set as any engine can load it. */
export function describeDataset({
  lists,
  leads,
  last_local_call_time: called,
  custom,
  customers,
  users,
}: Dataset): StoreDescription {
  return {
    lists: lists.map(({ list_id, name, custom_fields }) => ({ list_id, name, fields: custom_fields })),
    leads: leads.map((lead) => {
      const { [String(lead.lead_id)]: lastLocalCallTime } = called;
      const { [String(lead.lead_id)]: values } = custom;
      return {
        ...lead,
        isCustomer: customers.includes(lead.lead_id),
        ...(lastLocalCallTime === undefined ? {} : { lastLocalCallTime }),
        ...(values === undefined ? {} : { custom: Object.entries(values) }),
      };
    }),
    users: users.map(({ user, password, may }) => {
      const only = /^list (\d+) only$/.exec(may)?.[1];
      return {
        name: user,
        password,
        active: may !== 'inactive',
        rights: may === 'no API' ? [] : ['card', 'read', 'calls'],
        lists: only === undefined ? 'every list' : [Number(only)],
      };
    }),
  };
}

/** Fills an embedded store with the data set. */
export function loadDataset(store: OwnStore, dataset = readDataset()): Promise<void> {
  return fillEmbedded(store, describeDataset(dataset));
}
