import { CUSTOM_PREFIX, type LeadState, valueOf } from '../../core/lead-state.ts';
import type { FurtherNumber } from '../../core/lead.ts';
import type { FieldDefinition } from '../../core/record-store.ts';
import type { EditedRecord } from '../../service/card-editing.ts';
import { type InputView, shapeOf, viewInput } from './edit-inputs.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Language } from '../pages/reader.ts';
import { WORDS } from './language.ts';
import { furtherKey, markOfNumber } from './shown-text.ts';

/** What somebody sent and what did not become of it, which the form shows again. */
export interface Attempt {
  /** Of the form. */
  readonly key: string;
  /** What was typed, by field. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is wrong, by field; under '' what concerns them all. */
  readonly errors: ReadonlyMap<string, string>;
  /** Another customer has the number; `href` leads to them. */
  readonly taken?: { readonly text: string; readonly href: string } | undefined;
  /** What somebody else made of the same fields. */
  readonly theirs?: {
    readonly text: string;
    readonly values: readonly { readonly label: string; readonly text: string }[];
  };
}

/** One form of the card. */
export interface EditView {
  readonly key: string;
  readonly label: string;
  readonly action: string;
  readonly inputs: readonly (InputView & { readonly error: string | undefined })[];
  /** Names and values that go along unseen. */
  readonly hidden: readonly (readonly [name: string, value: string])[];
  /** Undefined: it is closed. */
  readonly attempt: Attempt | undefined;
  /** Ids of inputs begin so. */
  readonly id: string;
}

interface Group {
  readonly key: string;
  readonly label: string;
  readonly fields: readonly string[];
}

const ADDRESS = [
  'address1',
  'address2',
  'address3',
  'city',
  'state',
  'province',
  'postal_code',
  'country_code',
];

function groupsOf(
  fields: readonly FieldDefinition[],
  hasThirdPhone: boolean,
  language: Language,
): readonly Group[] {
  const [words, own] = [WORDS[language], EDIT_WORDS[language]];
  const one = (field: string, label: string): Group => ({ key: field, label, fields: [field] });
  return [
    { key: 'name', label: own.name, fields: ['title', 'first_name', 'middle_initial', 'last_name'] },
    one('is_customer', own.kind),
    one('status', words.status),
    one('phone_number', words.phone_number),
    one('alt_phone', words.alt_phone),
    ...(hasThirdPhone ? [one('address3', words.address3)] : []),
    one('comments', words.comments),
    {
      key: 'address',
      label: words.address,
      fields: ADDRESS.filter((field) => field !== 'address3' || !hasThirdPhone),
    },
    one('email', words.email),
    one('date_of_birth', words.birth),
    one('gender', words.gender),
    one('list_id', words.list),
    ...fields.map(({ label }) => one(CUSTOM_PREFIX + label, label)),
  ];
}

/** The forms for what is stored of a customer, by key. */
export function viewEdits(
  record: EditedRecord,
  hasThirdPhone: boolean,
  language: Language,
  attempt: Attempt | undefined,
): readonly EditView[] {
  const { state } = record;
  const groups = groupsOf(record.fields, hasThirdPhone, language).flatMap(
    ({ key, label, fields: names }, at) => {
      const tried = attempt?.key === key ? attempt : undefined;
      const inputs = names.flatMap((field) => {
        const shape = shapeOf(field, record, language);
        if (shape === undefined) return [];
        const asPhone =
          field === 'address3' && hasThirdPhone ? { ...shape, label, type: 'tel' as const } : shape;
        return [{ ...viewInput(asPhone, state, tried?.texts.get(field)), error: tried?.errors.get(field) }];
      });
      const [only] = inputs;
      if (only === undefined) return [];
      const shown = inputs.length === 1 && key.startsWith(CUSTOM_PREFIX) ? only.label : label;
      return [{ key, label: shown, action: '/card/edit', inputs, hidden: [], attempt: tried, id: `e${at}` }];
    },
  );
  return [...groups, ...numberForms(state, language, attempt)];
}

/** The further numbers of a state. */
export function furtherIn(state: LeadState): readonly FurtherNumber[] {
  return (valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[];
}

export const ADD_NUMBER = 'number:new';

/** One form for each further number, and one for another. */
function numberForms(
  state: LeadState,
  language: Language,
  attempt: Attempt | undefined,
): readonly EditView[] {
  const own = EDIT_WORDS[language];
  const form = (key: string, stored: FurtherNumber | undefined, id: string): EditView => {
    const tried = attempt?.key === key ? attempt : undefined;
    const input = (name: 'number' | 'label', label: string, text: string) => ({
      ...{
        name,
        field: name,
        label,
        text,
        was: '',
        isRequired: false,
        choices: [],
        error: tried?.errors.get(name),
      },
      ...(name === 'number'
        ? { type: 'tel' as const, longest: 100 }
        : { type: 'text' as const, longest: 50 }),
    });
    const text = (name: string, before: string) => tried?.texts.get(name) ?? before;
    return {
      key,
      label: stored === undefined ? own.number : (stored.label ?? WORDS[language].further),
      action: '/card/number',
      inputs: [
        input('number', own.number, text('number', stored?.number ?? '')),
        input('label', own.numberLabel, text('label', stored?.label ?? '')),
      ],
      hidden: [['which', stored === undefined ? '' : markOfNumber(stored)]],
      attempt: tried,
      id,
    };
  };
  const stored = furtherIn(state).map((number, at) => form(furtherKey(number), number, `n${at}`));
  return [...stored, form(ADD_NUMBER, undefined, 'new')];
}
