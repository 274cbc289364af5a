import { DAY_MS } from '../../core/days.ts';
import type { ImportRow } from '../../core/lead-archive.ts';
import type { Country } from '../../core/phone.ts';
import { createErasedHash } from '../erased-rows.ts';
import { type ErasedPeople, keysOfRow } from '../import-erased.ts';
import type { RowImportValues } from '../import-values.ts';
import type { Read } from '../network/connector.ts';
import { arrayOf } from './rows.ts';

/** The statements of people who were erased, as an import asks for them: a test reads the query plan of each. */
export const ERASED_STATEMENTS = {
  any: `SELECT EXISTS (SELECT 1 FROM erased_numbers) OR EXISTS (SELECT 1 FROM erased_leads),
    (SELECT value FROM meta WHERE name = 'erasure_secret')`,
  numbers: 'SELECT number_hash, at FROM erased_numbers WHERE number_hash = ANY ($1::text[]) AND at >= $2',
  leads: 'SELECT lead_id, at FROM erased_leads WHERE lead_id = ANY ($1::bigint[]) AND at >= $2 AND is_wish',
} as const;

/** Known for the rows that were loaded last. */
export interface ErasedInBatches extends ErasedPeople {
  load(run: Read, rows: readonly ImportRow[], values: RowImportValues, country: Country): Promise<void>;
}

/** @param days for so long they are known; 0: nobody is. @returns undefined: nobody is */
export async function createErasedPeople(run: Read, days: number): Promise<ErasedInBatches | undefined> {
  const [row] = await run(ERASED_STATEMENTS.any, []);
  if (days === 0 || row?.[0] !== true) return undefined;
  const hashOf = createErasedHash(String(row[1]));
  const since = Date.now() - days * DAY_MS;
  let [numbers, leads] = [new Map<string, number>(), new Map<number, number>()];
  return {
    async load(read, rows, values, country) {
      const hashes = rows.flatMap((each) => keysOfRow(each, values, country)).map(hashOf);
      const [byNumber, byId] = await Promise.all([
        read(ERASED_STATEMENTS.numbers, [arrayOf([...new Set(hashes)]), since]),
        read(ERASED_STATEMENTS.leads, [arrayOf(rows.flatMap(({ leadId }) => leadId ?? [])), since]),
      ]);
      numbers = new Map(byNumber.map(([hash, at]) => [String(hash), Number(at)]));
      leads = new Map(byId.map(([leadId, at]) => [Number(leadId), Number(at)]));
    },
    byLeadId: (leadId) => leads.get(leadId),
    byNumbers: (keys) => keys.map((key) => numbers.get(hashOf(key))).find((at) => at !== undefined),
  };
}
