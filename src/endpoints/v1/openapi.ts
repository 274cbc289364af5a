import type { TSchema } from 'typebox';

import type { DescribedAnswer, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { COMPONENTS } from './schemas.ts';

const INFO = {
  title: 'callercard',
  version: '1',
  summary: 'Who is calling?',
  description:
    'Leads by telephone number or id: our own API (`/v1`), and the documented Get Customer Information protocol for the clients that exist.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const SECURITY = {
  basic: { type: 'http', scheme: 'basic', description: 'A user of the API.' },
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `callercard token create`.',
  },
};

/** The OpenAPI 3.1 document of every endpoint, made of the operations and their schemas. */
export function openapiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/' }],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: SECURITY,
      schemas: Object.fromEntries(COMPONENTS.map((schema) => [titleOf(schema), inside(schema)])),
    },
  };
}

function describe({
  id,
  tag,
  summary,
  description,
  security,
  parameters = [],
  body,
  answers,
}: Operation): object {
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: security === 'key' ? [{ basic: [] }, { token: [] }] : [],
    ...(parameters.length === 0
      ? {}
      : {
          parameters: parameters.map(({ isRequired = false, schema, ...rest }) => ({
            ...rest,
            required: isRequired,
            schema: referred(schema),
          })),
        }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]),
    ),
  };
}

function describeAnswer({ description, content, headers }: DescribedAnswer): object {
  return {
    description,
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, about]) => [
              name,
              { description: about, schema: { type: 'string' } },
            ]),
          ),
        }),
    ...(content === undefined ? {} : { content: contentOf(content) }),
  };
}

function contentOf(content: Readonly<Record<string, TSchema>>): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, { schema: referred(schema) }]),
  );
}

function titleOf(schema: TSchema): string {
  return String((schema as { readonly title?: unknown }).title);
}

/** A schema with a name of its own is written down once. */
function referred(value: unknown): unknown {
  return COMPONENTS.includes(value as TSchema)
    ? { $ref: `#/components/schemas/${titleOf(value as TSchema)}` }
    : inside(value);
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => referred(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, referred(one)]));
}
