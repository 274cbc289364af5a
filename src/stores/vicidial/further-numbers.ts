import { MOST_FURTHER_SHOWN } from '../../core/lead-numbers.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import type { Customer, FurtherNumber } from '../../core/lead.ts';
import type { PrefetchedLead } from './found-leads.ts';
import type { CompleteLead } from './lookups.ts';
import { type Read, type Row, textOf, wholeNumber } from './rows.ts';
import type { SchemaCache } from './schema-cache.ts';

/**
 * So many further numbers of a lead are read, inactive ones among them: a lead may have tens of thousands. No dialer's screen
 * shows a hundred.
 */
const MOST_FURTHER_READ = 1_000;

/**
 * Completes a lead with its further numbers, which one statement more reads meanwhile: as a part of the lead's own they took
 * 0.1 ms of the server's time in every lookup, also of those that show none.
 */
export function createCompleteWithNumbers(
  read: Read,
  cache: SchemaCache,
  complete: CompleteLead,
): (lead: PrefetchedLead) => Promise<LookupResult | undefined> {
  const readFurther = (leadId: number) =>
    cache.use(async ({ statements: { further } }): Promise<Pick<Customer, 'further' | 'hasMoreNumbers'>> => {
      if (further === undefined) return {};
      const rows = await read(further, [wholeNumber(leadId), MOST_FURTHER_READ + 1]);
      const active = rows.filter(isActive).sort(byDialersOrder);
      const hasMore = active.length > MOST_FURTHER_SHOWN || rows.length > MOST_FURTHER_READ;
      const numbers = active.slice(0, MOST_FURTHER_SHOWN).map(furtherNumberOf);
      return { further: numbers, ...(hasMore ? { hasMoreNumbers: true } : {}) };
    });

  return async (lead) => {
    if (lead === undefined) return undefined;
    const leadId = 'column' in lead ? lead.leadId : lead.lead.lead_id;
    const [result, numbers] = await Promise.all([complete(lead), readFurther(leadId)]);
    return result && { ...result, ...numbers };
  };
}

/** @param row as `furtherNumbers` selects it; so below */
function isActive([, , , active]: Row): boolean {
  return Number(active) === 1;
}

function byDialersOrder([, , , , count, id]: Row, [, , , , otherCount, otherId]: Row): number {
  return Number(count) - Number(otherCount) || Number(id) - Number(otherId);
}

function furtherNumberOf([code, number, note]: Row): FurtherNumber {
  const label = textOf(note)?.trim() ?? '';
  return { label: label === '' ? null : label, number: textOf(number) ?? '', phoneCode: textOf(code) ?? '' };
}
