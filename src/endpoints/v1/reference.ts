import { Eta } from 'eta/core';

import { REAL_STATUS } from '../../http/problem-answer.ts';
import type { Operation } from './operation.ts';
import { openapiDocument, OPERATIONS } from './openapi.ts';
import { PAGE, STYLE } from './page-template.ts';
import { meaningOf, PROBLEM_CODES } from './problem-pages.ts';
import { COMPONENTS } from './schemas.ts';

/** What is said about the API itself; it holds no data. */
export interface Reference {
  /** The OpenAPI document, in JSON. */
  readonly document: string;
  /** Pages in HTML. */
  readonly page: string;
  /** By code. */
  readonly problems: ReadonlyMap<string, string>;
}

export function writeReference(): Reference {
  const eta = new Eta({ autoEscape: true });
  const write = (data: object) =>
    eta.renderString(PAGE, { style: STYLE, links: [], sections: [], schemas: [], ...data });
  const tags = [...new Set(OPERATIONS.map(({ tag }) => tag))];
  return {
    document: JSON.stringify(openapiDocument()),
    page: write({
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
