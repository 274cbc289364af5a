import { hash } from 'node:crypto';

import type { LookupResult } from '../../core/lead-store.ts';
import { formsUnder, readingsOf, shownNumbers } from '../../core/lead-numbers.ts';
import { writeCustom } from '../../core/lead.ts';
import { type Country, phoneForms } from '../../core/phone.ts';
import type { Numbering } from '../../service/services.ts';
import type { PhoneMatch } from '../../service/work.ts';
import type { LeadResource } from './schemas.ts';

/** A lead as /v1 gives it, as JSON. */
export function writeLead(result: LookupResult, match: PhoneMatch, numbering: Numbering): string {
  const { lead, custom, isCustomer } = result;
  const documented = result.leadJson ?? JSON.stringify(lead);
  const formsAtHome = createHomeForms(numbering.country);
  const own = {
    is_customer: isCustomer,
    phones: phonesOf(result, numbering, formsAtHome),
    matched_by: match === undefined || match === 'none' ? null : match,
    ...numbersIn(result, numbering, formsAtHome),
    ...(result.masked !== undefined && result.masked.length > 0 && { masked: [...result.masked] }),
  } satisfies Partial<LeadResource>;
  return `${documented.slice(0, -1)},"custom_info":${writeCustom(custom)},${JSON.stringify(own).slice(1)}`;
}

/** What a number that is one of the default country is written as. Each text is read once: that takes 20 to 100 us. */
function createHomeForms(country: Country): (text: string) => ReturnType<typeof phoneForms> {
  const known = new Map<string, ReturnType<typeof phoneForms>>();
  return (text) => {
    if (!known.has(text)) known.set(text, phoneForms(text, country));
    return known.get(text);
  };
}

/** As clients of 0.1 know them: what the default country reads in the fields. */
function phonesOf(
  { lead }: LookupResult,
  { columns }: Numbering,
  formsAtHome: ReturnType<typeof createHomeForms>,
): LeadResource['phones'] {
  return columns.flatMap((field) => {
    const forms = formsAtHome(lead[field] ?? '');
    return forms === undefined ? [] : [{ field, ...forms }];
  });
}

/** Every number of the lead, read under its own country. */
function numbersIn(
  result: LookupResult,
  { columns, country }: Numbering,
  formsAtHome: ReturnType<typeof createHomeForms>,
): Pick<LeadResource, 'numbers' | 'more_numbers'> {
  const { numbers, hasMore } = shownNumbers(result, columns);
  const written = numbers.map((one) => {
    const { field, label, number } = one;
    const readings = readingsOf(one, country);
    const forms = readings.length === 1 ? formsAtHome(number) : formsUnder(number, readings, country);
    const own = { label, number, e164: forms?.e164 ?? null, national: forms?.national ?? null };
    return field === undefined ? own : { field, ...own };
  });
  return { numbers: written, ...(hasMore ? { more_numbers: true } : {}) };
}

/**
 * A lead as it is answered by itself, with its ETag. `If-Match` is compared with what this gives, too: whoever has the tag has
 * read all that a change could overwrite.
 */
export function writeTagged(result: LookupResult, numbering: Numbering) {
  const body = writeLead(result, undefined, numbering);
  return { body, tag: `"${hash('sha256', body, 'base64url').slice(0, 32)}"` };
}

/**
 * Whether a list of ETags has this one, or is `*`. Proxies that compress an answer make its tag weak (`W/`), and it is still
 * that of the same lead.
 */
export function matchesTag(sent: string, tag: string): boolean {
  return sent.trim() === '*' || sent.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}
