import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { HTTP_STATUS } from '../../http/problem-answer.ts';
import { cardAddress } from './card-address.ts';
import { isAnybody, pairsOf, searchedOf, type Wanted } from './card-query.ts';
import { formTokenOf, isEncrypted, keepFormToken, readCookie } from './cookies.ts';
import { type Language, readerOf, WORDS } from './language.ts';
import type { Link, Notice, ViewContext } from './page-parts.ts';
import type { Page, WritePage } from './pages.ts';
import { noticeOf } from './problem-words.ts';

const HTML = 'text/html; charset=utf-8';

/** Statuses that the card gives another meaning: 401 would open the browser's own window. */
const STATUS = { ...HTTP_STATUS, credentials_invalid: 403 } as const;

/** One request for a page, and who reads it. */
export interface PageContext extends ViewContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly write: WritePage;
}

export function createPageContext(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
  wanted: Wanted = {},
): PageContext {
  const reader = readerOf(request.headers['accept-language']);
  const secret = readCookie(request, 'session');
  const addressOf = (other: Wanted) =>
    secret === undefined ? '/card' : cardAddress({ wanted: other }, secret);
  return { request, reply, write, reader, words: WORDS[reader.language], wanted, addressOf };
}

/** @param session the user who is signed in, and the session's secret; undefined: the page names nobody */
export function sendPage(
  { reply, write, reader, wanted }: PageContext,
  page: Page,
  session?: { readonly user: string; readonly secret: string },
): FastifyReply {
  const { user, secret } = session ?? {};
  const token = secret === undefined ? '' : formTokenOf(secret);
  return reply.type(HTML).send(write(page, { reader, user, token, searched: searchedOf(wanted) }));
}

/** A page that says what is wrong and what to do. @param action where it leads on */
export function sendProblem(context: PageContext, problem: Problem, action?: Link): FastifyReply {
  setStatus(context.reply, problem);
  return sendPage(context, { ...noticePage(problem, context.reader.language), action });
}

/** The sign-in form; it passes on whose card was wanted. */
export function sendSignIn(
  context: PageContext,
  { notice, userName = '' }: { readonly notice?: Notice | undefined; readonly userName?: string } = {},
): FastifyReply {
  const { request, reply, write, reader, wanted } = context;
  const token = keepFormToken(request, reply);
  const page: Page = {
    template: 'sign-in',
    notice,
    userName,
    asked: isAnybody(wanted) ? searchedOf(wanted) : undefined,
    wanted: pairsOf(wanted),
    isUnencrypted: !isEncrypted(request) && !isThisMachine(request.hostname),
  };
  return reply.type(HTML).send(write(page, { reader, token, searched: '' }));
}

/** Asks whether to open a card that a page of another site wants. Nothing has been looked up. */
export function sendConfirm({ request, reply, write, reader, wanted }: PageContext): FastifyReply {
  const { lead, phone } = wanted;
  const page: Page = {
    template: 'confirm',
    asked: [lead === undefined ? '' : `#${lead}`, phone ?? ''].map((text) => text.trim().slice(0, SHOWN)),
    wanted: pairsOf(wanted),
  };
  const token = keepFormToken(request, reply);
  return reply.type(HTML).send(write(page, { reader, token, searched: '' }));
}

/** More than any number or id has. */
const SHOWN = 40;

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Sets a problem's status on the answer. */
export function setStatus(reply: FastifyReply, problem: Problem): void {
  void reply.code(STATUS[problem.code]);
  if ('retryAfterSeconds' in problem) void reply.header('retry-after', String(problem.retryAfterSeconds));
}

export function noticePage(problem: Problem, language: Language): Extract<Page, { template: 'notice' }> {
  return { template: 'notice', ...noticeOf(problem, language) };
}
