import { CALL_TEXTS, dialStatusOf, type KeptCall } from '../../core/call-store.ts';
import { withoutNulls } from '../../core/lead-state.ts';
import type { LeadState } from '../../core/lead-state.ts';
import { finishedCalls } from '../../service/card-past.ts';
import type { Attempt, EditView } from './edit-groups.ts';
import { optionsOf, viewInput } from './edit-inputs.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { ViewContext } from './page-parts.ts';
import { viewLastCall } from './view-glance.ts';
import { viewEnding } from './view-status.ts';

/** The key of the form for what a call was about. */
export const CALL_KEY = 'call';

export type OwnCallView = ReturnType<typeof viewOwnCall>;

/**
 * The last call of whoever reads the card with whom it shows, and the form for what it was about.
 *
 * @param statuses those of the customer's list, as outcomes; empty: whatever somebody types
 */
export function viewOwnCall(
  call: KeptCall,
  statuses: readonly string[],
  { reader, words }: Pick<ViewContext, 'reader' | 'words'>,
  attempt: Attempt | undefined,
) {
  const now = Date.now();
  const own = EDIT_WORDS[reader.language].call;
  const { startedAt: at, direction, line } = call;
  const state = saidOf(call);
  const tried = attempt?.key === CALL_KEY ? attempt : undefined;
  const options = optionsOf('status', statuses, reader.language);
  const input = (field: 'outcome' | 'note', type: 'select' | 'text' | 'area') => ({
    ...viewInput({ field, label: own[field], type, options }, state, tried?.texts.get(field)),
    longest: CALL_TEXTS[field],
    error: tried?.errors.get(field),
  });
  const form: EditView = {
    key: CALL_KEY,
    label: own.form,
    action: '/card/call',
    inputs: [input('outcome', options.length === 0 ? 'text' : 'select'), input('note', 'area')],
    hidden: [['call', call.callId]],
    attempt: tried,
    id: 'call-note',
  };
  const { outcome, note } = state;
  return {
    title: finishedCalls([call], now).length === 0 ? own.now : own.before,
    ...viewLastCall({ at, direction, line }, now, reader, words),
    outcome: typeof outcome === 'string' ? viewEnding({ outcome }, reader.language) : undefined,
    note: typeof note === 'string' ? note : undefined,
    form,
  };
}

/** What people said of a call, as the state of a lead: what a telephone system says of its end is not theirs. */
export function saidOf(call: KeptCall): LeadState {
  const { outcome = null, note = null } = call;
  return withoutNulls([
    ['outcome', dialStatusOf(call) === undefined ? outcome : null],
    ['note', note],
  ]);
}
