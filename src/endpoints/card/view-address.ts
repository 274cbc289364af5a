import type { Lead } from '../../core/lead.ts';

/** Where the postal code stands after the town: `Austin, TX 78701`. */
const CODE_AFTER_TOWN: ReadonlySet<string> = new Set(['US', 'CA', 'GB', 'AU', 'IE', 'NZ', 'IN', 'ZA']);

/**
 * The lead's address, line by line, as it is written on an envelope of its country.
 *
 * @param home the operator's default country, for leads without one
 * @param isThirdPhone whether `address3` holds a telephone number
 */
export function viewAddress(lead: Lead, home: string, tag: string, isThirdPhone: boolean): readonly string[] {
  const country = text(lead.country_code);
  const streets = [lead.address1, lead.address2, isThirdPhone ? null : lead.address3].map(text);
  const town = townLine(lead, country === '' ? home : country.toUpperCase());
  const lines = [...streets, town].filter((line) => line !== '');
  // A country alone is no address.
  return lines.length === 0 || country === '' ? lines : [...lines, countryName(country, tag)];
}

function townLine(lead: Lead, country: string): string {
  const [city, code, state] = [text(lead.city), text(lead.postal_code), text(lead.state)];
  const province = text(lead.province);
  const regions = [state, province === state ? '' : province];
  if (CODE_AFTER_TOWN.has(country)) {
    return join([city, [...regions.filter((region) => region !== ''), code].join(' ').trim()]);
  }
  return join([`${code} ${city}`.trim(), ...regions]);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

function countryName(code: string, tag: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(tag, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}

function text(stored: string | null): string {
  return stored?.trim() ?? '';
}
