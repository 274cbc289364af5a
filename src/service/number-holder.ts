import type { LeadStore, LookupResult } from '../core/lead-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { PhoneNumber } from '../core/phone.ts';

/** Who has a number: the lead that a lookup finds; `others`: leads that somebody may not see, and no other. */
export type NumberHolder = LookupResult | 'nobody' | 'others';

/**
 * Whose calls those of a number are that are of no lead.
 *
 * @param leads as somebody sees them
 */
export async function holderOf(
  leads: LeadStore,
  scope: ListScope,
  phone: PhoneNumber,
): Promise<NumberHolder> {
  const query = { by: 'phone_number', phone } as const;
  const seen = await leads.find(query, scope);
  if (seen !== undefined || scope === 'every list') return seen ?? 'nobody';
  return (await leads.find(query, 'every list')) === undefined ? 'nobody' : 'others';
}
