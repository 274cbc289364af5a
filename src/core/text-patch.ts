import { NO_BIRTHDAY } from './lead-patch.ts';
import { CUSTOM_PREFIX, type LeadState, valueOf } from './lead-state.ts';
import type { ParameterFault } from './problem.ts';
import type { FieldDefinition } from './record-store.ts';

/** Values as forms and the dialer's APIs send them: texts, an empty one for none. */
export interface SentTexts {
  /** By the names of a lead's fields. */
  readonly fields: ReadonlyMap<string, string>;
  /** By the labels of its list's custom fields. */
  readonly custom: ReadonlyMap<string, string>;
}

/** Whether a switch of a form or of the dialer's APIs is on. */
export function isYes(text: string): boolean {
  return /^(?:1|y|yes|true|on)$/i.test(text.trim());
}

/**
 * Makes a JSON Merge Patch of texts (src/core/lead-patch.ts). A field that has no value, and is to have none, is left out: forms
 * send every field that there is.
 *
 * @param state the lead as it is now; empty: a new one
 * @param definitions the custom fields of its list
 */
export function patchOfTexts(
  { fields, custom }: SentTexts,
  state: LeadState,
  definitions: readonly Pick<FieldDefinition, 'label' | 'type'>[],
): Readonly<Record<string, unknown>> {
  const types = new Map(definitions.map(({ label, type }) => [label, type]));
  const changed = [...fields].filter(([field, text]) => text !== '' || hasValue(state, field));
  const patch = changed.map(([field, text]) => [
    field,
    text === '' && field === 'date_of_birth' ? null : text,
  ]);
  const values = [...custom]
    .filter(([label, text]) => text !== '' || hasValue(state, CUSTOM_PREFIX + label))
    .map(([label, text]) => [label, customValue(text, types.get(label))]);
  const info = values.length === 0 ? {} : { custom_info: Object.fromEntries(values) as object };
  return { ...(Object.fromEntries(patch) as object), ...info };
}

function hasValue(state: LeadState, field: string): boolean {
  const value = valueOf(state, field);
  return value !== null && value !== '';
}

/** Only a text may be empty: a number, a date or a choice then has no value. */
function customValue(text: string, type: FieldDefinition['type'] | undefined): string | number | null {
  if (text === '') return type === 'TEXT' || type === 'AREA' ? text : null;
  return type === 'NUMBER' && /^[+-]?\d{1,15}$/.test(text) ? Number(text) : text;
}

/**
 * What is wrong with such a patch, said to who sent the texts: without null, and custom fields by their labels.
 *
 * @param none what is sent to empty a field
 */
export function faultOfTexts({ field, reason }: ParameterFault, none: string): ParameterFault {
  return {
    field: field.startsWith(CUSTOM_PREFIX) ? field.slice(CUSTOM_PREFIX.length) : field,
    reason: reason === NO_BIRTHDAY ? `must be a date as YYYY-MM-DD, or ${none} for none` : reason,
  };
}
