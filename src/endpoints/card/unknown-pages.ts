import type { FastifyInstance, FastifyReply } from 'fastify';

import type { LeadPage, LookupResult } from '../../core/lead-store.ts';
import { writeMatches } from '../../core/lead.ts';
import type { Problem } from '../../core/problem.ts';
import type { ListSettings } from '../../core/record-store.ts';
import { setStatus } from '../pages/status.ts';
import { noticePage, sendPage } from './answer.ts';
import { readTyped } from './card-query.ts';
import { errorsOf } from './edit-problem.ts';
import { idempotencyIn, takenView } from './edit-routes.ts';
import { EDIT_WORDS } from './edit-words.ts';
import { type Editor, open, refuse, showDone, withEditor } from './editor.ts';
import { findNamed } from './name-search.ts';
import type { Notice } from '../pages/notice.ts';
import type { AttachPage, NewCustomerPage } from './page-parts.ts';
import type { WritePage } from './pages.ts';
import { onceKey } from './view-editing.ts';
import { listLabel } from './view-fields.ts';
import { phoneOf, viewPerson } from './view-matches.ts';
import { viewNumber } from './view-number.ts';

/** What a form for a new customer asks for. */
const NEW_FIELDS = ['phone_number', 'first_name', 'last_name', 'email', 'comments'] as const;

/** Forms about a number that nobody has. */
export function addUnknown(app: FastifyInstance, write: WritePage): void {
  app.post('/card/new', (request, reply) => withEditor(request, reply, write, addCustomer));
  app.post('/card/attach', (request, reply) =>
    withEditor(request, reply, write, ({ context, form }) => {
      const { phone } = context.wanted;
      const who = form.get('who')?.trim() ?? '';
      return reply.redirect(context.addressOf({ phone, view: 'attach', who }), 303);
    }),
  );
  for (const path of UNKNOWN_PATHS) app.get(path, (_request, reply) => reply.redirect('/card', 303));
}

export const UNKNOWN_PATHS: readonly string[] = ['/card/new', '/card/attach'];

async function addCustomer(editor: Editor): Promise<FastifyReply> {
  const { domain, editing, form, context } = editor;
  const texts = Object.fromEntries(
    NEW_FIELDS.map((field) => [field, form.get(field)?.replace(/\r\n?/g, '\n') ?? '']),
  );
  const typed = Object.entries(texts).map(
    ([field, text]) => [field, text.trim() === '' ? null : text] as const,
  );
  const fields = { ...Object.fromEntries(typed), list_id: Number(form.get('list_id') ?? '') };
  const answer = await domain.createLead({
    ...editing,
    fields,
    allowShared: form.has('shared'),
    idempotency: idempotencyIn(form, JSON.stringify(fields)),
  });
  if (!('problem' in answer)) {
    const { result, changeId } = answer;
    return showDone(editor, String(result.leadId), { what: 'added', changeId });
  }
  const { problem } = answer;
  const isOfForm = problem.code === 'parameter_malformed' || problem.code === 'number_taken';
  if (!isOfForm) return refuse(context, problem);
  const faults = problem.code === 'parameter_malformed' ? problem.faults : [];
  const errors = Object.fromEntries(errorsOf(faults, [...NEW_FIELDS, 'list_id'], context.reader.language));
  const taken = problem.code === 'number_taken' ? takenView(editor, problem) : undefined;
  return showNewCustomer(editor, { texts, errors, taken, listId: form.get('list_id') ?? '' }, problem);
}

interface TriedCustomer extends Pick<NewCustomerPage, 'texts' | 'errors' | 'taken'> {
  readonly listId: string;
}

