import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { isCrossOrigin } from '../../http/request-context.ts';
import {
  createPageContext,
  type PageContext,
  sendConfirm,
  sendPage,
  sendProblem,
  sendSignIn,
  setStatus,
} from './answer.ts';
import { type Addressed, cardAddress, readAddress } from './card-address.ts';
import { isAnybody, readWanted, type Wanted } from './card-query.ts';
import { cardContextOf, formTokenOf, isOwnForm, keepFormToken, readCookie } from './cookies.ts';
import type { WritePage } from './pages.ts';
import { formOf } from './sign-in.ts';
import { viewFound } from './view-result.ts';

/** How long an address leads somebody who is not signed in to the card that they want. */
const UNSIGNED_MS = 15 * 60 * 1000;
/** The most people that one page offers to choose from. */
const MATCHES = 20;

/** `POST /card`: a search or a click on a page of ours, or a dialer's form. */
export function openCard(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const form = formOf(request);
  const secret = readCookie(request, 'session');
  const tokens = [secret === undefined ? undefined : formTokenOf(secret), readCookie(request, 'form')];
  const isOurs = tokens.some((token) => isOwnForm(request, form.get('token'), token));
  const asks = !isOurs && isFromOtherSite(request);
  return reply.redirect(addressFor(request, reply, { wanted: readWanted(form), asks }), 303);
}

/**
 * `GET /card`. A number or id in the query leads on to an address that does not say it; looking up begins there. `again=1`:
 * a page of ours led here, because the browser had held back its cookie.
 */
export async function showCard(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const asked = readWanted(query);
  if (isAnybody(asked)) return leadOn(createPageContext(request, reply, write), query, asked);
  // Whatever else stands there must not become a part of an address of ours.
  const sealed = /^[\w-]+$/.exec(query.get('c') ?? '')?.[0];
  const secret = readCookie(request, 'session');
  const ofSession = readFor(sealed, secret);
  const { wanted, asks = false } = ofSession ?? readFor(sealed, readCookie(request, 'form')) ?? {};
  const context = createPageContext(request, reply, write, wanted);
  if (asks) return sendConfirm(context);
  if (secret !== undefined) {
    if (wanted === undefined) return showReady(context, secret, sealed);
    if (ofSession !== undefined) return showWanted(context, secret, wanted);
    return reply.redirect(context.addressOf(wanted), 303);
  }
  if (isCookieMissing(request, query)) {
    return sendOnward(context, sealed === undefined ? '/card' : `/card?c=${sealed}`);
  }
  const notice = query.has('signed-out') ? { title: context.words.signedOut, text: '' } : undefined;
  return sendSignIn(context, { notice });
}

/** Nothing is looked up yet: a page of another site may have led here. */
function leadOn(context: PageContext, query: URLSearchParams, wanted: Wanted): FastifyReply {
  const { request, reply } = context;
  const asks = isFromOtherSite(request);
  const href = addressFor(request, reply, { wanted, asks });
  const mayLackCookie = readCookie(request, 'session') === undefined && isCookieMissing(request, query);
  return mayLackCookie && !asks ? sendOnward(context, href) : reply.redirect(href, 303);
}

/** Whether a page of another site led here, and not a dialer's that the operator named. */
function isFromOtherSite(request: FastifyRequest): boolean {
  return isCrossOrigin(request, request.host, domainContextOf(request).popOrigins);
}

/** For the session; for the forms of this browser, and not for long, where nobody is signed in. */
function addressFor(request: FastifyRequest, reply: FastifyReply, addressed: Addressed): string {
  const secret = readCookie(request, 'session');
  return secret === undefined
    ? cardAddress({ ...addressed, until: Date.now() + UNSIGNED_MS }, keepFormToken(request, reply))
    : cardAddress(addressed, secret);
}

function readFor(sealed: string | undefined, secret: string | undefined): Addressed | undefined {
  return sealed === undefined || secret === undefined ? undefined : readAddress(sealed, secret, Date.now());
}

/** Has a page of ours open the address, so that the browser sends its cookie. */
function sendOnward(context: PageContext, href: string): FastifyReply {
  return sendPage(context, { template: 'onward', href: `${href}${href.includes('?') ? '&' : '?'}again=1` });
}

/** @param sealed an address that says nothing to this session */
async function showReady(
  context: PageContext,
  secret: string,
  sealed: string | undefined,
): Promise<FastifyReply> {
  const { request, reply, words } = context;
  const session = cardContextOf(request, secret);
  const caller = await domainContextOf(request).identify(session);
  if ('problem' in caller) return refuse(context, caller.problem);
  const { user } = caller;
  if (sealed === undefined) return sendPage(context, { template: 'ready' }, { user, secret });
  void reply.code(404);
  return sendPage(context, { template: 'notice', ...words.addressOver }, { user, secret });
}

async function showWanted(
  context: PageContext,
  secret: string,
  { lead: leadId, phone }: Wanted,
): Promise<FastifyReply> {
  const { request, reply } = context;
  const domain = domainContextOf(request);
  const session = cardContextOf(request, secret);
  const opened = await domain.openCard({ ...session, leadId, phone, page: { offset: 0, limit: MATCHES } });
  if ('problem' in opened) return refuse(context, opened.problem);
  const { caller, found } = opened;
  if ('problem' in found) setStatus(reply, found.problem);
  return sendPage(context, viewFound(found, context, domain.numbering()), { user: caller.user, secret });
}

function refuse(context: PageContext, problem: Problem): FastifyReply {
  // A session has no other name and password: it has ended.
  return problem.code === 'credentials_invalid'
    ? sendSignIn(context, { notice: { title: context.words.sessionOver, text: '' } })
    : sendProblem(context, problem);
}

/**
 * Whether the browser may have held back its cookie because a page of another site (a dialer's) led here. It sends the
 * cookie when a page of ours leads here again.
 */
function isCookieMissing(request: FastifyRequest, query: URLSearchParams): boolean {
  const { 'sec-fetch-site': site } = request.headers;
  if (query.has('again')) return false;
  // Browsers send this header over encrypted connections and to this machine; elsewhere a screen pop counts as cross-site.
  return site === undefined ? isAnybody(readWanted(query)) || query.has('c') : site === 'cross-site';
}
