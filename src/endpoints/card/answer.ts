import type { FastifyReply, FastifyRequest } from 'fastify';

import { REAL_STATUS } from '../../http/problem-answer.ts';
import type { Problem } from '../../core/problem.ts';
import { formTokenOf, isEncrypted, makeFormToken, readCookie, setCookie } from './cookies.ts';
import { type Language, type Reader, readerOf, WORDS, type Words } from './language.ts';
import type { Notice, Page, WritePage } from './pages.ts';
import { noticeOf } from './problem-words.ts';
import { isAnybody, pairsOf, searchedOf, type Wanted } from './card-query.ts';

/** Nothing but our own files, no inline script or style, and in nobody's frame. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const HTML = 'text/html; charset=utf-8';

/** Statuses that the card gives another meaning: 401 would open the browser's own window. */
const STATUS = { ...REAL_STATUS, credentials_invalid: 403 } as const;

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
  wanted: Wanted,
): PageContext {
  const reader = readerOf(request.headers['accept-language']);
  return { request, reply, write, reader, words: WORDS[reader.language], wanted };
}

/** A page for somebody who is signed in. */
export function sendPage(
  { reply, write, reader, wanted }: PageContext,
  { user, secret }: { readonly user: string | undefined; readonly secret: string },
  page: Page,
): FastifyReply {
  const frame = { reader, user, token: formTokenOf(secret), searched: searchedOf(wanted) };
  return reply.type(HTML).send(write(page, frame));
}

/** A page without a name on it. */
export function sendPlain({ reply, write, reader }: PageContext, page: Page): FastifyReply {
  return reply.type(HTML).send(write(page, { reader, token: '', searched: '' }));
}

export interface SignInTexts {
  readonly notice?: Notice | undefined;
  /** What was typed. */
  readonly userName?: string;
}

/** The sign-in form; whom somebody wanted to see goes along through it. */
export function sendSignIn(context: PageContext, { notice, userName = '' }: SignInTexts = {}): FastifyReply {
  const { request, reply, write, reader, wanted } = context;
  // One token for all forms that a browser has open.
  const token = readCookie(request, 'form') ?? makeFormToken();
  setCookie(reply, 'form', token, undefined);
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
