import { isObject } from './is-object.ts';
import { CUSTOM_FIELD_TYPES, type CustomFieldType, LEAD_FIELDS, MAX_LIST_ID } from './lead.ts';
import { isMaskable, MASKABLE_FIELDS } from './masks.ts';
import type { ParameterFault } from './problem.ts';
import type { FieldDefinition, ListSettings } from './record-store.ts';

const LONGEST_NAME = 100;
const LONGEST_CHOICE = 100;
const MOST_CHOICES = 500;
/** Custom fields of a list. */
const MOST_FIELDS = 500;

/** Names and statuses of all lists of a store, with 64 for each list: they are answered together. */
export const LISTS_CHARACTERS = 4 * 1024 * 1024;

type Faults = { readonly faults: readonly ParameterFault[] };

/**
 * Reads what somebody sent to make a list or to change it.
 *
 * @param sent a JSON value
 * @param listId the list that is changed; undefined: a new one, whose id is in `sent`
 */
export function parseListSettings(
  sent: unknown,
  listId: number | undefined,
): Faults | { readonly listId: number; readonly values: Partial<Omit<ListSettings, 'listId'>> } {
  if (!isObject(sent)) return { faults: [{ field: 'body', reason: 'must be a JSON object' }] };
  const { list_id: sentId, name, statuses, masked, ...others } = sent;
  const faults: ParameterFault[] = Object.keys(others).map((field) => ({
    field: field.slice(0, LONGEST_NAME),
    reason: 'is unknown here; a list has name, statuses and masked',
  }));
  if (listId !== undefined && sentId !== undefined)
    faults.push({ field: 'list_id', reason: 'cannot be changed' });
  if (listId === undefined && !isListId(sentId)) {
    faults.push({ field: 'list_id', reason: `must be a whole number from 1 to ${MAX_LIST_ID}` });
  }
  faults.push(...faultsOfValues({ name, statuses, masked }));
  if (faults.length > 0) return { faults };
  const values = {
    ...(name !== undefined && { name: name as string | null }),
    ...(statuses !== undefined && { statuses: statuses as readonly string[] }),
    ...(masked !== undefined && { masked: masked as readonly string[] }),
  };
  return { listId: listId ?? Number(sentId), values };
}

function faultsOfValues(sent: Readonly<Record<'name' | 'statuses' | 'masked', unknown>>): ParameterFault[] {
  const { name, statuses, masked } = sent;
  const faults: ParameterFault[] = [];
  if (name !== undefined && name !== null && !isText(name, LONGEST_NAME)) {
    faults.push({ field: 'name', reason: `must be a text of 1 to ${LONGEST_NAME} characters, or null` });
  }
  if (statuses !== undefined && !isChoices(statuses)) faults.push({ field: 'statuses', reason: CHOICES });
  if (masked !== undefined && !isMaskedFields(masked)) faults.push({ field: 'masked', reason: MASKED });
  return faults;
}

/** Reads the custom fields of a list, in their order. @param sent a JSON value */
export function parseFields(sent: unknown): Faults | { readonly fields: readonly FieldDefinition[] } {
  if (!Array.isArray(sent) || sent.length > MOST_FIELDS) {
    return { faults: [{ field: 'fields', reason: `must be a list of at most ${MOST_FIELDS} fields` }] };
  }
  const labels = new Set<string>(LEAD_FIELDS);
  const fields: FieldDefinition[] = [];
  for (const [at, one] of (sent as readonly unknown[]).entries()) {
    const parsed = parseField(one);
    const reason =
      typeof parsed !== 'string' && labels.has(parsed.label) ? 'has a label that is taken' : parsed;
    if (typeof reason === 'string') return { faults: [{ field: `fields[${at}]`, reason }] };
    labels.add(reason.label);
    fields.push(reason);
  }
  return { fields };
}

/** @returns what is wrong, or the field */
function parseField(sent: unknown): string | FieldDefinition {
  if (!isObject(sent)) return 'must be an object';
  const { label, caption = label, type = 'TEXT', options = [], ...others } = sent;
  if (Object.keys(others).length > 0) return 'may have label, caption, type and options';
  if (!isText(label, 50)) return 'must have a label of 1 to 50 characters';
  if (!isText(caption, LONGEST_NAME)) return `must have a caption of 1 to ${LONGEST_NAME} characters`;
  if (!(CUSTOM_FIELD_TYPES as readonly unknown[]).includes(type)) {
    return `must have a type of ${CUSTOM_FIELD_TYPES.join(', ')}`;
  }
  if (!isChoices(options)) return `must have options that are as follows: ${CHOICES}`;
  return { label, caption, type: type as CustomFieldType, options };
}

/** Documented fields, and custom ones. */
const MOST_MASKED = MASKABLE_FIELDS.length + MOST_FIELDS;
const MASKED = `must be a list of different fields: ${MASKABLE_FIELDS.join(', ')}, or custom_info.LABEL`;

function isMaskedFields(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_MASKED || new Set(value).size < value.length) return false;
  return value.every((one) => isText(one, LONGEST_NAME) && isMaskable(one));
}

function isListId(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_LIST_ID;
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longest && !CONTROL.test(value);
}

const CHOICES = `a list of at most ${MOST_CHOICES} different texts of at most ${LONGEST_CHOICE} characters without commas`;

function isChoices(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_CHOICES || new Set(value).size < value.length)
    return false;
  return value.every((one) => isText(one, LONGEST_CHOICE) && !one.includes(','));
}
