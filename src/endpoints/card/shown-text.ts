import { createHash } from 'node:crypto';

import type { FieldValue } from '../../core/lead-state.ts';
import type { FurtherNumber } from '../../core/lead.ts';
import { shownText } from '../pages/shown-text.ts';

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
