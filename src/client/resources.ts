import type { LeadInfo } from './documented.ts';
import type { CallOptions } from './exchange.ts';

/** A column that holds a telephone number. */
export type PhoneColumn = 'phone_number' | 'alt_phone' | 'address3';

/** What matched a number: a column, one of the lead's further numbers, or a block of numbers. */
export type NumberMatch = PhoneColumn | 'further' | 'block';

/** A number of a lead beyond the documented fields. */
export interface FurtherNumber {
  /** What people call it, such as `office`; null: nothing. */
  readonly label: string | null;
  readonly number: string;
}

/** A lead as our own API answers it. */
export interface Lead extends LeadInfo {
  readonly custom_info: Readonly<Record<string, string | number | null>> | null;
  readonly is_customer: boolean;
  /** The numbers of its fields that the default country has. `numbers` has all of the lead's, and reads them better. */
  readonly phones: readonly {
    readonly field: PhoneColumn;
    /** `+525587654321`. */
    readonly e164: string;
    /** As it is written in its country. */
    readonly national: string;
  }[];
  /** The column of the number that was searched; null where none was. */
  readonly matched_by: NumberMatch | null;
  /** All its numbers: those of its fields, then the further ones, at most 100. */
  readonly numbers: readonly LeadNumber[];
  /** It has further numbers that are not among `numbers`. */
  readonly more_numbers?: true;
  /** Fields whose values are masked (`**** 21`), because these credentials have no right `edit`. */
  readonly masked?: readonly string[];
}

/** A telephone number of a lead. */
export interface LeadNumber {
  /** Left out: none of the fields has it. */
  readonly field?: PhoneColumn;
  /** What people call it, such as `Oficina`; null: nothing. */
  readonly label: string | null;
  /** As it is stored. */
  readonly number: string;
  /** `+525587654321`, read under the lead's own country; null: no numbering plan has it. */
  readonly e164: string | null;
  /** As people of the server's default country write it. */
  readonly national: string | null;
}

export interface PageOptions extends CallOptions {
  /** 1 to 100; 25 if not given. */
  readonly limit?: number | undefined;
  /** How many come before; 0 to 10,000. */
  readonly offset?: number | undefined;
}

/** A custom field of a list's leads. */
export interface ListField {
  /** The name in `custom_info`. */
  readonly label: string;
  readonly caption: string;
  readonly type: string;
  /** What may be chosen; empty: anything, or unknown. */
  readonly options: readonly string[];
}

export interface ListFields {
  readonly list_id: number;
  readonly name: string | null;
  readonly fields: readonly ListField[];
}
