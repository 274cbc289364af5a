import type { LeadChange } from '../../core/record-store.ts';
import { type LeadState, valueOf } from '../../core/lead-state.ts';
import { PHONE_COLUMNS } from '../../core/lead.ts';
import type { ParameterFault } from '../../core/problem.ts';
import type { SentEdit } from './edit-form.ts';
import type { Attempt } from './edit-groups.ts';
import { fieldLabel } from './edit-inputs.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Language, Reader } from '../pages/reader.ts';
import { valueText } from './value-text.ts';

const PHONES: ReadonlySet<string> = new Set([...PHONE_COLUMNS, 'number']);

/** What is wrong with fields of a form, in words of the page. @param fields those of the form */
export function errorsOf(
  faults: readonly ParameterFault[],
  fields: Iterable<string>,
  language: Language,
): ReadonlyMap<string, string> {
  const all = [...fields];
  return new Map(
    faults.map(({ field, reason }) => {
      // A fault names no more of a label than fits.
      const meant = all.find((one) => one === field || (field !== '' && one.startsWith(field))) ?? '';
      return [meant, EDIT_WORDS[language].errors[kindOf(meant, reason)]];
    }),
  );
}

/** How the reasons of faults begin (src/core/lead-patch.ts), and what the page says. */
const KINDS: readonly (readonly [beginning: string, kind: ErrorKind])[] = [
  ['must be a date', 'date'],
  ['must be a time', 'time'],
  ['must be a whole number', 'number'],
  ['must be one of', 'choice'],
];

type ErrorKind = keyof (typeof EDIT_WORDS)['en']['errors'];

function kindOf(field: string, reason: string): ErrorKind {
  const [, kind] = KINDS.find(([beginning]) => reason.startsWith(beginning)) ?? [];
  if (kind !== undefined) return kind;
  if (PHONES.has(field) && !/^has \d+ characters|control|Unicode/.test(reason)) return 'phone';
  return 'text';
}

/** When something happened, as the reader writes it. @param at milliseconds of the wall clock */
export function writeTime(at: number, { tag }: Reader): string {
  return new Intl.DateTimeFormat(tag, {
    dateStyle: 'medium',
    timeStyle: 'short',
    calendar: 'gregory',
  }).format(at);
}

/**
 * What somebody else made of the fields that a form changes.
 *
 * @param state the customer as it is now
 * @param changes of the customer, the newest first
 */
export function viewTheirs(
  sent: Pick<SentEdit, 'conflictsIn'>,
  state: LeadState,
  changes: readonly LeadChange[],
  reader: Reader,
): Attempt['theirs'] & object {
  const words = EDIT_WORDS[reader.language];
  const fields = sent.conflictsIn(state);
  const change = changes.find(({ after, before }) =>
    fields.some((field) => Object.hasOwn(after ?? {}, field) || Object.hasOwn(before ?? {}, field)),
  );
  return {
    text:
      change === undefined
        ? words.changedMeanwhile
        : words.changedBy(change.user, writeTime(change.at, reader)),
    values: fields.map((field) => ({
      label: fieldLabel(field, reader.language),
      text: valueText(valueOf(state, field), reader.language),
    })),
  };
}
