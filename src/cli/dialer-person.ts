import { COUNTED_MATCHES } from '../core/lead.ts';
import type { LookupResult } from '../core/lead-store.ts';
import { type PersonFlags, numberOf } from './choose-person.ts';
import { openDialerStore, withStore } from './command-store.ts';
import { placesInDialer } from '../core/dialer-places.ts';
import { CommandFailure, EXIT } from '../process/exit-code.ts';
import { printable } from '../process/terminal.ts';
import type { ChosenDomain } from './settings-flags.ts';

/** What is known of a person whose leads are a dialer's. */
export interface DialerPerson {
  readonly leadIds: readonly number[];
  /** Where the dialer keeps more, which its own screens must export or erase. */
  readonly sentences: readonly string[];
}

/**
 * The leads of a dialer that are meant, and where the dialer keeps what.
 *
 * @throws {CommandFailure} nobody, or several leads have the number
 */
export async function dialerTraces(
  domain: ChosenDomain,
  { lead, phone }: PersonFlags,
): Promise<DialerPerson> {
  const leadIds = phone === undefined ? [...new Set(lead)] : await leadsWithNumber(domain, phone);
  return { leadIds, sentences: placesInDialer(leadIds) };
}

async function leadsWithNumber(domain: ChosenDomain, text: string): Promise<readonly number[]> {
  return withStore(openDialerStore(domain), async ({ leads }) => {
    const number = numberOf(text, leads.country);
    const { matches } = await leads.findAll(number, 'every list', { offset: 0, limit: COUNTED_MATCHES });
    if (matches.length === 0) throw new CommandFailure('nobody has this number', EXIT.attention);
    if (new Set(matches.map(nameOf)).size === 1 && nameOf(matches[0]) !== '')
      return matches.map(({ leadId }) => leadId);
    if (matches.length === 1) return matches.map(({ leadId }) => leadId);
    throw new CommandFailure(
      printable(
        `several people have this number: leads ${matches.map(({ leadId }) => leadId).join(', ')}; say with --lead ID who is meant`,
      ),
    );
  });
}

function nameOf(found: LookupResult | undefined): string {
  const { first_name: first, last_name: last } = found?.lead ?? {};
  return [first, last]
    .map((part) => part?.trim().toLowerCase() ?? '')
    .join(' ')
    .trim();
}
