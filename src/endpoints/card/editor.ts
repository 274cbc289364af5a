import type { FastifyReply, FastifyRequest } from 'fastify';

import type { RequestContext } from '../../auth/principal.ts';
import type { Problem } from '../../core/problem.ts';
import type { OpenedCard } from '../../service/card.ts';
import type { EditedRecord } from '../../service/card-editing.ts';
import type { DomainContext } from '../../service/services.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { setStatus } from '../pages/status.ts';
import { createPageContext, type PageContext, sendPage, sendProblem, sendSignIn } from './answer.ts';
import { cardOf, type Done, readWanted, type Wanted } from './card-query.ts';
import { formTokenOf, isOwnForm, readCookie } from '../pages/cookies.ts';
import { cardContextOf, editContextOf } from './card-session.ts';
import type { Attempt } from './edit-groups.ts';
import type { WritePage } from './pages.ts';
import { formOf } from '../pages/sign-in.ts';
import { viewFound } from './view-result.ts';

/** So many people with a number are offered on one page. */
export const MATCHES = 20;

/** Somebody who sent a form of ours to change something. */
export interface Editor {
  readonly context: PageContext;
  readonly domain: DomainContext;
  readonly form: URLSearchParams;
  readonly secret: string;
  /** For what is read, and for what is changed. */
  readonly reading: RequestContext;
  readonly editing: RequestContext;
}

/** Does what a form of ours asks for; whatever else sends one gets the sign-in form. */
export function withEditor(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
  work: (editor: Editor) => Promise<FastifyReply> | FastifyReply,
): Promise<FastifyReply> | FastifyReply {
  const form = formOf(request);
  const context = createPageContext(request, reply, write, readWanted(form));
  const secret = readCookie(request, 'session');
  if (secret === undefined)
    return sendSignIn(context, { notice: { title: context.words.sessionOver, text: '', isCalm: true } });
  if (!isOwnForm(request, form.get('token'), formTokenOf(secret))) {
    void reply.code(403);
    return sendSignIn(context, { notice: context.words.formOld });
  }
  const domain = domainContextOf(request);
  const [reading, editing] = [cardContextOf(request, secret), editContextOf(request, secret)];
  return work({ context, domain, form, secret, reading, editing });
}

/** The lead that a form is about; NaN: it names none. */
export function leadIdIn({ context }: Editor): number {
  const { lead = '' } = context.wanted;
  return /^\d{1,10}$/.test(lead) ? Number(lead) : NaN;
}

/** Opens the card of the form's customer, or whatever else is wanted. */
export function open(
  { domain, reading, context }: Pick<Editor, 'domain' | 'reading' | 'context'>,
  wanted: Wanted = context.wanted,
) {
  const { lead: leadId, phone } = wanted;
  return domain.openCard({ ...reading, leadId, phone, page: { offset: 0, limit: MATCHES } });
}

/** Shows the customer once what was asked for is done. @param lead undefined: it is about a number that nobody has */
export function showDone(
  { context }: Editor,
  lead: string | undefined,
  done?: Omit<Done, 'at'>,
): FastifyReply {
  const said = done && { done: { ...done, at: Date.now() } };
  return context.reply.redirect(context.addressOf({ ...cardOf(context.wanted), lead, ...said }), 303);
}

/** Shows the number, which nobody has any longer, once its new customer is taken back. */
export function showRemoved({ context }: Editor): FastifyReply {
  const { phone } = context.wanted;
  const done = { what: 'undone', at: Date.now() } as const;
  return context.reply.redirect(context.addressOf({ phone, done }), 303);
}

/** A problem that concerns no field. */
export function refuse(context: PageContext, problem: Problem): FastifyReply {
  // A session has no other name and password: it has ended.
  return problem.code === 'credentials_invalid'
    ? sendSignIn(context, { notice: { title: context.words.sessionOver, text: '', isCalm: true } })
    : sendProblem(context, problem);
}

/**
 * Shows the customer with the form that did not become a change.
 *
 * @param attemptOf what the form says now, by the customer as it is
 */
export async function showAgain(
  editor: Editor,
  problem: Problem,
  attemptOf: (record: EditedRecord) => Attempt | Promise<Attempt>,
): Promise<FastifyReply> {
  const { context } = editor;
  const opened = await open(editor);
  if ('problem' in opened) return refuse(context, opened.problem);
  const { record } = opened.editing ?? {};
  if (record === undefined) return refuse(context, problem);
  return sendOpened(editor, opened, problem, await attemptOf(record));
}

export function sendOpened(
  { context, domain, secret }: Editor,
  opened: OpenedCard,
  problem: Problem,
  attempt: Attempt,
): FastifyReply {
  setStatus(context.reply, problem);
  const page = viewFound(opened, context, domain.numbering(), attempt);
  return sendPage(context, page, { user: opened.caller.user, secret });
}
