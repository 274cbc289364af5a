import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { addDomainContext, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { Problem } from '../../core/problem.ts';
import {
  createPageContext,
  setStatus,
  noticePage,
  PAGE_HEADERS,
  sendPage,
  sendPlain,
  sendSignIn,
} from './answer.ts';
import { readCookie } from './cookies.ts';
import { readAssets } from './page-files.ts';
import { createPages, type WritePage } from './pages.ts';
import { addSignIn } from './sign-in.ts';
import { viewFound } from './view-result.ts';
import { addCallEvents, type LivePop } from './call-events.ts';
import { cardPathAgain, isAgain, isAnybody, readWanted, type Wanted } from './card-query.ts';

/** The agent's page: who is calling, for somebody who is signed in. */
export function registerCard(server: FastifyInstance, domains: DomainResolver, live: LivePop): void {
  const assets = readAssets();
  const write = createPages(assets);
  void server.register((app, _options, done) => {
    addDomainContext(app, domains);
    app.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(PAGE_HEADERS);
      next();
    });
    app.setErrorHandler((error, request, reply) => {
      const problem = noteProblem(error, request);
      const context = createPageContext(request, reply, write, NOBODY);
      setStatus(reply, problem);
      return sendPlain(context, noticePage(problem, context.reader.language));
    });
    for (const { path, type, body } of Object.values(assets)) {
      app.get(path, (_request, reply) =>
        reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(body),
      );
    }
    app.get('/card', (request, reply) => showCard(request, reply, write));
    addSignIn(app, write);
    addCallEvents(app, live);
    refuseOtherMethods(app, write);
    done();
  });
}

const METHODS = {
  '/card': ['GET'],
  '/card/events': ['GET'],
  '/card/sign-in': ['GET', 'POST'],
  '/card/sign-out': ['GET', 'POST'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Before a body is read. */
function refuseOtherMethods(app: FastifyInstance, write: WritePage): void {
  for (const [url, methods] of Object.entries(METHODS)) {
    const allowed: readonly string[] = methods;
    const refuse = (request: FastifyRequest, reply: FastifyReply) => {
      const context = createPageContext(request, reply, write, NOBODY);
      void reply.header('allow', allowed.join(', '));
      setStatus(reply, { code: 'method_not_allowed' });
      return sendPlain(context, noticePage({ code: 'method_not_allowed' }, context.reader.language));
    };
    const others = app.supportedMethods.filter((method) => !allowed.includes(method));
    app.route({
      method: others,
      url,
      onRequest: async (request, reply) => refuse(request, reply),
      handler: refuse,
    });
  }
}

/** So many people are on one page of a chooser. */
const MATCHES = 20;

const NOBODY: Wanted = { phone: undefined, lead: undefined, of: undefined };

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
      return sendPlain(context, { template: 'onward', href: cardPathAgain(wanted) });
    }
    const notice = query.has('signed-out') ? { title: context.words.signedOut, text: '' } : undefined;
    return sendSignIn(context, { notice });
  }
  const domain = domainContextOf(request);
  const session = requestContextOf(request, 'card', { kind: 'session', secret });
  if (!isAnybody(wanted)) {
    const caller = await domain.identify(session);
    if ('problem' in caller) return refuse(caller.problem);
    return sendPage(context, { user: caller.user, secret }, { template: 'ready' });
  }
  const { lead: leadId, phone } = wanted;
  const opened = await domain.openCard({ ...session, leadId, phone, page: { offset: 0, limit: MATCHES } });
  if ('problem' in opened) return refuse(opened.problem);
  const { caller, found } = opened;
  if ('problem' in found) setStatus(reply, found.problem);
  return sendPage(context, { user: caller.user, secret }, viewFound(found, context, domain.numbering()));

  function refuse(problem: Problem): FastifyReply {
    // The only name and password of a session is the session itself.
    if (problem.code === 'credentials_invalid') {
      return sendSignIn(context, { notice: { title: context.words.sessionOver, text: '' } });
    }
    setStatus(reply, problem);
    return sendPage(
      context,
      { user: undefined, secret: secret ?? '' },
      noticePage(problem, context.reader.language),
    );
  }
}

/**
 * Whether the browser may have kept its cookie to itself, because a page of another site (a dialer's) led here. Asked again
 * from a page of ours, it sends it.
 */
function isCookieMissing(request: FastifyRequest, query: URLSearchParams, wanted: Wanted): boolean {
  const { 'sec-fetch-site': site } = request.headers;
  if (isAgain(query)) return false;
  // Browsers say it over encrypted connections and on this machine; elsewhere a screen pop is taken for one.
  return site === undefined ? isAnybody(wanted) : site === 'cross-site';
}
