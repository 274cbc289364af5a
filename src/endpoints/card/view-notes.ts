import type { LeadNote, NotePage } from '../../core/record-store.ts';
import type { Attempt } from './edit-groups.ts';
import { writeTime } from './edit-problem.ts';
import type { Reader } from '../pages/reader.ts';

/** The key of the form for a note. */
export const NOTE_KEY = 'note';

/** A note as it is shown. */
export function viewNote({ text, user, at }: LeadNote, reader: Reader) {
  return { text, user, when: writeTime(at, reader), iso: new Date(at).toISOString() };
}

/** The newest notes, and the form for another one. */
export function viewNotes({ total, notes }: NotePage, reader: Reader, attempt: Attempt | undefined) {
  const tried = attempt?.key === NOTE_KEY ? attempt : undefined;
  return {
    total: total > notes.length ? new Intl.NumberFormat(reader.tag).format(total) : undefined,
    notes: notes.map((note) => viewNote(note, reader)),
    text: tried?.texts.get('text') ?? '',
    error: tried?.errors.get('text'),
  };
}
