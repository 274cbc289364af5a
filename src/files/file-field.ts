import { meaningOf } from './dictionary.ts';
import { FILE_FIELDS, type FileField, type Meaning } from './meaning.ts';

export { FILE_FIELDS, type FileField } from './meaning.ts';

/** Columns that a rejects file has after the original ones; read back, they are skipped without a word. */
export const REJECT_COLUMNS = ['reject_line', 'reject_reason'] as const;

/** `Teléfono 2` and `telefono_2` are one name: lower case, no accents, all between letters and digits is `_`. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '');
}

/** The field of meanings that are not called like one. */
const FIELD_OF: Partial<Record<Meaning, FileField>> = {
  phone: 'phone_number',
  'phone 2': 'alt_phone',
  'phone last': 'alt_phone',
  numero: 'phone_number',
  'whole name': 'first_name',
  customer: 'is_customer',
  contact: 'first_name',
  paternal: 'last_name',
  maternal: 'last_name',
  'e-mail': 'email',
  'street number': 'address1',
};

/** The field that a column's name means in any spreadsheet, or that it is part of; undefined: nobody knows it. */
export function fieldNamed(name: string): FileField | undefined {
  const meaning = meaningOf(normaliseName(name));
  if (meaning === undefined) return undefined;
  return isFileField(meaning) ? meaning : FIELD_OF[meaning];
}

/** True for a field's own name. */
export function isFileField(name: string): name is FileField {
  return (FILE_FIELDS as readonly string[]).includes(name);
}
