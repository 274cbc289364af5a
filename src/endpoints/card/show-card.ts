import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Page } from '../../core/lead-store.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { isCrossOrigin } from '../../http/request-context.ts';
import { setStatus } from '../pages/status.ts';
import { createPageContext, type PageContext, sendConfirm, sendPage, sendSignIn } from './answer.ts';
import { type Addressed, cardAddress, readAddress } from './card-address.ts';
import { isAnybody, readWanted, type Wanted } from './card-query.ts';
import { formTokenOf, isOwnForm, keepFormToken, readCookie } from '../pages/cookies.ts';
import { cardContextOf, editContextOf } from './card-session.ts';
import { type Editor, open, refuse } from './editor.ts';
import { readyPage } from './home.ts';
import { showNamed } from './name-search.ts';
import type { WritePage } from './pages.ts';
import { formOf } from '../pages/sign-in.ts';
import { showAttach, showNewCustomer } from './unknown-pages.ts';
import { shownWanted, viewFound } from './view-result.ts';
import { TIMELINE_PAGE, timelinePage } from './view-timeline.ts';

/** How long an address leads somebody who is not signed in to the card that they want. */
const UNSIGNED_MS = 15 * 60 * 1000;

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
  const notice = query.has('signed-out')
    ? { title: context.words.signedOut, text: '', isCalm: true as const }
    : undefined;
  return sendSignIn(context, { notice, lacksUsers: await domainContextOf(request).lacksUsers() });
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
  if (sealed === undefined) {
    const page = await readyPage(domainContextOf(request), session, context);
    return sendPage(context, page, { user, secret });
  }
  void reply.code(404);
  return sendPage(context, { template: 'notice', ...words.addressOver }, { user, secret });
}

function showWanted(
  context: PageContext,
  secret: string,
  { view, phone, lead, text }: Wanted,
): Promise<FastifyReply> {
  const { request } = context;
  const [reading, editing] = [cardContextOf(request, secret), editContextOf(request, secret)];
  const reader = { context, domain: domainContextOf(request), secret, reading, editing };
  switch (view) {
    case 'new':
      return showNewCustomer(reader);
    case 'attach':
      return showAttach(reader);
    case 'timeline':
      return showTimeline(reader);
    case undefined:
      return phone === undefined && lead === undefined && text !== undefined
        ? showNamed(reader, text)
        : showCustomer(reader);
  }
}

type CardReader = Omit<Editor, 'form'>;

async function showCustomer(reader: CardReader): Promise<FastifyReply> {
  const { context, domain, secret } = reader;
  const opened = await open(reader);
  if ('problem' in opened) return refuse(context, opened.problem);
  const { caller, found } = opened;
  if ('problem' in found) setStatus(context.reply, found.problem);
  const page = viewFound(opened, context, domain.numbering());
  const wanted = shownWanted(found, context.wanted);
  return sendPage({ ...context, wanted }, page, { user: caller.user, secret });
}

async function showTimeline({ context, domain, reading, secret }: CardReader): Promise<FastifyReply> {
  const { lead, offset = 0 } = context.wanted;
  const caller = await domain.identify(reading, 0);
  if ('problem' in caller) return refuse(context, caller.problem);
  const read = await readTimeline({ domain, reading }, Number(lead), { offset, limit: TIMELINE_PAGE });
  if ('problem' in read) return refuse(context, read.problem);
  return sendPage(context, timelinePage(read.timeline, context), { user: caller.user, secret });
}

/** A page of a timeline, with fewer entries where these are too large together. */
async function readTimeline(
  reader: Pick<CardReader, 'domain' | 'reading'>,
  leadId: number,
  page: Page,
): ReturnType<CardReader['domain']['readTimeline']> {
  const read = await reader.domain.readTimeline({ ...reader.reading, leadId, page });
  const isTooLarge = 'problem' in read && read.problem.code === 'request_too_large';
  if (!isTooLarge || page.limit === 1) return read;
  return readTimeline(reader, leadId, { ...page, limit: Math.floor(page.limit / 5) });
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
