import type { CustomField, LeadTextField } from '../core/lead.ts';
import type { LeftOut } from './column-role.ts';
import type { FileFormat } from './formats/file-format.ts';
import type { AddressPart, FileField } from './meaning.ts';
import type { ImportNotice } from './import-words.ts';

/** How a file writes dates other than `YYYY-MM-DD`: day first or month first. */
export type DateOrder = 'dmy' | 'mdy';

/** `open`: both are possible for every value that was seen; the country's usage decides. */
export type ColumnDates = DateOrder | 'open';

/** A column that is a custom field; or, with `from`, a custom field of what is left over from others. */
export interface CustomColumn {
  /** Its place in the row. */
  readonly at: number;
  /** As the header writes it. */
  readonly header: string;
  readonly field: CustomField;
  /** The lists that have the field; undefined: every list that the file's rows name. */
  readonly lists: ReadonlySet<number> | undefined;
  /** The addresses of e-mail after the first; the postal ones after the first. */
  readonly from?: 'e-mails' | 'addresses';
  /** Nobody said that it is a custom field, or of which type. */
  readonly isGuessed?: boolean;
}

/** Where one of a lead's texts comes from. */
export type TextSource =
  | { readonly is: 'cell'; readonly at: number }
  /** Cells that belong together: two surnames, a street and its number. */
  | { readonly is: 'joined'; readonly cells: readonly number[] }
  | { readonly is: 'gender'; readonly at: number; readonly isMujer: boolean }
  | { readonly is: 'country'; readonly at: number }
  | { readonly is: 'date'; readonly at: number }
  | {
      readonly is: 'date parts';
      readonly year: number | undefined;
      readonly month: number;
      readonly day: number;
    }
  /** The usable number of that place among the row's numbers. */
  | { readonly is: 'number'; readonly place: 0 | 1 }
  | { readonly is: 'e-mail' }
  | { readonly is: 'name'; readonly part: 'first' | 'last' }
  | { readonly is: 'address'; readonly part: AddressPart };

export interface TextColumn {
  readonly field: LeadTextField;
  readonly source: TextSource;
}

/** A column of telephone numbers. */
export interface NumberColumn {
  readonly at: number;
  /** For messages: the field, or the column's name. */
  readonly name: string;
  /** What kind of number it is. */
  readonly label: string | null;
  /** The column that says the kind of each row's number. */
  readonly labelAt: number | undefined;
  /** The column that holds the area code. */
  readonly areaAt: number | undefined;
}

/** Columns that are a person's or company's name together. */
export interface NameColumns {
  readonly first: number | undefined;
  readonly last: readonly number[];
  readonly whole: number | undefined;
  readonly company: number | undefined;
  /** Where a company goes that no person is named of. */
  readonly companyPart: 'first' | 'last';
  /** The header is Spanish or Portuguese: two surnames. */
  readonly isIberian: boolean;
  /** The whole name begins with the surnames (`Apellidos y nombre`). */
  readonly isSurnameFirst: boolean;
}

/** The columns of one postal address. */
export type AddressColumns = Readonly<Partial<Record<AddressPart, number>>>;

/** What one column became, for people. */
export interface ColumnUse {
  /** As the header writes it. */
  readonly header: string;
  /** `phone_number`, `custom field rfc`; undefined: left out. */
  readonly became: string | undefined;
  readonly leftOut?: LeftOut;
}

/** Which cell of a row is what. `at` counts from 0. */
export interface ColumnPlan {
  /** How many cells a row must have: up to the last column that has a name. */
  readonly width: number;
  readonly texts: readonly TextColumn[];
  /** The fields that are no text of the lead. */
  readonly others: Readonly<Partial<Record<Exclude<FileField, LeadTextField>, number>>>;
  readonly custom: readonly CustomColumn[];
  /** Columns whose cells count for nothing. */
  readonly ignored: ReadonlySet<number>;
  /** In the order in which they are a lead's. */
  readonly numbers: readonly NumberColumn[];
  /** More numbers than `phone_number` and `alt_phone` are kept. */
  readonly hasFurtherNumbers: boolean;
  readonly emails: readonly number[];
  readonly names: NameColumns | undefined;
  readonly addresses: readonly AddressColumns[];
  /** How the dates of a column are written; by its place. */
  readonly dates: ReadonlyMap<number, ColumnDates>;
  /** Columns that repeat another one, with that one. */
  readonly repeated: readonly { readonly at: number; readonly of: number }[];
  /** Rows that were looked at have text that was read in the wrong encoding. */
  readonly isMisread: boolean;
  /** An export of our own: every cell is as it is stored. */
  readonly isOwn: boolean;
  readonly format: FileFormat | undefined;
  /** In the file's order, those that have a name. */
  readonly uses: readonly ColumnUse[];
  /** What a person should know before trusting it: clauses. */
  readonly notices: readonly ImportNotice[];
}
