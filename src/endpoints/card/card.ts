import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { registerEndpoint } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { LIMITS } from '../../http/limits.ts';
import { addFormBody } from '../../http/query-params.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import type { StaticPages } from '../../http/static-pages.ts';
import { assetHeaders, PAGE_HEADERS } from '../pages/page-headers.ts';
import { ACCOUNT_PAGE, ACCOUNT_PATHS, addAccount } from './account.ts';
import { createPageContext, sendProblem } from './answer.ts';
import { addEditing, EDIT_PATHS } from './edit-routes.ts';
import { sendCallEvents, type LivePop } from './call-events.ts';
import { createPages, readAssets, type WritePage } from './pages.ts';
import { addRoot } from './root.ts';
import { openCard, showCard } from './show-card.ts';
import { addSignIn } from './sign-in.ts';
import { addUnknown, UNKNOWN_PATHS } from './unknown-pages.ts';

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
    for (const { path, type, body } of assets.all) {
      const headers = assetHeaders(type);
      app.get(path, (_request, reply) => pages.send(reply, path, { headers, body, isOfDomain: true }));
    }
    addRoot(app);
    app.get('/card', (request, reply) => showCard(request, reply, write));
    app.post('/card', (request, reply) => openCard(request, reply));
    addSignIn(app, write);
    void app.register((forms, _options, done) => {
      // What people write about a customer is longer than what signs them in.
      forms.removeAllContentTypeParsers();
      addFormBody(forms, LIMITS.bodyBytes);
      addEditing(forms, write);
      addUnknown(forms, write);
      addAccount(forms, write);
      done();
    });
    app.get('/card/events', (request, reply) => sendCallEvents(request, reply, live));
    refuseOtherMethods(app, write);
  });
}

const METHODS: Readonly<Record<string, readonly string[]>> = {
  '/card': ['GET', 'POST'],
  [ACCOUNT_PAGE]: ['GET'],
  '/card/events': ['GET'],
  '/card/sign-in': ['GET', 'POST'],
  '/card/sign-out': ['GET', 'POST'],
  ...Object.fromEntries(
    [...EDIT_PATHS, ...UNKNOWN_PATHS, ...ACCOUNT_PATHS].map((path) => [path, ['GET', 'POST']]),
  ),
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
