import assert from 'node:assert/strict';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { PATH, queryFor } from '../http/raw-socket.ts';
import type { StoreDescription } from '../stores/described-store.ts';
import { fillForReader, numberOf } from '../stores/vicidial/dialer-fixture.ts';
import type { DialerOptions } from './dialer-columns.ts';
import type { Address } from './root-sql.ts';
import { recordAnswers, type Asked } from './load/traffic.ts';
import { isAnswering } from './test-app.ts';
import { until } from './until.ts';

const LEADS = 120;
const PLAIN_LIST = 100;
const CUSTOM_LIST = 200;

/** Leads that differ in each of their values; every other one has custom values too. */
export const DISTINCT_LEADS: StoreDescription = {
  lists: [
    { list_id: PLAIN_LIST, name: 'plain' },
    { list_id: CUSTOM_LIST, name: 'custom', fields: [{ label: 'badge', type: 'TEXT' }] },
  ],
  leads: Array.from({ length: LEADS }, (_, at) => at + 1).map((lead_id) => ({
    lead_id,
    list_id: lead_id % 2 === 0 ? CUSTOM_LIST : PLAIN_LIST,
    phone_number: numberOf(lead_id),
    first_name: `Name ${lead_id}`,
    ...(lead_id % 2 === 0 ? { custom: [['badge', badgeOf(lead_id)]] as const } : {}),
  })),
  users: [{ name: 'crm', password: PASSWORD }],
};

function badgeOf(leadId: number): string {
  return `badge of ${leadId}`;
}

/** Fills a dialer's database with these leads, and makes the account that reads them (READER). */
export function fillDistinctLeads(server: Address, options?: DialerOptions): Promise<void> {
  return fillForReader(server, DISTINCT_LEADS, options);
}

/** Path and query of the lookup of a lead, by default the first one. */
export function leadTarget(leadId = 1): string {
  return `${PATH}?${queryFor({ lead_id: String(leadId) })}`;
}

function numberTarget(leadId: number): string {
  return `${PATH}?${queryFor({ phone_number: numberOf(leadId) })}`;
}

/** Every lead, by its id and by its number, with its answer. */
export async function recordLeads(url: string): Promise<readonly Asked[]> {
  // On a busy machine the first connection may take too long.
  await until('it is ready', () => isAnswering(url, '/readyz'));
  const ids = Array.from({ length: LEADS }, (_, at) => at + 1);
  const [byId, byNumber] = [
    await recordAnswers(url, ids.map(leadTarget)),
    await recordAnswers(url, ids.map(numberTarget)),
  ];
  for (const answers of [byId, byNumber]) {
    for (const [at, { expected }] of answers.entries()) {
      const id = at + 1;
      assert.match(expected, new RegExp(`"lead_id":${id},.*"first_name":"Name ${id}"`));
      assert.equal(expected.includes(`"${badgeOf(id)}"`), id % 2 === 0, expected);
    }
  }
  return byId.flatMap((one, at) => [one, byNumber[at] ?? one]);
}
