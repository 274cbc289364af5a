import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { registerEndpoint, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import type { StaticPages } from '../../http/static-pages.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { Problem } from '../../core/problem.ts';
import { createPageContext, sendPage, sendProblem, sendSignIn, setStatus } from './answer.ts';
import { sendCallEvents, type LivePop } from './call-events.ts';
import { cardPath, isAnybody, readWanted, type Wanted } from './card-query.ts';
import { cardContextOf, readCookie } from './cookies.ts';
import { createPages, readAssets, type WritePage } from './pages.ts';
import { addSignIn } from './sign-in.ts';
import { viewFound } from './view-result.ts';

/** Nothing but our own files, no inline script or style, and in nobody's frame. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Their names change with their content. */
const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable', ...PAGE_HEADERS } as const;

/** The agent's page: who is calling, for somebody who is signed in. */
export function registerCard(
  server: FastifyInstance,
  domains: DomainResolver,
  live: LivePop,
  pages: StaticPages,
): void {
  const assets = readAssets();
  const write = createPages(assets);
  registerEndpoint(server, domains, (app) => {
    app.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(PAGE_HEADERS);
      next();
    });
    app.setErrorHandler((error, request, reply) =>
      sendProblem(createPageContext(request, reply, write), noteProblem(error, request)),
    );
    for (const { path, type, body } of Object.values(assets)) {
      const headers = { ...ASSET_HEADERS, 'content-type': type };
      app.get(path, (_request, reply) => pages.send(reply, path, { headers, body, isOfDomain: true }));
    }
    app.get('/card', (request, reply) => showCard(request, reply, write));
    addSignIn(app, write);
    app.get('/card/events', (request, reply) => sendCallEvents(request, reply, live));
    refuseOtherMethods(app, write);
  });
}

const METHODS: Readonly<Record<string, readonly string[]>> = {
  '/card': ['GET'],
  '/card/events': ['GET'],
  '/card/sign-in': ['GET', 'POST'],
  '/card/sign-out': ['GET', 'POST'],
};

/** Before a body is read. */
function refuseOtherMethods(app: FastifyInstance, write: WritePage): void {
  for (const [url, allowed] of Object.entries(METHODS)) {
    const refuse = (request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('allow', allowed.join(', '));
      return sendProblem(createPageContext(request, reply, write), { code: 'method_not_allowed' });
    };
    const method = app.supportedMethods.filter((name) => !allowed.includes(name));
    app.route({ method, url, onRequest: async (request, reply) => refuse(request, reply), handler: refuse });
  }
}

/** The most people that one page offers to choose from. */
const MATCHES = 20;

async function showCard(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const wanted = readWanted(query);
  const context = createPageContext(request, reply, write, wanted);
  const secret = readCookie(request, 'session');
  if (secret === undefined) {
    if (isCookieMissing(request, query, wanted)) {
      return sendPage(context, { template: 'onward', href: cardPath(wanted, 'again') });
    }
    const notice = query.has('signed-out') ? { title: context.words.signedOut, text: '' } : undefined;
    return sendSignIn(context, { notice });
  }
  const domain = domainContextOf(request);
  const session = cardContextOf(request, secret);
  if (!isAnybody(wanted)) {
    const caller = await domain.identify(session);
    if ('problem' in caller) return refuse(caller.problem);
    return sendPage(context, { template: 'ready' }, { user: caller.user, secret });
  }
  const { lead: leadId, phone } = wanted;
  const opened = await domain.openCard({ ...session, leadId, phone, page: { offset: 0, limit: MATCHES } });
  if ('problem' in opened) return refuse(opened.problem);
  const { caller, found } = opened;
  if ('problem' in found) setStatus(reply, found.problem);
  return sendPage(context, viewFound(found, context, domain.numbering()), { user: caller.user, secret });

  function refuse(problem: Problem): FastifyReply {
    // A session has no other name and password: it has ended.
    return problem.code === 'credentials_invalid'
      ? sendSignIn(context, { notice: { title: context.words.sessionOver, text: '' } })
      : sendProblem(context, problem);
  }
}

/**
 * Whether the browser may have held back its cookie because a page of another site (a dialer's) led here. It sends the
 * cookie when a page of ours leads here again.
 */
function isCookieMissing(request: FastifyRequest, query: URLSearchParams, wanted: Wanted): boolean {
  const { 'sec-fetch-site': site } = request.headers;
  if (query.has('again')) return false;
  // Browsers send this header over encrypted connections and to this machine; elsewhere a screen pop counts as cross-site.
  return site === undefined ? isAnybody(wanted) : site === 'cross-site';
}
