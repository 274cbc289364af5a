import { createHash } from 'node:crypto';

import type { FieldValue } from '../../core/lead-state.ts';
import type { FurtherNumber } from '../../core/lead.ts';

/** Controls but tab and line feed; overrides of the direction of writing, which make a name look like another. */
// eslint-disable-next-line no-control-regex
const NOT_SHOWN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A text as a page may hold it. */
export function shownText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(NOT_SHOWN, '\uFFFD');
}

/** A value as its field of a form shows it, and sends it back where nobody changes it. Empty: there is none. */
export function formText(value: FieldValue): string {
  if (value === null || value === false) return '';
  if (value === true) return '1';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = shownText(String(value));
  // The dialer's word for no date.
  return text === '0000-00-00' ? '' : text;
}

/**
 * By what a form says as what it has read a field, without saying it: long texts stand in it once.
 *
 * @param text as `formText` gives it
 */
export function markOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** By what a form says which further number it means. */
export function markOfNumber({ label, number }: Pick<FurtherNumber, 'label' | 'number'>): string {
  return markOf(JSON.stringify([label, number]));
}

/** The key of the form for a further number. */
export function furtherKey(number: Pick<FurtherNumber, 'label' | 'number'>): string {
  return `number:${markOfNumber(number)}`;
}
