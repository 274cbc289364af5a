import { type LeadState, valueOf } from '../../core/lead-state.ts';
import type { LeadChange, Timeline, TimelineEntry } from '../../core/record-store.ts';
import { pairsOf } from './card-query.ts';
import { fieldLabel } from './edit-inputs.ts';
import { writeTime } from './edit-problem.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Pairs, ViewContext } from './page-parts.ts';
import { valueText } from './value-text.ts';

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
export function timelinePage({ entries, total, isRemoved }: Timeline, context: ViewContext): TimelinePage {
  const { wanted, addressOf } = context;
  const { lead, phone, of, offset = 0 } = wanted;
  const at = (start: number) => addressOf({ lead, phone, of, view: 'timeline', offset: start });
  return {
    template: 'timeline',
    isRemoved,
    entries: entries.map((entry) => viewEntry(entry, context)),
    back: addressOf({ lead, phone, of }),
    newer: offset > 0 ? at(Math.max(0, offset - TIMELINE_PAGE)) : undefined,
    older: offset + entries.length < total ? at(offset + TIMELINE_PAGE) : undefined,
    about: pairsOf({ lead, phone, of }),
  };
}

function viewEntry(entry: TimelineEntry, { reader }: ViewContext) {
  const words = EDIT_WORDS[reader.language];
  const when = { when: writeTime(entry.at, reader), iso: new Date(entry.at).toISOString() };
  if (entry.type === 'import') {
    return {
      ...when,
      what: words.entries.imported(entry.fileName),
      by: words.entries.byImport(String(entry.importId)),
    };
  }
  const by = words.by(entry.user, words.endpoints[entry.endpoint]);
  if (entry.type === 'note') return { ...when, what: words.entries.note, by, text: entry.text };
  return {
    ...when,
    by: entry.importId === undefined ? by : words.entries.byImport(String(entry.importId)),
    what: words.entries[kindOf(entry)],
    changes: viewChanges(entry, reader.language),
    // Adding and removing a customer is not for the card.
    undo: entry.before === undefined || entry.after === undefined ? undefined : entry.changeId,
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
