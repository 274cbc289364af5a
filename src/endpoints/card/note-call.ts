import type { FastifyReply } from 'fastify';

import { CALL_TEXTS } from '../../core/call-store.ts';
import { readText } from '../../core/lead-patch.ts';
import { valueOf } from '../../core/lead-state.ts';
import type { Problem } from '../../core/problem.ts';
import { readEdit, type SentEdit } from './edit-form.ts';
import type { Attempt } from './edit-groups.ts';
import { errorsOf } from './edit-problem.ts';
import { EDIT_WORDS } from './edit-words.ts';
import { type Editor, leadIdIn, open, refuse, sendOpened, showDone } from './editor.ts';
import { valueText } from './value-text.ts';
import { CALL_KEY, saidOf } from './view-own-call.ts';

/** Where the form for what a call was about goes. */
export const CALL_PATH = '/card/call';

/** Writes down how a call of whoever sends the form ended, and what it was about. */
export async function noteCall(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form } = editor;
  const leadId = leadIdIn(editor);
  const shown = Number.isNaN(leadId) ? undefined : leadId;
  const callId = form.get('call') ?? '';
  const sent = readEdit(form);
  if (sent.isEmpty) return showDone(editor, shown?.toString());
  const said = readSaid(sent);
  const answer =
    'code' in said
      ? { problem: said }
      : await domain.changeCall({
          ...editing,
          ...said,
          callId: callId.slice(0, CALL_TEXTS.callId),
          leadId: shown,
          isAsRead: (call) => sent.conflictsIn(saidOf(call)).length === 0,
        });
  return 'problem' in answer
    ? showCallAgain(editor, answer.problem, callId, sent)
    : showDone(editor, shown?.toString(), { what: 'noted' });
}

/** What of a call is to be changed; an empty text takes back what was said. */
function readSaid({ patch }: SentEdit): Problem | { readonly outcome?: string; readonly note?: string } {
  const said: { outcome?: string; note?: string } = {};
  for (const field of ['outcome', 'note'] as const) {
    if (!Object.hasOwn(patch, field)) continue;
    const text = readText(patch[field], CALL_TEXTS[field]);
    if ('fault' in text) return { code: 'parameter_malformed', faults: [{ field, reason: text.fault }] };
    said[field] = typeof text.value === 'string' ? text.value : '';
  }
  return said;
}

/** The card with what was typed, where the call is still the one that it shows. */
async function showCallAgain(
  editor: Editor,
  problem: Problem,
  callId: string,
  sent: SentEdit,
): Promise<FastifyReply> {
  const { context } = editor;
  const { language } = context.reader;
  if (problem.code !== 'parameter_malformed' && problem.code !== 'changed_meanwhile')
    return refuse(context, problem);
  const opened = await open(editor);
  if ('problem' in opened) return refuse(context, opened.problem);
  const call = opened.editing?.call;
  if (call?.callId !== callId) return refuse(context, problem);
  const attempt: Attempt = { key: CALL_KEY, texts: sent.texts, errors: new Map() };
  if (problem.code === 'parameter_malformed') {
    const errors = errorsOf(problem.faults, sent.texts.keys(), language);
    return sendOpened(editor, opened, problem, { ...attempt, errors });
  }
  const { call: labels, changedMeanwhile } = EDIT_WORDS[language];
  const state = saidOf(call);
  const values = sent.conflictsIn(state).map((field) => ({
    label: field === 'note' ? labels.note : labels.outcome,
    text: valueText(valueOf(state, field), language),
  }));
  return sendOpened(editor, opened, problem, { ...attempt, theirs: { text: changedMeanwhile, values } });
}
