import { LEAD_FIELDS } from '../core/lead.ts';

/** What a column of a lead file can be: the documented fields and what `export` writes beside them. */
export const FILE_FIELDS = [
  ...LEAD_FIELDS,
  'is_customer',
  'last_local_call_time',
  'modify_date',
  'list_name',
  'further_numbers',
] as const;
export type FileField = (typeof FILE_FIELDS)[number];

/** Where a further postal address of a person is: of each only the first that a row has becomes the lead's. */
export type AddressPart = 'street' | 'street2' | 'street3' | 'city' | 'state' | 'postal' | 'country';

/**
 * What a column's name means. Most names are one field's; the rest is made into fields together with other columns.
 *
 * - `phone`: any number, in the file's order; `phone 2`: after those (`Otro teléfono`); `phone last`: not the person's own
 *   telephone (fax, pager, assistant)
 * - `area code`: stands before the short numbers of the row (`Lada`, `DDD`)
 * - `whole name`: is split into first and last name
 * - `paternal`, `maternal`: the two surnames
 * - `e-mail`: the first one is the lead's, others are kept beside it
 * - `street number`: stands after the street
 * - `customer`: who (a name) or whether (yes or no): the values say which (`Cliente`)
 * - `contact`: a name or a number
 * - `numero`: a telephone number or a house's
 * - `label`: what kind of number the column beside it holds (`Phone 1 - Label`)
 * - `custom`: known, and a custom field of the list
 * - `left out`: what the program writes for itself
 */
export type Meaning =
  | FileField
  | 'phone'
  | 'phone 2'
  | 'phone last'
  | 'area code'
  | 'whole name'
  | 'paternal'
  | 'maternal'
  | 'e-mail'
  | 'street number'
  | 'company'
  | 'customer'
  | 'contact'
  | 'numero'
  | 'birth year'
  | 'birth month'
  | 'birth day'
  | 'label'
  | 'custom'
  | 'left out'
  | `address ${number} ${AddressPart}`;

/** Names of columns, normalised, with what they mean. */
export type NameTable = Readonly<Partial<Record<Meaning, string>>>;

/** `{ city: 'ciudad town' }` as a map from each name to its meaning. */
export function namesOf(table: NameTable): ReadonlyMap<string, Meaning> {
  const names = new Map<string, Meaning>();
  for (const [meaning, words] of Object.entries(table)) {
    for (const name of words?.split(' ') ?? []) names.set(name, meaning as Meaning);
  }
  return names;
}

/** True for what a telephone number can stand in. */
export function isPhoneMeaning(meaning: Meaning): boolean {
  return (
    meaning === 'phone_number' ||
    meaning === 'alt_phone' ||
    meaning === 'phone' ||
    meaning === 'phone 2' ||
    meaning === 'phone last'
  );
}
