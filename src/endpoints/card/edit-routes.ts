import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply } from 'fastify';

import type { FurtherNumber } from '../../core/lead.ts';
import type { LeadChange } from '../../core/record-store.ts';
import type { Problem } from '../../core/problem.ts';
import type { EditedRecord } from '../../service/card-editing.ts';
import { sendProblem } from './answer.ts';
import { type SentEdit, readEdit } from './edit-form.ts';
import { ADD_NUMBER, type Attempt, furtherIn } from './edit-groups.ts';
import { errorsOf, viewTheirs } from './edit-problem.ts';
import { EDIT_WORDS } from './edit-words.ts';
import {
  type Editor,
  leadIdIn,
  open,
  refuse,
  showAgain,
  showDone,
  showRemoved,
  withEditor,
} from './editor.ts';
import type { WritePage } from './pages.ts';
import { CALL_PATH, noteCall } from './note-call.ts';
import { furtherKey, markOfNumber } from './shown-text.ts';
import { NOTE_KEY } from './view-notes.ts';

/** Where forms of the card go that change a customer. */
const ACTIONS: Readonly<Record<string, (editor: Editor) => Promise<FastifyReply>>> = {
  '/card/edit': changeFields,
  '/card/number': changeNumber,
  '/card/note': addNote,
  '/card/undo': undo,
};

export const EDIT_PATHS: readonly string[] = [...Object.keys(ACTIONS), CALL_PATH];

export function addEditing(app: FastifyInstance, write: WritePage): void {
  const ofLead = Object.entries(ACTIONS).map(([path, act]) => {
    const work = (editor: Editor) =>
      Number.isNaN(leadIdIn(editor))
        ? sendProblem(editor.context, { code: 'parameters_missing' })
        : act(editor);
    return [path, work] as const;
  });
  for (const [path, work] of [...ofLead, [CALL_PATH, noteCall] as const]) {
    app.post(path, (request, reply) => withEditor(request, reply, write, work));
    // For reloads of a form's address.
    app.get(path, (_request, reply) => reply.redirect('/card', 303));
  }
}

/** So many of the newest entries are searched for who changed a field. */
const RECENT = 100;

async function changeFields(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form, context } = editor;
  const leadId = leadIdIn(editor);
  const sent = readEdit(form);
  if (sent.isEmpty) return showDone(editor, String(leadId));
  const { patch, isAsRead } = sent;
  const answer = await domain.changeLead({
    ...editing,
    leadId,
    patch,
    isAsRead,
    allowShared: form.has('shared'),
  });
  if (!('problem' in answer)) {
    return showDone(editor, String(leadId), { what: 'saved', changeId: answer.changeId });
  }
  const { problem } = answer;
  const { language } = context.reader;
  const about = { key: form.get('key') ?? '', texts: sent.texts, errors: new Map<string, string>() };
  if (problem.code === 'parameter_malformed') {
    const errors = errorsOf(problem.faults, sent.texts.keys(), language);
    return showAgain(editor, problem, () => ({ ...about, errors }));
  }
  if (problem.code === 'number_taken') {
    return showAgain(editor, problem, () => ({ ...about, taken: takenView(editor, problem) }));
  }
  if (problem.code !== 'changed_meanwhile') return refuse(context, problem);
  return showAgain(editor, problem, async (record) => ({
    ...about,
    theirs: await theirsOf(editor, sent, record),
  }));
}

/** The customer who has the number already. */
export function takenView(
  { context }: Pick<Editor, 'context'>,
  { number, leadId }: Extract<Problem, { code: 'number_taken' }>,
): Attempt['taken'] & object {
  const lead = String(leadId);
  return { text: EDIT_WORDS[context.reader.language].taken(number, lead), href: context.addressOf({ lead }) };
}

async function theirsOf(
  { domain, editing, context }: Editor,
  sent: SentEdit,
  { leadId, state }: EditedRecord,
): Promise<Attempt['theirs'] & object> {
  const read = await domain.readTimeline({ ...editing, leadId, page: { offset: 0, limit: RECENT } });
  const entries = 'problem' in read ? [] : read.timeline.entries;
  const changes = entries.filter((entry): entry is LeadChange => entry.type === 'change');
  return viewTheirs(sent, state, changes, context.reader);
}

const READ_ONLY: Problem = { code: 'read_only_store' };

/** Where others change the numbers meanwhile, it is tried again so often. */
const TRIES = 4;

