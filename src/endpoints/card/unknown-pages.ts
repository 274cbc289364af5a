import type { FastifyInstance, FastifyReply } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import type { ListSettings } from '../../core/record-store.ts';
import type { CardContent } from '../../service/card.ts';
import { noticePage, sendPage, setStatus } from './answer.ts';
import { readTyped } from './card-query.ts';
import { errorsOf } from './edit-problem.ts';
import { idempotencyIn, takenView } from './edit-routes.ts';
import { EDIT_WORDS } from './edit-words.ts';
import { type Editor, open, refuse, showDone, withEditor } from './editor.ts';
import type { AttachPage, NewCustomerPage } from './page-parts.ts';
import type { WritePage } from './pages.ts';
import { nameOf } from './view-customer.ts';
import { onceKey } from './view-editing.ts';
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
  if (!('problem' in answer)) return showDone(editor, String(answer.result.leadId), { what: 'added' });
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
      label: name === null ? id : `${name} (${id})`,
      isChosen: lists.length === 1 || id === chosen,
    };
  });
}

/**
 * To whom a number is added: found by another number or by the id of the lead. A search by name belongs here, too: it needs
 * only to give the people that this shows.
 */
export async function showAttach(
  editor: Pick<Editor, 'domain' | 'editing' | 'reading' | 'context' | 'secret'>,
): Promise<FastifyReply> {
  const { domain, editing, context, secret } = editor;
  const { phone = '', who = '' } = context.wanted;
  const caller = await domain.identify(editing, 0);
  if ('problem' in caller) return refuse(context, caller.problem);
  const found = who === '' ? undefined : await open(editor, readTyped(who));
  if (found !== undefined && 'problem' in found) return refuse(context, found.problem);
  const page: AttachPage = {
    template: 'attach',
    asked: viewNumber(phone, domain.numbering().country).shown.trim(),
    phone,
    who,
    people: found === undefined ? [] : viewPeople(found.found, editor),
    notice:
      found && 'problem' in found.found
        ? noticePage(found.found.problem, context.reader.language)
        : undefined,
    back: context.addressOf({ phone }),
  };
  return sendPage(context, page, { user: caller.user, secret });
}

function viewPeople(found: CardContent, { context }: Pick<Editor, 'context'>): AttachPage['people'] {
  if ('problem' in found) return [];
  const { words, reader, wanted } = context;
  const people = 'customer' in found ? [found.customer.result] : found.matches;
  return people.map(({ lead }) => {
    const id = String(lead.lead_id);
    const name = nameOf(lead) ?? words.lead(id);
    const facts = [lead.city, words.lead(id)].filter((fact) => fact !== null && fact.trim() !== '');
    return {
      about: [
        ['lead', id],
        ['phone', wanted.phone ?? ''],
        ['number', wanted.phone?.trim() ?? ''],
      ],
      name,
      facts: facts.join(' · '),
      title: EDIT_WORDS[reader.language].attachTo(name),
    };
  });
}
