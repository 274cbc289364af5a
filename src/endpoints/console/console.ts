import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { IMPORT_LIMITS } from '../../core/import-job.ts';
import { registerEndpoint } from '../../http/domain-context.ts';
import { LIMITS } from '../../http/limits.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import { addFormBody } from '../../http/query-params.ts';
import type { StaticPages } from '../../http/static-pages.ts';
import type { DomainResolver } from '../../service/services.ts';
import { assetHeaders, PAGE_HEADERS } from '../pages/page-headers.ts';
import { noticeOf } from '../pages/problem-words.ts';
import { readerOf } from '../pages/reader.ts';
import { formOf, signIn, signOut } from '../pages/sign-in.ts';
import { setStatus } from '../pages/status.ts';
import type { ConsoleRoutes } from './console-page.ts';
import { CONSOLE_PAGES } from './console-pages.ts';
import { addFirst } from './first/first.ts';
import { SHELL_WORDS } from './shell-words.ts';
import type { ConsoleSources } from './sources.ts';
import { noticePage, receive, sendSignIn, turnAwayEarly } from './admin-request.ts';
import { addFileBodies } from './sent-file.ts';
import { createConsoleWriter, readConsoleAssets, type WriteConsole } from './write-console.ts';

/** Of a form: a page of customers has a box for each. */
const MOST_FIELDS = 150;

/** The operator's pages, for admins of the domain whose host was asked: docs/decisions/0064-the-console.md. */
export function registerConsole(
  server: FastifyInstance,
  domains: DomainResolver,
  sources: ConsoleSources,
  pages: StaticPages,
): void {
  const assets = readConsoleAssets();
  const write = createConsoleWriter(assets, CONSOLE_PAGES);
  registerEndpoint(server, domains, (app) => {
    app.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(PAGE_HEADERS);
      next();
    });
    app.setErrorHandler((error, request, reply) => {
      const problem = noteProblem(error, request);
      setStatus(reply, problem);
      const reader = readerOf(request.headers['accept-language']);
      const page = noticePage(noticeOf(problem, reader.language));
      const domain = request.domainContext;
      if (domain === undefined) return reply.send();
      return reply.type('text/html; charset=utf-8').send(write(page, { reader, token: '', domain }));
    });
    for (const { path, type, body } of Object.values(assets)) {
      const headers = assetHeaders(type);
      app.get(path, (_request, reply) => pages.send(reply, path, { headers, body, isOfDomain: true }));
    }
    app.removeAllContentTypeParsers();
    addFormBody(app);
    addSession(app, write);
    addFirst(app, write);
    void app.register((forms, _options, done) => {
      // What an admin sets is longer than what signs somebody in.
      forms.removeAllContentTypeParsers();
      addFormBody(forms, LIMITS.bodyBytes, MOST_FIELDS);
      for (const { path, addRoutes } of CONSOLE_PAGES)
        addRoutes({ ...routesFor(forms, write, path), take: takeFor(app, write) }, sources);
      done();
    });
  });
}

/** @param page where a reload of a form's address leads */
function routesFor(
  app: FastifyInstance,
  write: WriteConsole,
  page: string,
): Pick<ConsoleRoutes, 'show' | 'act'> {
  return {
    show: (path, answer) => {
      app.get(path, (request, reply) => receive(request, reply, write, answer));
    },
    act: (path, answer) => {
      app.post(path, (request, reply) => receive(request, reply, write, answer));
      app.get(path, (_request, reply) => reply.redirect(page, 303));
    },
  };
}

/** Files come in bodies of their own kinds, and larger ones. */
function takeFor(app: FastifyInstance, write: WriteConsole): ConsoleRoutes['take'] {
  return (method, url, answer) => {
    void app.register((files, _options, done) => {
      addFileBodies(files);
      files.addHook('preParsing', (request, reply) => turnAwayEarly(request, reply, write));
      files.route({
        method,
        url,
        bodyLimit: IMPORT_LIMITS.partBytes + FORM_SPARE,
        handler: (request, reply) => receive(request, reply, write, answer),
      });
      done();
    });
  };
}

/** Of a form with a file: its other fields, and what stands between them. */
const FORM_SPARE = 64 * 1024;

function addSession(app: FastifyInstance, write: WriteConsole): void {
  app.post('/console/sign-in', (request, reply) => openSession(request, reply, write));
  app.post('/console/sign-out', async (request, reply) => {
    await signOut(request, reply);
    return reply.redirect('/console', 303);
  });
  for (const path of ['/console/sign-in', '/console/sign-out'])
    app.get(path, (_request, reply) => reply.redirect('/console', 303));
}

async function openSession(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WriteConsole,
): Promise<FastifyReply> {
  const { language } = readerOf(request.headers['accept-language']);
  const userName = formOf(request).get('user') ?? '';
  const outcome = await signIn(request, reply);
  if (outcome === 'no form of ours') {
    void reply.code(403);
    return sendSignIn(request, reply, write, { notice: SHELL_WORDS[language].formOld, userName });
  }
  if (!('problem' in outcome)) return reply.redirect('/console', 303);
  setStatus(reply, outcome.problem);
  return sendSignIn(request, reply, write, { notice: noticeOf(outcome.problem, language), userName });
}
