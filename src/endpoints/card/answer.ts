import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { HTTP_STATUS } from '../../http/problem-answer.ts';
import { isAnybody, pairsOf, searchedOf, type Wanted } from './card-query.ts';
import { formTokenOf, isEncrypted, makeFormToken, readCookie, setCookie } from './cookies.ts';
import { type Language, type Reader, readerOf, WORDS, type Words } from './language.ts';
import type { Notice, Page, WritePage } from './pages.ts';
import { noticeOf } from './problem-words.ts';

const HTML = 'text/html; charset=utf-8';

/** Statuses that the card gives another meaning: 401 would open the browser's own window. */
const STATUS = { ...HTTP_STATUS, credentials_invalid: 403 } as const;

/** One request for a page, and who reads it. */
export interface PageContext {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly write: WritePage;
  readonly reader: Reader;
  readonly words: Words;
  readonly wanted: Wanted;
}

export function createPageContext(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
  wanted: Wanted = {},
): PageContext {
  const reader = readerOf(request.headers['accept-language']);
  return { request, reply, write, reader, words: WORDS[reader.language], wanted };
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

/** A page that says what is wrong and what to do. */
export function sendProblem(context: PageContext, problem: Problem): FastifyReply {
  setStatus(context.reply, problem);
  return sendPage(context, noticePage(problem, context.reader.language));
}

/** The sign-in form; it passes on whose card was wanted. */
export function sendSignIn(
  context: PageContext,
  { notice, userName = '' }: { readonly notice?: Notice | undefined; readonly userName?: string } = {},
): FastifyReply {
  const { request, reply, write, reader, wanted } = context;
  // One token for all forms that a browser has open.
  const token = readCookie(request, 'form') ?? makeFormToken();
  setCookie(reply, 'form', token);
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
