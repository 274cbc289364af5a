import type { FastifyReply, FastifyRequest } from 'fastify';

import type { RequestContext } from '../../auth/principal.ts';
import type { Problem } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { requestContextOf } from '../../http/request-context.ts';
import type { DomainContext } from '../../service/services.ts';
import { formTokenOf, isOwnForm, keepFormToken, readCookie } from '../pages/cookies.ts';
import type { Notice } from '../pages/notice.ts';
import { noticeOf } from '../pages/problem-words.ts';
import { type Reader, readerOf } from '../pages/reader.ts';
import { formOf, isReadable } from '../pages/sign-in.ts';
import { setStatus } from '../pages/status.ts';
import { SHELL_WORDS } from './shell-words.ts';
import type { WriteConsole } from './write-console.ts';

const HTML = 'text/html; charset=utf-8';

/** A page: its template has the fields of `view` as `it.view`, and `words` as `it.words`, beside those of every page. */
export interface ShownPage {
  readonly template: string;
  /** It stays in the browser's history, so it never says whom somebody looked up. */
  readonly title: string;
  readonly words?: object;
  readonly view?: object;
  /** Why it is not what was asked for: gives the status. */
  readonly problem?: Problem | undefined;
}

/** A request of an admin of the domain. */
export interface AdminRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly reader: Reader;
  readonly domain: DomainContext;
  /** Who is signed in. */
  readonly user: string;
  /** For what the domain's services are asked. */
  readonly context: RequestContext;
  /** What was sent; empty where it is no form. */
  readonly form: URLSearchParams;
  readonly send: (page: ShownPage) => FastifyReply;
  /** Says a problem that concerns no field. */
  readonly refuse: (problem: Problem) => FastifyReply;
}

/** What a page does with a request of an admin. */
export type Answer = (admin: AdminRequest) => Promise<FastifyReply> | FastifyReply;

/** Lets an admin of the request's domain in; anybody else learns what lacks. */
export async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
  answer: Answer,
): Promise<FastifyReply> {
  const reader = readerOf(request.headers['accept-language']);
  const words = SHELL_WORDS[reader.language];
  const secret = readCookie(request, 'session');
  const isForm = request.method !== 'GET';
  if (secret === undefined) {
    if (!isForm && isCookieMissing(request)) return leadOn(request, reply, write);
    return sendSignIn(request, reply, write, {
      notice: isForm ? { title: words.sessionOver, text: '' } : undefined,
      lacksUsers: await domainContextOf(request).lacksUsers(),
    });
  }
  const form = formOf(request);
  if (isForm && !isOwnForm(request, tokenOf(request, form), formTokenOf(secret))) {
    void reply.code(403);
    return sendSignIn(request, reply, write, { notice: words.formOld });
  }
  const domain = domainContextOf(request);
  const context = adminContextOf(request, secret);
  const caller = await domain.identify(context);
  if ('problem' in caller) return turnAway(request, reply, write, caller.problem);
  const { user } = caller;
  const send = ({ problem, ...page }: ShownPage): FastifyReply => {
    if (problem !== undefined) setStatus(reply, problem);
    const frame = { reader, user, token: formTokenOf(secret), domain, path: pathOf(request) };
    return reply.type(HTML).send(write(page, frame));
  };
  const refuse = (problem: Problem): FastifyReply =>
    problem.code === 'credentials_invalid'
      ? turnAway(request, reply, write, problem)
      : send({ ...noticePage(noticeOf(problem, reader.language)), problem });
  return answer({ request, reply, reader, domain, user, context, form, send, refuse });
}

/** In the form, or in a header where the body is no form. */
function tokenOf({ headers }: FastifyRequest, form: URLSearchParams): string | null {
  const sent = headers['x-form-token'];
  return form.get('token') ?? (typeof sent === 'string' ? sent : null);
}

/** Before a large body is read. */
export async function turnAwayEarly(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
): Promise<void> {
  const secret = readCookie(request, 'session');
  const caller = secret && (await domainContextOf(request).identify(adminContextOf(request, secret), 0));
  void reply.header('connection', 'close');
  if (caller === undefined || caller === '') await sendSignIn(request, reply.code(401), write);
  else if ('problem' in caller) await turnAway(request, reply, write, caller.problem);
  else void reply.removeHeader('connection');
}

function adminContextOf(request: FastifyRequest, secret: string): RequestContext {
  return requestContextOf(request, { endpoint: 'console', right: 'admin' }, { kind: 'session', secret });
}

/** A page that says one thing. */
export function noticePage(notice: Notice): ShownPage {
  return { template: 'notice', title: notice.title, view: notice };
}

/** Whoever may not come in: signs in anew, or hears which right lacks and how it is given. */
function turnAway(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
  problem: Problem,
): FastifyReply {
  const reader = readerOf(request.headers['accept-language']);
  const words = SHELL_WORDS[reader.language];
  if (problem.code === 'credentials_invalid')
    return sendSignIn(request, reply, write, { notice: { title: words.sessionOver, text: '' } });
  setStatus(reply, problem);
  const domain = domainContextOf(request);
  const notice =
    problem.code === 'api_not_allowed'
      ? words.noAdmin(problem.user, domain.isReadOnly())
      : noticeOf(problem, reader.language);
  const secret = readCookie(request, 'session');
  const token = secret === undefined ? '' : formTokenOf(secret);
  return reply.type(HTML).send(write(noticePage(notice), { reader, token, domain }));
}

interface SignInShown {
  readonly notice: Notice | undefined;
  readonly userName: string;
  /** The store has no user, so that nobody can. */
  readonly lacksUsers: boolean;
}

/** The sign-in form, whose session is the card's, too. */
export function sendSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
  { notice, userName = '', lacksUsers = false }: Partial<SignInShown> = {},
): FastifyReply {
  const reader = readerOf(request.headers['accept-language']);
  const words = SHELL_WORDS[reader.language];
  const token = keepFormToken(request, reply);
  const signIn = {
    notice,
    userName,
    lacksUsers,
    asked: undefined,
    wanted: [],
    isUnencrypted: isReadable(request),
    action: '/console/sign-in',
  };
  const page = { template: 'sign-in', title: words.signIn, signIn };
  return reply.type(HTML).send(write(page, { reader, token, domain: domainContextOf(request) }));
}

/** A link of another site led here, and the browser held its cookie back: it sends it when a page of ours leads here again. */
function isCookieMissing({ headers, url }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'cross-site' && !url.includes('again=1');
}

function leadOn(request: FastifyRequest, reply: FastifyReply, write: WriteConsole): FastifyReply {
  const reader = readerOf(request.headers['accept-language']);
  const refresh = `${pathOf(request)}?again=1`;
  const page = { template: 'onward', title: SHELL_WORDS[reader.language].goesOn, refresh };
  return reply.type(HTML).send(write(page, { reader, token: '', domain: domainContextOf(request) }));
}

/** The path of the route: nothing that a stranger wrote. */
function pathOf({ routeOptions: { url = '/console' } }: FastifyRequest): string {
  return url;
}
