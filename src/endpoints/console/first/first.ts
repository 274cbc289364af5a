import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../../core/problem.ts';
import { domainContextOf } from '../../../http/domain-context.ts';
import { searchParamsOf } from '../../../http/query-params.ts';
import { callerAddress } from '../../../http/request-context.ts';
import { isOwnForm, keepFormToken, readCookie } from '../../pages/cookies.ts';
import { readNewPassword } from '../../pages/new-password.ts';
import { noticeOf } from '../../pages/problem-words.ts';
import { readerOf } from '../../pages/reader.ts';
import { REFUSAL_WORDS } from '../../pages/refusal-words.ts';
import { beginSession, formOf, isReadable } from '../../pages/sign-in.ts';
import { setStatus } from '../../pages/status.ts';
import { noticePage } from '../admin-request.ts';
import { SHELL_WORDS } from '../shell-words.ts';
import type { WriteConsole } from '../write-console.ts';
import { FIRST_WORDS } from './first-words.ts';

const PATH = '/console/first';
const HTML = 'text/html; charset=utf-8';

/** Where the link leads that a server without users prints at its start: docs/decisions/0069-the-first-admin.md. */
export function addFirst(app: FastifyInstance, write: WriteConsole): void {
  app.get(PATH, (request, reply) => showForm(request, reply, write));
  app.post(PATH, (request, reply) => makeAdmin(request, reply, write));
}

interface Shown {
  readonly key: string;
  readonly name: string;
  readonly wrong?: string | undefined;
}

async function showForm(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
): Promise<FastifyReply> {
  const key = searchParamsOf(request).get('key') ?? '';
  // Also where the address of the form is loaded anew.
  if (key === '') return reply.redirect('/console', 303);
  const checked = await domainContextOf(request).checkFirstKey({ ...fromOf(request), key });
  if ('problem' in checked) return sendProblem(request, reply, write, checked.problem);
  return sendForm(request, reply, write, { key, name: '' });
}

async function makeAdmin(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
): Promise<FastifyReply> {
  const form = formOf(request);
  const { language } = readerOf(request.headers['accept-language']);
  const [key, name] = [form.get('key') ?? '', form.get('user') ?? ''];
  const again = (status: number, wrong: string) => {
    void reply.code(status);
    return sendForm(request, reply, write, { key, name, wrong });
  };
  const domain = domainContextOf(request);
  const checked = await domain.checkFirstKey({ ...fromOf(request), key });
  if ('problem' in checked) return sendProblem(request, reply, write, checked.problem);
  if (!isOwnForm(request, form.get('token'), readCookie(request, 'form')))
    return again(403, SHELL_WORDS[language].formStale);
  const read = readNewPassword(form);
  if ('fault' in read) return again(400, SHELL_WORDS[language][read.fault]);
  const { password } = read;
  const made = await domain.makeFirstAdmin({ ...fromOf(request), key, name, password });
  if ('problem' in made) return sendProblem(request, reply, write, made.problem);
  if ('refusal' in made) return again(400, REFUSAL_WORDS[language][made.refusal](made.about));
  // Where that fails, the console asks for name and password.
  await beginSession(request, reply, { name, password });
  return reply.redirect('/console', 303);
}

function fromOf(request: FastifyRequest) {
  return { requestId: request.id, address: callerAddress(request) };
}

function sendForm(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
  shown: Shown,
): FastifyReply {
  const reader = readerOf(request.headers['accept-language']);
  const words = FIRST_WORDS[reader.language];
  const view = { ...shown, isUnencrypted: isReadable(request) };
  const page = { template: 'first', title: words.title, words, view };
  const token = keepFormToken(request, reply);
  return reply.type(HTML).send(write(page, { reader, token, domain: domainContextOf(request) }));
}

function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
  problem: Problem,
): FastifyReply {
  const reader = readerOf(request.headers['accept-language']);
  setStatus(reply, problem);
  const notice =
    problem.code === 'credentials_invalid'
      ? FIRST_WORDS[reader.language].over
      : noticeOf(problem, reader.language);
  const frame = { reader, token: '', domain: domainContextOf(request) };
  return reply.type(HTML).send(write(noticePage(notice), frame));
}
