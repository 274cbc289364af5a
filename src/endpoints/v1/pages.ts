import { createHash } from 'node:crypto';

import type { FastifyInstance, FastifyReply } from 'fastify';

import { ProblemError } from '../../core/problem.ts';
import { STYLE } from './page-template.ts';
import { sendProblem } from './problem-answer.ts';
import type { Reference } from './reference.ts';

const HTML = 'text/html; charset=utf-8';

/** For everybody: `/openapi.json`, `/docs` and a page for each problem. They are made when somebody asks first. */
export function registerApiPages(server: FastifyInstance): void {
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const sendPage = (reply: FastifyReply, page: string) =>
    reply.header('content-security-policy', policy).type(HTML).send(page);
  let made: Promise<Reference> | undefined;
  const reference = () => (made ??= makeReference());
  server.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send((await reference()).document),
  );
  server.get('/docs', async (_request, reply) => sendPage(reply, (await reference()).page));
  server.get('/docs/problems/:code', async (request, reply) => {
    const { code } = request.params as { readonly code: string };
    const page = (await reference()).problems.get(code);
    if (page === undefined) return sendProblem(reply, new ProblemError({ code: 'route_unknown' }).problem);
    return sendPage(reply, page);
  });
}

/** Its schemas come with a library whose loading would be a fifth of every start. */
async function makeReference(): Promise<Reference> {
  const { writeReference } = await import('./reference.ts');
  return writeReference();
}