/** Adds a number, or changes or removes the one that the form means. Other numbers may change meanwhile. */
async function changeNumber(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form, context } = editor;
  const textOf = (name: string) => form.get(name)?.trim() ?? '';
  const [number, label, which] = [textOf('number'), textOf('label'), textOf('which')];
  const to = number === '' ? undefined : { number, label: label === '' ? null : label };
  let problem: Problem = { code: 'changed_meanwhile' };
  for (let tried = 0; tried < TRIES; tried += 1) {
    const opened = await open(editor);
    if ('problem' in opened) return refuse(context, opened.problem);
    const { record } = opened.editing ?? {};
    if (record === undefined)
      return refuse(context, 'problem' in opened.found ? opened.found.problem : READ_ONLY);
    const { leadId, state } = record;
    const before = furtherIn(state);
    const after = withNumber(before, which, to);
    if (after === undefined) break;
    const isAsRead = ({ further = [] }: { readonly further?: readonly FurtherNumber[] }) =>
      further.map(markOfNumber).join() === before.map(markOfNumber).join();
    const answer = await domain.changeLead({ ...editing, leadId, patch: { numbers: after }, isAsRead });
    if (!('problem' in answer))
      return showDone(editor, String(leadId), { what: 'saved', changeId: answer.changeId });
    problem = answer.problem;
    if (problem.code !== 'changed_meanwhile') break;
  }
  return refuseNumber(editor, problem, which);
}

/** @returns undefined where the number that is meant is not there any longer */
function withNumber(
  numbers: readonly FurtherNumber[],
  which: string,
  to: FurtherNumber | undefined,
): readonly FurtherNumber[] | undefined {
  // What is kept of a number besides is not for a patch.
  const plain = numbers.map(({ label, number }) => ({ label, number }));
  if (which === '') return to === undefined ? undefined : [...plain, to];
  const at = numbers.findIndex((one) => markOfNumber(one) === which);
  if (at === -1) return undefined;
  return to === undefined ? plain.toSpliced(at, 1) : plain.with(at, to);
}

function refuseNumber(editor: Editor, problem: Problem, which: string): Promise<FastifyReply> | FastifyReply {
  const { form, context } = editor;
  const { errors: words, changedMeanwhile } = EDIT_WORDS[context.reader.language];
  const typed = new Map(['number', 'label'].map((name) => [name, form.get(name) ?? '']));
  const isEmpty = which === '' && typed.get('number')?.trim() === '';
  if (problem.code !== 'parameter_malformed' && problem.code !== 'changed_meanwhile')
    return refuse(context, problem);
  const shown: Problem = isEmpty ? { code: 'parameter_malformed', faults: [] } : problem;
  return showAgain(editor, shown, ({ state }) => {
    const stored = furtherIn(state).find((one) => markOfNumber(one) === which);
    // A number that is not there any longer can be added again.
    const key = stored === undefined ? ADD_NUMBER : furtherKey(stored);
    const said = isEmpty
      ? words.empty
      : problem.code === 'changed_meanwhile'
        ? changedMeanwhile
        : words.phone;
    return { key, texts: typed, errors: new Map([['number', said]]) };
  });
}

async function addNote(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form, context } = editor;
  const leadId = leadIdIn(editor);
  const text = (form.get('text') ?? '').replace(/\r\n?/g, '\n');
  const answer = await domain.addNote({
    ...editing,
    leadId,
    text,
    idempotency: idempotencyIn(form, `${leadId} ${text}`),
  });
  if (!('problem' in answer)) return showDone(editor, String(leadId), { what: 'noted' });
  const { problem } = answer;
  if (problem.code !== 'parameter_malformed') return refuse(context, problem);
  const { errors: words } = EDIT_WORDS[context.reader.language];
  const said = text.trim() === '' ? words.empty : words.text;
  return showAgain(editor, problem, () => ({
    key: NOTE_KEY,
    texts: new Map([['text', text]]),
    errors: new Map([['text', said]]),
  }));
}

/** A form that is sent twice does its work once. @param what is to be done */
export function idempotencyIn(form: URLSearchParams, what: string) {
  const key = form.get('once') ?? '';
  if (!/^[\w-]{16,64}$/.test(key)) return undefined;
  return { key, digest: createHash('sha256').update(what).digest('base64url') };
}

async function undo(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form, context } = editor;
  const leadId = leadIdIn(editor);
  const changeId = Number(form.get('change') ?? NaN);
  const words = EDIT_WORDS[context.reader.language];
  const answer = await domain.undoChange({ ...editing, leadId, changeId });
  if (!('problem' in answer)) {
    return answer.isRemoved === true
      ? showRemoved(editor)
      : showDone(editor, String(leadId), { what: 'undone', changeId: answer.changeId });
  }
  return answer.problem.code === 'credentials_invalid'
    ? refuse(context, answer.problem)
    : sendProblem(context, answer.problem, { href: context.addressOf(context.wanted), label: words.back });
}
