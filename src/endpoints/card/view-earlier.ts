import type { CardFacts } from '../../service/card-facts.ts';
import type { PastEntry } from '../../service/card-past.ts';
import { writeTime } from './edit-problem.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { ViewContext } from './page-parts.ts';
import { type CallView, viewLastCall } from './view-glance.ts';

/** What happened before the last call, as a card shows it. */
export interface EarlierView {
  readonly title: string;
  /** The newest first; empty: nothing happened but the last call. */
  readonly entries: readonly (CallView & { readonly text: string | undefined })[];
  /** Where all that happened is; undefined: the card leads there elsewhere. */
  readonly timeline: string | undefined;
}

/**
 * Calls and notes before the last call.
 *
 * @param timeline where all that happened is
 * @returns undefined: there is nothing to show
 */
export function viewEarlier(
  { earlier }: CardFacts,
  now: number,
  context: Pick<ViewContext, 'reader' | 'words'>,
  timeline: string | undefined,
): EarlierView | undefined {
  if (earlier === undefined || (earlier.length === 0 && timeline === undefined)) return undefined;
  const { calls, both } = context.words.earlier;
  return {
    title: earlier.every(({ type }) => type === 'call') ? calls : both,
    entries: earlier.map((entry) => viewEntry(entry, now, context)),
    timeline,
  };
}

function viewEntry(
  entry: PastEntry,
  now: number,
  { reader, words }: Pick<ViewContext, 'reader' | 'words'>,
): EarlierView['entries'][number] {
  const { at } = entry;
  if (entry.type === 'call') return { ...viewLastCall(entry, now, reader, words), text: entry.note };
  const { note, callback } = EDIT_WORDS[reader.language].entries;
  const said =
    entry.type === 'note'
      ? [note, entry.by]
      : [
          callback,
          entry.due === undefined ? undefined : writeTime(entry.due, reader),
          entry.user,
          entry.status,
        ];
  return {
    ...viewLastCall({ at }, now, reader, words),
    facts: said.filter((fact) => fact !== undefined && fact !== ''),
    text: entry.text,
  };
}
