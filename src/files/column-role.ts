import type { CustomField, CustomFieldType } from '../core/lead.ts';
import type { Meaning } from './meaning.ts';

/** Why a column's cells count for nothing. */
export type LeftOut =
  /** `--ignore` names it. */
  | 'flag'
  /** Of a rejects file or an export of our own. */
  | 'ours'
  /** The program that wrote the file has it for itself. */
  | 'format'
  /** No row has anything in it. */
  | 'empty'
  /** Another column of the same name has the same values. */
  | 'repeated'
  /** Nobody knows it, and `--ignore-unknown` says so. */
  | 'unknown';

/** What a column is. `byFlag`: by a flag. */
export type ColumnRole =
  | { readonly is: 'known'; readonly meaning: Meaning; readonly byFlag: boolean }
  | {
      readonly is: 'custom';
      readonly field: CustomField;
      readonly lists: ReadonlySet<number> | undefined;
      readonly byFlag: boolean;
    }
  | { readonly is: 'left out'; readonly because: LeftOut; readonly of?: number }
  | { readonly is: 'unnamed' };

/** A custom field; its caption only where the label does not say it. */
export function customField(label: string, type: CustomFieldType, caption: string): CustomField {
  return caption === label || caption === '' ? { label, type } : { label, type, caption };
}
