import { CUSTOM_PREFIX, type LeadState, valueOf } from '../../core/lead-state.ts';
import { LONGEST_NOTE, LONGEST_TEXT } from '../../core/lead-patch.ts';
import type { CustomFieldType } from '../../core/lead.ts';
import type { FieldDefinition } from '../../core/record-store.ts';
import type { EditedRecord } from '../../service/card-editing.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Language } from '../pages/reader.ts';
import { WORDS } from './language.ts';
import { formText, markOf } from './shown-text.ts';
import { captionOf, listLabel } from './view-fields.ts';
import { viewStatus } from './view-status.ts';

/** How a field is typed. `items`: several choices; `tick`: yes or no. */
type InputType = 'text' | 'tel' | 'email' | 'date' | 'time' | 'number' | 'area' | 'select' | 'items' | 'tick';

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly isChosen: boolean;
}

/** One field in a form. */
export interface InputView {
  /** By which a form sends it; `was:` and the field's name go with it. */
  readonly name: string;
  readonly field: string;
  readonly label: string;
  readonly type: InputType;
  readonly text: string;
  /** As what the form has read it (`markOf`). */
  readonly was: string;
  readonly longest: number;
  /** One of the choices must be taken. */
  readonly isRequired: boolean;
  readonly choices: readonly Choice[];
}

/** What an input is made of. */
interface FieldShape {
  readonly field: string;
  readonly label: string;
  readonly type: InputType;
  /** What may be chosen; empty: anything may be typed. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** The kind of a stored field; those that the card does not change have none. */
export function shapeOf(
  field: string,
  { fields, statuses, lists }: Pick<EditedRecord, 'fields' | 'statuses' | 'lists'>,
  language: Language,
): FieldShape | undefined {
  const words = WORDS[language];
  if (field.startsWith(CUSTOM_PREFIX)) {
    const definition = fields.find(({ label }) => CUSTOM_PREFIX + label === field);
    return definition && customShape(field, definition);
  }
  const options = optionsOf(field, statuses, language);
  const label = fieldLabel(field, language);
  switch (field) {
    case 'phone_number':
    case 'alt_phone':
      return { field, label, type: 'tel' };
    case 'email':
      return { field, label: words.email, type: 'email' };
    case 'date_of_birth':
      return { field, label, type: 'date' };
    case 'comments':
      return { field, label, type: 'area' };
    case 'is_customer':
      return { field, label, type: 'tick' };
    case 'list_id':
      // With one list there is nothing to choose.
      return lists.length < 2 ? undefined : { field, label, type: 'select', options: listOptions(lists) };
    case 'gender':
    case 'status':
      return { field, label, type: options.length === 0 ? 'text' : 'select', options };
    default:
      return { field, label, type: 'text' };
  }
}

function listOptions(lists: EditedRecord['lists']) {
  return lists.map(({ listId, name }) => ({ value: String(listId), label: listLabel(listId, name) }));
}

export function optionsOf(
  field: string,
  statuses: readonly string[],
  language: Language,
): FieldShape['options'] & object {
  if (field === 'gender') {
    return Object.entries(WORDS[language].genders).map(([value, label]) => ({ value, label }));
  }
  if (field !== 'status') return [];
  return statuses.map((value) => {
    const name = viewStatus(value, language)?.name;
    return { value, label: name === undefined ? value : `${name} (${value})` };
  });
}

const CUSTOM_TYPES = {
  TEXT: 'text',
  AREA: 'area',
  SELECT: 'select',
  RADIO: 'select',
  MULTI: 'items',
  CHECKBOX: 'items',
  DATE: 'date',
  TIME: 'time',
  NUMBER: 'number',
} as const satisfies Readonly<Record<CustomFieldType, InputType>>;

function customShape(field: string, { label: own, caption, type, options }: FieldDefinition): FieldShape {
  const input = CUSTOM_TYPES[type];
  // Without options, whatever is typed is taken.
  const isFree = options.length === 0 && (input === 'select' || input === 'items');
  const label = captionOf(own, { caption });
  return {
    field,
    label,
    type: isFree ? 'text' : input,
    options: options.map((value) => ({ value, label: value })),
  };
}

/** What people call a field of a lead. */
export function fieldLabel(field: string, language: Language): string {
  const words = WORDS[language];
  const own: Readonly<Record<string, string>> = EDIT_WORDS[language].fields;
  if (field.startsWith(CUSTOM_PREFIX)) return captionOf(field.slice(CUSTOM_PREFIX.length), undefined);
  const named: Readonly<Record<string, string>> = {
    ...own,
    phone_number: words.phone_number,
    alt_phone: words.alt_phone,
    email: words.email,
    date_of_birth: words.birth,
    gender: words.gender,
    status: words.status,
    comments: words.comments,
    user: words.agent,
  };
  return Object.hasOwn(named, field) ? (named[field] ?? field) : field;
}

/** Fields that a browser shows only in their one form; what else is stored is shown as text. */
const FORMS: Readonly<Partial<Record<InputType, RegExp>>> = {
  date: /^(?:[1-9]\d{3}-\d\d-\d\d)?$/,
  time: /^(?:\d\d:\d\d(?::\d\d)?)?$/,
  number: /^(?:-?\d+)?$/,
};

/** A field of a form, with what is stored in it. @param sent what somebody typed instead */
export function viewInput(shape: FieldShape, state: LeadState, sent?: string): InputView {
  const { field, label, options = [] } = shape;
  const stored = formText(valueOf(state, field));
  const text = sent ?? stored;
  const type = typeFor(shape.type, text);
  const chosen = shape.type === 'items' ? text.split(',').filter((one) => one !== '') : [text];
  const known = new Set(['', ...options.map(({ value }) => value)]);
  // What is stored and no longer offered stays.
  const others = chosen.filter((one) => !known.has(one)).map((value) => ({ value, label: value }));
  const choices = [...options, ...others].map((one) => ({ ...one, isChosen: chosen.includes(one.value) }));
  const name = `${shape.type === 'number' ? 'n' : 'f'}:${field}`;
  const isLong = field === 'comments' || field.startsWith(CUSTOM_PREFIX);
  return {
    name,
    field,
    label,
    type,
    text,
    was: markOf(stored),
    longest: isLong ? LONGEST_NOTE : LONGEST_TEXT,
    isRequired: field === 'list_id',
    choices,
  };
}

function typeFor(type: InputType, text: string): InputType {
  if (FORMS[type]?.test(text) === false) return 'text';
  // One line cannot show several.
  return type === 'text' && text.includes('\n') ? 'area' : type;
}
