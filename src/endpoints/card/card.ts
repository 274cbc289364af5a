import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { addDomainContext, domainContextOf, type DomainResolver } from '../../http/domain-context.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { Problem } from '../../core/problem.ts';
import {
  answering,
  noteStatus,
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
export function registerCard(server: FastifyInstance, desks: DomainResolver, live: LivePop): void {
  const assets = readAssets();
  const write = createPages(assets);
  void server.register((door, _options, done) => {
    addDomainContext(door, desks);
    door.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(PAGE_HEADERS);
      next();
    });
    door.setErrorHandler((error, request, reply) => {
      const problem = noteProblem(error, request);
      const told = answering(request, reply, write, NOBODY);
      noteStatus(reply, problem);
      return sendPlain(told, noticePage(problem, told.reader.language));
    });
    for (const { path, type, body } of Object.values(assets)) {
      door.get(path, (_request, reply) =>
        reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(body),
      );
    }
    door.get('/card', (request, reply) => showCard(request, reply, write));
    addSignIn(door, write);
    addCallEvents(door, live);
    refuseOtherMethods(door, write);
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
function refuseOtherMethods(door: FastifyInstance, write: WritePage): void {
  for (const [url, methods] of Object.entries(METHODS)) {
    const allowed: readonly string[] = methods;
    const refuse = (request: FastifyRequest, reply: FastifyReply) => {
      const told = answering(request, reply, write, NOBODY);
      void reply.header('allow', allowed.join(', '));
      noteStatus(reply, { code: 'method_not_allowed' });
      return sendPlain(told, noticePage({ code: 'method_not_allowed' }, told.reader.language));
    };
    const others = door.supportedMethods.filter((method) => !allowed.includes(method));
    door.route({
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
  const told = answering(request, reply, write, wanted);
  const secret = readCookie(request, 'session');
  if (secret === undefined) {
    if (isCookieMissing(request, query, wanted)) {
      return sendPlain(told, { template: 'onward', href: cardPathAgain(wanted) });
    }
    const notice = query.has('signed-out') ? { title: told.words.signedOut, text: '' } : undefined;
    return sendSignIn(told, { notice });
  }
  const desk = domainContextOf(request);
  const inquiry = requestContextOf(request, 'card', { kind: 'session', secret });
  if (!isAnybody(wanted)) {
    const caller = await desk.identify(inquiry);
    if ('problem' in caller) return refuse(caller.problem);
    return sendPage(told, { user: caller.user, secret }, { template: 'ready' });
  }
  const { lead: leadId, phone } = wanted;
  const opened = await desk.openCard({ ...inquiry, leadId, phone, page: { offset: 0, limit: MATCHES } });
  if ('problem' in opened) return refuse(opened.problem);
  const { caller, found } = opened;
  if ('problem' in found) noteStatus(reply, found.problem);
  return sendPage(told, { user: caller.user, secret }, viewFound(found, told, desk.numbering()));

  function refuse(problem: Problem): FastifyReply {
    // The only name and password of a session is the session itself.
    if (problem.code === 'credentials_invalid') {
      return sendSignIn(told, { notice: { title: told.words.sessionOver, text: '' } });
    }
    noteStatus(reply, problem);
    return sendPage(
      told,
      { user: undefined, secret: secret ?? '' },
      noticePage(problem, told.reader.language),
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
