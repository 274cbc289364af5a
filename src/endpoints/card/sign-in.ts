import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { SESSION_MS } from '../../service/sessions.ts';
import { callerAddress } from '../../http/request-context.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { addFormBody } from '../../http/query-params.ts';
import { createPageContext, setStatus, sendSignIn } from './answer.ts';
import { formTokenOf, isOwnForm, readCookie, setCookie } from './cookies.ts';
import type { WritePage } from './pages.ts';
import { noticeOf } from './problem-words.ts';
import { cardAddress } from './card-address.ts';
import { readWanted } from './card-query.ts';

/** Signing in and out. */
export function addSignIn(app: FastifyInstance, write: WritePage): void {
  app.removeAllContentTypeParsers();
  addFormBody(app);
  app.post('/card/sign-in', (request, reply) => signIn(request, reply, write));
  app.post('/card/sign-out', (request, reply) => signOut(request, reply));
  // For reloads of a form's address.
  for (const path of ['/card/sign-in', '/card/sign-out']) {
    app.get(path, (_request, reply) => reply.redirect('/card', 303));
  }
}

async function signIn(request: FastifyRequest, reply: FastifyReply, write: WritePage): Promise<FastifyReply> {
  const form = formOf(request);
  const wanted = readWanted(form);
  const context = createPageContext(request, reply, write, wanted);
  const userName = form.get('user') ?? '';
  if (!isOwnForm(request, form.get('token'), readCookie(request, 'form'))) {
    void reply.code(403);
    return sendSignIn(context, { notice: context.words.formOld, userName });
  }
  const domain = domainContextOf(request);
  const outcome = await domain.signIn({
    requestId: request.id,
    address: callerAddress(request),
    name: userName,
    password: form.get('password') ?? '',
  });
  if ('problem' in outcome) {
    setStatus(reply, outcome.problem);
    return sendSignIn(context, { notice: noticeOf(outcome.problem, context.reader.language), userName });
  }
  const before = readCookie(request, 'session');
  if (before !== undefined) await endSession(request, before);
  setCookie(reply, 'session', outcome.secret, SESSION_MS / 1000);
  return reply.redirect(cardAddress({ wanted }, outcome.secret), 303);
}

async function signOut(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const secret = readCookie(request, 'session');
  if (secret === undefined || !isOwnForm(request, formOf(request).get('token'), formTokenOf(secret))) {
    return reply.redirect('/card', 303);
  }
  await endSession(request, secret);
  // Without them no address in the browser's history says any longer whose card it was.
  setCookie(reply, 'session', '', 0);
  setCookie(reply, 'form', '', 0);
  return reply.redirect('/card?signed-out', 303);
}

/** A failure is logged; the browser forgets the session in any case. */
async function endSession(request: FastifyRequest, secret: string): Promise<void> {
  const problem = await domainContextOf(request).signOut(secret);
  if (problem !== undefined)
    request.log.error({ requestId: request.id, problem: problem.code }, 'a session stays');
}

export function formOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}
