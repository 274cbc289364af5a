import { type LeadState, valueOf } from '../../core/lead-state.ts';
import type { DialerCallback } from '../../core/lead-history.ts';
import type { LeadChange, TimelineEntry } from '../../core/record-store.ts';
import { lastCallIn } from '../../service/card-past.ts';
import type { ShownTimeline } from '../../service/timeline.ts';
import { cardOf, pairsOf } from './card-query.ts';
import { fieldLabel } from './edit-inputs.ts';
import { writeTime } from './edit-problem.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Pairs, ViewContext } from './page-parts.ts';
import { valueText } from './value-text.ts';
import { viewEnding } from './view-status.ts';

/** Entries on a page of the timeline. */
export const TIMELINE_PAGE = 25;

export interface TimelinePage {
  readonly template: 'timeline';
  readonly entries: readonly ReturnType<typeof viewEntry>[];
  readonly isRemoved: boolean;
  readonly back: string;
  readonly newer: string | undefined;
  readonly older: string | undefined;
  readonly about: Pairs;
}

/** What happened to a customer, the newest first. */
export function timelinePage(
  { entries, total, isRemoved, mayUndo }: ShownTimeline,
  context: ViewContext,
): TimelinePage {
  const { wanted, addressOf } = context;
  const { offset = 0 } = wanted;
  const card = cardOf(wanted);
  const at = (start: number) => addressOf({ ...card, view: 'timeline', offset: start });
  return {
    template: 'timeline',
    isRemoved,
    entries: entries.map((entry) => viewEntry(entry, context, mayUndo)),
    back: addressOf(card),
    newer: offset > 0 ? at(Math.max(0, offset - TIMELINE_PAGE)) : undefined,
    older: offset + entries.length < total ? at(offset + entries.length) : undefined,
    about: pairsOf(card),
  };
}

function viewEntry(entry: TimelineEntry | DialerCallback, { reader }: ViewContext, mayUndo: boolean) {
  const words = EDIT_WORDS[reader.language];
  const when = { when: writeTime(entry.at, reader), iso: new Date(entry.at).toISOString() };
  if (entry.type === 'import') {
    return {
      ...when,
      what: words.entries.imported(entry.fileName),
      by: words.entries.byImport(String(entry.importId)),
    };
  }
  if (entry.type === 'call') {
    const { direction, phone, line, note } = entry;
    const ended = viewEnding(lastCallIn(entry), reader.language);
    const said = [phone, line, ended, note].filter((one) => one !== undefined).join(' · ');
    return { ...when, what: words.entries.call[direction ?? 'unknown'], by: entry.user, text: said };
  }
  if (entry.type === 'callback') {
    const due = entry.due === undefined ? undefined : writeTime(entry.due, reader);
    const said = [due, entry.status, entry.text].filter((one) => one !== undefined).join(' · ');
    return { ...when, what: words.entries.callback, by: entry.user ?? '', text: said };
  }
  const endpoint = words.endpoints[entry.endpoint];
  const by = entry.user === '' ? endpoint : words.by(entry.user, endpoint);
  if (entry.type === 'note') return { ...when, what: words.entries.note, by, text: entry.text };
  return {
    ...when,
    by: entry.importId === undefined ? by : words.entries.byImport(String(entry.importId)),
    what: words.entries[kindOf(entry)],
    changes: viewChanges(entry, reader.language),
    // Adding and removing a customer is not for the card.
    undo: mayUndo && entry.before !== undefined && entry.after !== undefined ? entry.changeId : undefined,
  };
}

function kindOf({ before, after, undoes }: LeadChange) {
  if (undoes !== undefined) return 'undone';
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

function viewChanges({ before, after }: LeadChange, language: ViewContext['reader']['language']) {
  const text = (state: LeadState | undefined, field: string) =>
    state === undefined ? undefined : valueText(valueOf(state, field), language);
  return Object.keys(after ?? before ?? {}).map((field) => ({
    label: fieldLabel(field, language),
    before: text(before, field),
    after: text(after, field),
  }));
}
