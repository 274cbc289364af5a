import type { FieldValue } from '../../core/lead-state.ts';
import type { FurtherNumber } from '../../core/lead.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Language } from '../pages/reader.ts';

/** A stored value in words, for those who compare two of them. */
export function valueText(value: FieldValue, language: Language): string {
  const words = EDIT_WORDS[language];
  if (value === null || value === '') return words.nothing;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return typeof value === 'object' ? value.map(numberText).join(', ') : String(value);
}

function numberText({ label, number }: FurtherNumber): string {
  return label === null ? number : `${label}: ${number}`;
}
