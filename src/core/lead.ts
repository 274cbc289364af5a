/**
 * A lead: one person or company that a call centre calls or is called by.
 * Names and order of the fields are those of the documented answer (docs/get-customer-information.txt);
 * a client of goAPIv2 lays out its form by this order.
 */
export const LEAD_TEXT_FIELDS = [
  'title',
  'first_name',
  'middle_initial',
  'last_name',
  'phone_number',
  'alt_phone',
  'email',
  'address1',
  'address2',
  'address3',
  'city',
  'state',
  'province',
  'postal_code',
  'country_code',
  'gender',
  'date_of_birth',
  'status',
  'user',
  'comments',
] as const;

export type LeadTextField = (typeof LEAD_TEXT_FIELDS)[number];

/** The 22 documented fields in their documented order. */
export const LEAD_FIELDS = ['lead_id', 'list_id', ...LEAD_TEXT_FIELDS] as const;

/** `null` where nothing is stored; an empty string is an empty string. Dates are `YYYY-MM-DD` or `0000-00-00`. */
export type Lead = { readonly lead_id: number; readonly list_id: number } & Readonly<
  Record<LeadTextField, string | null>
>;

/** The columns that may hold a telephone number, in the order in which they are searched. */
export const PHONE_COLUMNS = ['phone_number', 'alt_phone', 'address3'] as const;
export type PhoneColumn = (typeof PHONE_COLUMNS)[number];

/**
 * What of a lead may match a number, in the order of search: a documented column, one of the lead's further numbers, or a
 * block of numbers that the lead has (setting `numberBlocks`).
 */
export const NUMBER_MATCHES = [...PHONE_COLUMNS, 'further', 'block'] as const;
export type NumberMatch = (typeof NUMBER_MATCHES)[number];

/** The largest lead id: ten decimal digits. */
export const MAX_LEAD_ID = 9_999_999_999;
/** The largest list id: the dialer's `bigint(14)`, 14 decimal digits. */
export const MAX_LIST_ID = 99_999_999_999_999;

export type CustomValue = string | number | null;

/** Custom values in their list's field order. Pairs, because a label such as `2024` would move in an object. */
export type CustomInfo = readonly (readonly [label: string, value: CustomValue])[];

/** What a custom field holds: the dialer's kinds that have a value, and NUMBER for a whole-number column. */
export const CUSTOM_FIELD_TYPES = [
  'TEXT',
  'AREA',
  'SELECT',
  'MULTI',
  'RADIO',
  'CHECKBOX',
  'DATE',
  'TIME',
  'NUMBER',
] as const;
export type CustomFieldType = (typeof CUSTOM_FIELD_TYPES)[number];

export interface CustomField {
  readonly label: string;
  readonly type: CustomFieldType;
  /** As the file that brought it calls it (`Último pedido`); none where that is the label. */
  readonly caption?: string;
}

/** A custom field as people see it. */
export interface ListField extends CustomField {
  /** What stands before it on a form; the label where there is nothing else. */
  readonly caption: string;
  /** What may be chosen, where the store knows that there is a choice. */
  readonly options?: readonly string[];
}

/** A number of a lead for which the documented fields have no room. */
export interface FurtherNumber {
  /** What people call it, such as `Oficina`; null: nothing. */
  readonly label: string | null;
  /** As it is stored. */
  readonly number: string;
  /** Its own country as it is stored, by its calling code; left out or empty: it says none. */
  readonly phoneCode?: string;
}

/** A lead with what the documented answer has beside it. */
export interface Customer {
  readonly lead: Lead;
  /** `lead` as JSON, where the store reads it so: putting it together again would cost more than the read. */
  readonly leadJson?: string;
  /** `null`: the list has no custom fields, or the lead has no values in them. */
  readonly custom: CustomInfo | null;
  readonly isCustomer: boolean;
  /** The country of the lead's numbers as it is stored beside `country_code`: the dialer's `phone_code`. */
  readonly phoneCode?: string;
  /** The further numbers in their order, where they were asked for and the store has such. */
  readonly further?: readonly FurtherNumber[];
  /** There are more than the store has read. */
  readonly hasMoreNumbers?: true;
  /** What the settings of its list mask for users without the right `edit`; nothing is masked yet. Left out or null: nothing. */
  readonly masks?: readonly string[] | null;
  /** The fields that hold no value here, because they are masked for this user (src/core/masks.ts). */
  readonly masked?: readonly string[];
}

/** Names of fields that whoever may not change leads sees masked, of the leads of a list. */
export type MasksOf = (listId: number) => readonly string[];

/** Which lists somebody may see. An empty array sees nothing. */
export type ListScope = 'every list' | readonly number[];

/** Custom values as JSON. By hand, because an object would move labels such as `2024` to its beginning. */
export function writeCustom(custom: CustomInfo | null): string {
  if (custom === null) return 'null';
  return `{${custom.map(([label, value]) => `${JSON.stringify(label)}:${JSON.stringify(value)}`).join(',')}}`;
}

/**
 * So many leads with one number are counted, and listed by a search; a number of more is a placeholder, and to read them all
 * would hold up everybody. An engine that has counted further gives this and one.
 */
export const COUNTED_MATCHES = 1_000;

/** A number of leads, as far as it is counted. */
export function countedMatches(matches: number): number {
  return Math.min(matches, COUNTED_MATCHES + 1);
}

/** `1000+` where there are more than are counted. */
export function writeMatches(matches: number): string {
  return matches > COUNTED_MATCHES ? `${COUNTED_MATCHES}+` : String(matches);
}
