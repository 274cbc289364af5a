import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { addFormBody } from '../../http/query-params.ts';
import { noticeOf } from '../pages/problem-words.ts';
import { formOf, signIn, signOut } from '../pages/sign-in.ts';
import { setStatus } from '../pages/status.ts';
import { createPageContext, sendSignIn } from './answer.ts';
import { cardAddress } from './card-address.ts';
import { readWanted } from './card-query.ts';
import type { WritePage } from './pages.ts';

/** Signing in and out. */
export function addSignIn(app: FastifyInstance, write: WritePage): void {
  app.removeAllContentTypeParsers();
  addFormBody(app);
  app.post('/card/sign-in', (request, reply) => openSession(request, reply, write));
  app.post('/card/sign-out', async (request, reply) => {
    const isOut = await signOut(request, reply);
    return reply.redirect(isOut ? '/card?signed-out' : '/card', 303);
  });
  // For reloads of a form's address.
  for (const path of ['/card/sign-in', '/card/sign-out']) {
    app.get(path, (_request, reply) => reply.redirect('/card', 303));
  }
}

async function openSession(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
): Promise<FastifyReply> {
  const form = formOf(request);
  const wanted = readWanted(form);
  const context = createPageContext(request, reply, write, wanted);
  const userName = form.get('user') ?? '';
  const outcome = await signIn(request, reply);
  if (outcome === 'no form of ours') {
    void reply.code(403);
    return sendSignIn(context, { notice: context.words.formOld, userName });
  }
  if ('problem' in outcome) {
    setStatus(reply, outcome.problem);
    return sendSignIn(context, { notice: noticeOf(outcome.problem, context.reader.language), userName });
  }
  return reply.redirect(cardAddress({ wanted }, outcome.secret), 303);
}
