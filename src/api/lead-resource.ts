import type { Numbering } from '../access/inquiries.ts';
import type { PhoneMatch } from '../access/lookup.ts';
import type { Finding } from '../lead/lead-store.ts';
import { phoneForms } from '../lead/phone-forms.ts';
import type { LeadResource } from './schemas.ts';

type Phones = LeadResource['phones'];

/**
 * A lead as this door gives it, as JSON. The custom values are written one after the other: in an object, labels such as `2024`
 * would move to its beginning.
 */
export function writeLead(finding: Finding, match: PhoneMatch, numbering: Numbering): string {
  const { lead, custom, isCustomer } = finding;
  const documented = finding.leadJson ?? JSON.stringify(lead);
  const own = {
    is_customer: isCustomer,
    phones: phonesOf(finding, numbering),
    matched_by: match === undefined || match === 'none' ? null : match,
  } satisfies Partial<LeadResource>;
  return `${documented.slice(0, -1)},"custom_info":${writeCustom(custom)},${JSON.stringify(own).slice(1)}`;
}

function phonesOf({ lead }: Finding, { columns, country }: Numbering): Phones {
  return columns.flatMap((field) => {
    const forms = phoneForms(lead[field] ?? '', country);
    return forms === undefined ? [] : [{ field, ...forms }];
  });
}

function writeCustom(custom: Finding['custom']): string {
  if (custom === null) return 'null';
  return `{${custom.map(([label, value]) => `${JSON.stringify(label)}:${JSON.stringify(value)}`).join(',')}}`;
}
