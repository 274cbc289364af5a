import { readCountry } from './country-names.ts';
import { type Customer, type FurtherNumber, PHONE_COLUMNS, type PhoneColumn } from './lead.ts';
import { blockKey, blockKeysOf } from './phone-blocks.ts';
import { isGivenOut } from './phone-plans.ts';
import { phoneForms, storedKeys, type Country, type NumberSettings, type PhoneNumber } from './phone.ts';

/** A number of a lead, with what says how to read it. */
export interface LeadNumber {
  /** The documented field that holds it; left out: it is a further number. */
  readonly field?: PhoneColumn;
  /** What people call it, such as `Oficina`; null: nothing. */
  readonly label: string | null;
  /** As it is stored. */
  readonly number: string;
  /** Its country as it is stored: the dialer's `phone_code` for it, and the lead's `country_code`. */
  readonly phoneCode: string | null;
  readonly countryCode: string | null;
  /** The code is this number's own, because the lead itself has another one. */
  readonly hasOwnCode?: boolean;
}

/** So many further numbers of a lead are shown. Whoever stores them by the thousand holds nobody up. */
export const MOST_FURTHER_SHOWN = 100;

/**
 * A lead's numbers that are not empty: the documented ones in the order of search, then the further ones in theirs.
 *
 * @param columns which fields hold numbers; `alt_phone` does also where it has no index and is not searched
 * @param further those of the further numbers that are wanted
 */
export function numbersOf(
  customer: Customer,
  columns: readonly PhoneColumn[],
  further: readonly FurtherNumber[] = customer.further ?? [],
): readonly LeadNumber[] {
  const { lead } = customer;
  const countryCode = lead.country_code;
  const phoneCode = customer.phoneCode ?? null;
  const leadCountry = readCountry(phoneCode);
  const documented = PHONE_COLUMNS.filter(
    (field) => field !== 'address3' || columns.includes('address3'),
  ).map((field): LeadNumber => ({ field, label: null, number: lead[field] ?? '', phoneCode, countryCode }));
  const others = further.map(({ label, number, phoneCode: code = '' }): LeadNumber => {
    const own = readCountry(code);
    const hasOwnCode = own !== undefined && leadCountry !== undefined && own !== leadCountry;
    return { label, number, phoneCode: code, countryCode, hasOwnCode };
  });
  return [...documented, ...others].filter(({ number }) => number.trim() !== '');
}

/** The numbers that are shown, and whether the lead has more. */
export function shownNumbers(customer: Customer, columns: readonly PhoneColumn[]) {
  const { further = [], hasMoreNumbers = false } = customer;
  const numbers = numbersOf(customer, columns, further.slice(0, MOST_FURTHER_SHOWN));
  return { numbers, hasMore: hasMoreNumbers || further.length > MOST_FURTHER_SHOWN };
}

/**
 * Whether the stored number is the one that somebody asked for, read under any country that it may be of.
 *
 * @param country the operator's default country
 */
export function isSameNumber(
  { number, phoneCode, countryCode }: LeadNumber,
  phone: PhoneNumber,
  country: Country,
  settings: NumberSettings,
): boolean {
  const owns = [phoneCode, countryCode].map(readCountry).filter((own) => own !== undefined);
  return [undefined, ...owns].some((own) => {
    const keys = storedKeys(number, country, own, settings);
    return keys?.own === phone.key || keys?.byDefault === phone.key;
  });
}

/** Whether what is stored is a block that the number belongs to (setting `numberBlocks`). */
export function isBlockOf({ number }: LeadNumber, phone: PhoneNumber, country: Country): boolean {
  const block = blockKey(number, country);
  return block !== undefined && blockKeysOf(phone).includes(block);
}

/**
 * The countries under which a number is read to be dialled, the one that counts first: the number's own code; the lead's
 * `country_code`, then its `phone_code`, and where these contradict each other the default country if one of them means it;
 * the default country. `phone_code` 1 alone counts last: dialers have it for every lead where nobody set another.
 *
 * @param home the operator's default country
 * @returns at least one, each once
 */
export function readingsOf(
  {
    phoneCode,
    countryCode,
    hasOwnCode = false,
  }: Pick<LeadNumber, 'phoneCode' | 'countryCode' | 'hasOwnCode'>,
  home: Country,
): readonly Country[] {
  const [byCode, byLead] = [readCountry(phoneCode), readCountry(countryCode)];
  const said = byCode === 'US' ? [byLead] : [byLead, byCode];
  const order = said.includes(home) ? [home, ...said] : [...said, home];
  const first = hasOwnCode ? [byCode] : [];
  return [...new Set([...first, ...order, byCode].filter((country) => country !== undefined))];
}

/**
 * A number in the forms of `phoneForms`, read under the first country that gives out such numbers; else under the first that
 * could have it.
 *
 * @param stored the text of the number
 * @param readings as `readingsOf` gives them
 * @param home whose people read it
 */
export function formsUnder(stored: string, readings: readonly Country[], home: Country) {
  let possible: ReturnType<typeof phoneForms>;
  for (const country of readings) {
    const forms = phoneForms(stored, country, home);
    if (forms !== undefined && (readings.length === 1 || isGivenOut(forms.e164.slice(1)))) return forms;
    possible ??= forms;
  }
  return possible;
}
