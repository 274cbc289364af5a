import type { Numbering } from '../../service/services.ts';
import type { PhoneMatch } from '../../service/lookup.ts';
import { writeCustom } from '../../core/custom-json.ts';
import type { Finding } from '../../core/lead-store.ts';
import { phoneForms } from '../../core/phone-forms.ts';
import type { LeadResource } from './schemas.ts';

type Phones = LeadResource['phones'];

/** A lead as this door gives it, as JSON. */
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
