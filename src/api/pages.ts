import { createHash } from 'node:crypto';

import { Eta } from 'eta/core';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { ProblemError } from '../lead/problem.ts';
import { REAL_STATUS } from '../http/http-problem.ts';
import type { Operation } from './operation.ts';
import { openapiDocument, OPERATIONS } from './openapi.ts';
import { PAGE, STYLE } from './page-template.ts';
import { sendProblem } from './problem-answer.ts';
import { meaningOf, PROBLEM_CODES } from './problem-pages.ts';
import { COMPONENTS } from './schemas.ts';

const HTML = 'text/html; charset=utf-8';

/** For everybody: `/openapi.json`, `/docs` and a page for each problem. They are made at the start and hold no data. */
export function registerApiPages(server: FastifyInstance): void {
  const document = JSON.stringify(openapiDocument());
  const pages = writePages();
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const sendPage = (reply: FastifyReply, page: string) =>
    reply.header('content-security-policy', policy).type(HTML).send(page);
  server.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  );
  server.get('/docs', (_request, reply) => sendPage(reply, pages.reference));
  server.get('/docs/problems/:code', (request, reply) => {
    const { code } = request.params as { readonly code: string };
    const page = pages.problems.get(code);
    if (page === undefined) return sendProblem(reply, new ProblemError({ code: 'route_unknown' }).problem);
    return sendPage(reply, page);
  });
}

interface Pages {
  readonly reference: string;
  /** By code. */
  readonly problems: ReadonlyMap<string, string>;
}

function writePages(): Pages {
  const eta = new Eta({ autoEscape: true });
  const write = (data: object) =>
    eta.renderString(PAGE, { style: STYLE, links: [], sections: [], schemas: [], ...data });
  const tags = [...new Set(OPERATIONS.map(({ tag }) => tag))];
  return {
    reference: write({
      title: 'callercard: reference',
      text: 'Every operation and every answer. For programs the same is at /openapi.json.',
      links: [
        { href: '/openapi.json', label: 'OpenAPI 3.1' },
        ...PROBLEM_CODES.map((code) => ({ href: `/docs/problems/${code}`, label: `problem: ${code}` })),
      ],
      sections: tags.map((tag) => ({
        id: tag.replaceAll(' ', '-'),
        title: tag,
        operations: OPERATIONS.filter((operation) => operation.tag === tag).map(viewOf),
      })),
      schemas: COMPONENTS.map((schema) => {
        const { title } = schema as { readonly title?: string };
        return { id: title, title, text: JSON.stringify(schema, null, 2) };
      }),
    }),
    problems: new Map(
      PROBLEM_CODES.map((code) => [
        code,
        write({
          title: `Problem: ${code}`,
          text: `Status ${REAL_STATUS[code]}. ${meaningOf(code)}`,
          links: [{ href: '/docs', label: 'All of the reference' }],
        }),
      ]),
    ),
  };
}

function viewOf(operation: Operation): object {
  const { method, body, parameters = [], answers, security } = operation;
  const [schema] = Object.values(body ?? {});
  return {
    ...operation,
    method: method.toUpperCase(),
    access: security === 'key' ? 'With HTTP Basic or a token.' : 'Without an Authorization header.',
    parameters: parameters.map(({ name, in: where, isRequired = false, description, schema: about }) => ({
      name,
      place: isRequired ? `${where}, required` : where,
      what: description ?? (about as { readonly description?: string }).description ?? '',
    })),
    body:
      body === undefined
        ? undefined
        : { types: Object.keys(body).join(', '), schema: JSON.stringify(schema, null, 2) },
    answers: Object.entries(answers).map(([status, { description, content = {} }]) => ({
      status,
      what: `${description} ${Object.keys(content).join(', ')}`,
    })),
  };
}
