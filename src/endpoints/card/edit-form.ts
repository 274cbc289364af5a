import { CUSTOM_PREFIX, type LeadState, stateOf, valueOf } from '../../core/lead-state.ts';
import type { IsAsRead } from '../../service/record-work.ts';
import { shownText } from '../pages/shown-text.ts';
import { formText, markOf } from './shown-text.ts';

/** What somebody changed in a form. */
export interface SentEdit {
  /** JSON Merge Patch of those fields that are not as the form had them. */
  readonly patch: Readonly<Record<string, unknown>>;
  /** What was sent for each field of the form, changed or not. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether nobody else has changed the same fields. */
  readonly isAsRead: IsAsRead;
  /** Those of the changed fields that somebody else has changed, too. */
  readonly conflictsIn: (state: LeadState) => readonly string[];
  readonly isEmpty: boolean;
}

const WAS = 'was:';

/** Reads a form that `viewInput` made. A field that is as the form had it is not changed, whatever it is now. */
export function readEdit(form: URLSearchParams): SentEdit {
  const texts = new Map<string, string>();
  const marks = new Map<string, string>();
  const patch: Record<string, unknown> = {};
  const custom: Record<string, unknown> = {};
  for (const [name, mark] of form) {
    if (!name.startsWith(WAS)) continue;
    const field = name.slice(WAS.length);
    const isNumber = form.has(`n:${field}`);
    const text = shownText(form.getAll(`${isNumber ? 'n' : 'f'}:${field}`).join(','));
    texts.set(field, text);
    if (markOf(text) === mark) continue;
    marks.set(field, mark);
    const value = valueIn(field, text, isNumber);
    if (field.startsWith(CUSTOM_PREFIX)) custom[field.slice(CUSTOM_PREFIX.length)] = value;
    else patch[field] = value;
  }
  const conflictsIn = (state: LeadState) =>
    [...marks].flatMap(([field, mark]) => {
      const now = formText(valueOf(state, field));
      return markOf(now) === mark || now === texts.get(field) ? [] : [field];
    });
  return {
    patch: Object.keys(custom).length === 0 ? patch : { ...patch, custom_info: custom },
    texts,
    isAsRead: (current) => conflictsIn(stateOf(current)).length === 0,
    conflictsIn,
    isEmpty: marks.size === 0,
  };
}

function valueIn(field: string, text: string, isNumber: boolean): string | number | boolean | null {
  if (field === 'is_customer') return text === '1';
  if (field === 'list_id') return Number(text);
  if (text.trim() === '') return null;
  return isNumber && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