/** The form for a new customer. @param problem why what was tried is not done */
export async function showNewCustomer(
  editor: Pick<Editor, 'domain' | 'editing' | 'context' | 'secret'>,
  tried?: TriedCustomer,
  problem?: Problem,
): Promise<FastifyReply> {
  const { domain, editing, context, secret } = editor;
  const [caller, read] = await Promise.all([domain.identify(editing, 0), domain.readLists(editing)]);
  if ('problem' in caller) return refuse(context, caller.problem);
  if ('problem' in read) return refuse(context, read.problem);
  if (problem !== undefined) setStatus(context.reply, problem);
  const { phone = '' } = context.wanted;
  const { user } = caller;
  if (read.lists.length === 0) {
    const { noList } = EDIT_WORDS[context.reader.language];
    return sendPage(context, { template: 'notice', ...noList }, { user, secret });
  }
  const page: NewCustomerPage = {
    template: 'new-customer',
    phone,
    texts: tried?.texts ?? { phone_number: phone.trim() },
    errors: tried?.errors ?? {},
    taken: tried?.taken,
    lists: viewLists(read.lists, tried?.listId),
    once: onceKey(),
    back: context.addressOf({ phone }),
  };
  return sendPage(context, page, { user, secret });
}

function viewLists(lists: readonly ListSettings[], chosen: string | undefined): NewCustomerPage['lists'] {
  return lists.map(({ listId, name }) => {
    const id = String(listId);
    return {
      id,
      label: listLabel(listId, name),
      isChosen: lists.length === 1 || id === chosen,
    };
  });
}

/** To whom a number is added: found by name, by another number or by the id of the lead. */
export async function showAttach(editor: Omit<Editor, 'form'>): Promise<FastifyReply> {
  const { domain, editing, context, secret } = editor;
  const { phone = '', who = '' } = context.wanted;
  const caller = await domain.identify(editing, 0);
  if ('problem' in caller) return refuse(context, caller.problem);
  const found = who === '' ? { matches: [], total: 0 } : await findWho(editor, who);
  if ('problem' in found && found.notice === undefined) return refuse(context, found.problem);
  // That nobody was found is an answer of this page; anything else is why it could not look.
  if ('problem' in found && !/^(?:lead|phone)_not_found$/.test(found.problem.code))
    setStatus(context.reply, found.problem);
  const { country } = domain.numbering();
  const { words, edit } = { words: context.words, edit: EDIT_WORDS[context.reader.language] };
  // A number stays on one line.
  const asked = viewNumber(phone, country).shown.trim().replaceAll(' ', '\u00a0');
  const page: AttachPage = {
    template: 'attach',
    title: edit.attachTitle(asked),
    add: edit.attachNumber(asked),
    phone,
    who,
    people: 'matches' in found ? await viewPeople(editor, found.matches) : [],
    more:
      'matches' in found && found.total > found.matches.length
        ? words.moreNamed(found.matches.length, writeMatches(found.total))
        : undefined,
    notice: 'notice' in found ? found.notice : undefined,
    back: context.addressOf({ phone }),
  };
  return sendPage(context, page, { user: caller.user, secret });
}

type Found =
  Pick<LeadPage, 'matches' | 'total'> | { readonly problem: Problem; readonly notice: Notice | undefined };

/** Finds whom somebody typed. Without a notice: who asks is not let in. */
async function findWho(editor: Omit<Editor, 'form'>, who: string): Promise<Found> {
  const typed = readTyped(who);
  if (typed.text !== undefined) return findNamed(editor, typed.text);
  const opened = await open(editor, typed);
  if ('problem' in opened) return { problem: opened.problem, notice: undefined };
  const { found } = opened;
  if ('customer' in found) return { matches: [found.customer.result], total: 1 };
  if ('matches' in found) return found;
  return { problem: found.problem, notice: noticePage(found.problem, editor.context.reader.language) };
}

async function viewPeople(
  { domain, editing, context }: Omit<Editor, 'form'>,
  matches: readonly LookupResult[],
): Promise<AttachPage['people']> {
  const read = matches.length === 0 ? undefined : await domain.readLists(editing);
  const lists = read === undefined || 'problem' in read ? [] : read.lists;
  const { country } = domain.numbering();
  const only = matches.length === 1;
  return matches.map((match) => {
    const { lead_id: leadId, list_id: listId } = match.lead;
    const list = listLabel(listId, lists.find((one) => one.listId === listId)?.name);
    const apart = [phoneOf(match, country), list, context.words.lead(String(leadId))];
    return { ...viewPerson(match, context, apart), id: String(leadId), isChosen: only };
  });
}
