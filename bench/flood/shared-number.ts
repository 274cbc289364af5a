import { DatabaseSync } from 'node:sqlite';

import { phoneKey } from '../../src/core/phone.ts';
import { runClients } from '../../test/support/load/clients.ts';
import { byPhone } from '../lookups/requests.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

/** What people type where they have no number. */
export const SHARED_NUMBER = '5555555555';
export const SHARING_LEADS = 20_000;
const SECONDS = 8;

/** Gives as many leads of a store the same number: copies of those that it has, with ids far above theirs. */
export function addSharingLeads(path: string): void {
  using database = new DatabaseSync(path);
  const key = phoneKey(SHARED_NUMBER, 'MX') ?? '';
  database.exec(`CREATE TEMP TABLE sharing AS SELECT * FROM leads LIMIT ${SHARING_LEADS};
    UPDATE sharing SET lead_id = lead_id + 10000000, phone_number = '${SHARED_NUMBER}';
    INSERT INTO leads SELECT * FROM sharing;
    INSERT INTO lead_numbers
      SELECT lead_id, '${key}', 0, 0, phone_number, list_id, last_local_call_time, modify_date FROM sharing`);
}

/** 47: a number of many leads, and the latency of somebody who asks for others meanwhile. */
export async function sharedNumberRows(
  { url, targets }: FloodServer,
  log: (progress: string) => void,
): Promise<readonly FloodRow[]> {
  const other = { url, targets, order: 'random', connections: 4, perSecond: 100, seconds: SECONDS } as const;
  const shared = { url, targets: [byPhone(SHARED_NUMBER)], order: 'random', connections: 16 } as const;
  log(`a number of ${SHARING_LEADS.toLocaleString('en')} leads`);
  const [alone] = await runClients(other);
  const [flood, meanwhile] = await runClients({ ...shared, seconds: SECONDS }, other);
  const { answered, wrong, overloaded, seconds, due, unsent } = meanwhile;
  return [
    {
      line: 47,
      what: `16 connections ask for a number of ${SHARING_LEADS.toLocaleString('en')} leads: another user`,
      goodput: answered.count / seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: 'p99 <= 25 ms, all answered',
      reached: `${answered.p99.toFixed(1)} ms (${alone.answered.p99.toFixed(1)} alone), ${answered.count} of ${due - unsent}; ${Math.round(flood.answered.count / flood.seconds)} shared ones a second`,
      holds: answered.p99 <= 25 && wrong + overloaded.count === 0 && answered.count === due - unsent,
    },
  ];
}
