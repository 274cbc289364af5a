import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { cardAddress } from './card-address.ts';
import { isAnybody, pairsOf, searchedOf, type Wanted } from './card-query.ts';
import { formTokenOf, keepFormToken, readCookie } from '../pages/cookies.ts';
import type { Link, Notice } from '../pages/notice.ts';
import { noticeOf } from '../pages/problem-words.ts';
import { isReadable } from '../pages/sign-in.ts';
import { setStatus } from '../pages/status.ts';
import { type Language, readerOf } from '../pages/reader.ts';
import { WORDS } from './language.ts';
import type { ViewContext } from './page-parts.ts';
import type { Page, WritePage } from './pages.ts';

const HTML = 'text/html; charset=utf-8';

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
  { request, reply, write, reader, wanted }: PageContext,
  page: Page,
  session?: { readonly user: string; readonly secret: string },
): FastifyReply {
  const { user, secret } = session ?? {};
  const token = secret === undefined ? '' : formTokenOf(secret);
  const findsNames = user !== undefined && domainContextOf(request).findsNames();
  const frame = { reader, user, token, searched: searchedOf(wanted), findsNames };
  return reply.type(HTML).send(write(page, frame));
}

/** A page that says what is wrong and what to do. @param action where it leads on */
export function sendProblem(context: PageContext, problem: Problem, action?: Link): FastifyReply {
  setStatus(context.reply, problem);
  return sendPage(context, { ...noticePage(problem, context.reader.language), action });
}

interface SignInShown {
  readonly notice: Notice | undefined;
  readonly userName: string;
  /** The store has no user, so that nobody can. */
  readonly lacksUsers: boolean;
}

/** The sign-in form; it passes on whose card was wanted. */
export function sendSignIn(
  context: PageContext,
  { notice, userName = '', lacksUsers = false }: Partial<SignInShown> = {},
): FastifyReply {
  const { request, reply, write, reader, wanted } = context;
  const token = keepFormToken(request, reply);
  const page: Page = {
    template: 'sign-in',
    notice,
    userName,
    lacksUsers,
    asked: isAnybody(wanted) ? searchedOf(wanted) : undefined,
    wanted: pairsOf(wanted),
    isUnencrypted: isReadable(request),
    action: '/card/sign-in',
  };
  return reply.type(HTML).send(write(page, { reader, token, searched: '' }));
}

/** Asks whether to open a card that a page of another site wants. Nothing has been looked up. */
export function sendConfirm({ request, reply, write, reader, wanted }: PageContext): FastifyReply {
  const { lead, phone, text } = wanted;
  const page: Page = {
    template: 'confirm',
    asked: [lead === undefined ? '' : `#${lead}`, phone ?? text ?? ''].map((one) =>
      one.trim().slice(0, SHOWN),
    ),
    wanted: pairsOf(wanted),
  };
  const token = keepFormToken(request, reply);
  return reply.type(HTML).send(write(page, { reader, token, searched: '' }));
}

/** More than any number or id has. */
const SHOWN = 40;

export function noticePage(problem: Problem, language: Language): Extract<Page, { template: 'notice' }> {
  return { template: 'notice', ...noticeOf(problem, language) };
}
