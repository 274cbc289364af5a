import type { TSchema } from 'typebox';

import type { DescribedAnswer, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { COMPONENTS } from './components.ts';

const INFO = {
  title: 'callercard',
  version: '1',
  summary: 'Who is calling?',
  description:
    'Leads by telephone number or id: our own API (`/v1`), and the documented Get Customer Information protocol for the clients that exist. A web page of another origin may call it if the setting `corsOrigins` names its origin.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const SECURITY = {
  basic: { type: 'http', scheme: 'basic', description: 'A user with the right that the operation names.' },
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `callercard token create` with that right in its scope.',
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

/** What is undefined is left out of JSON. */
function describe(operation: Operation): object {
  const { id, tag, summary, parameters, body, answers, actions = [] } = operation;
  const needed = actions.map(({ names: [name], right }) => `\`${name}\` needs the right \`${right}\`.`);
  const description = operation.description ?? (needed.length === 0 ? undefined : needed.join(' '));
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: securityOf(operation),
    parameters: parameters?.map(({ isRequired = false, schema, ...rest }) => ({
      ...rest,
      required: isRequired,
      schema: referred(schema),
    })),
    requestBody: body && { required: true, content: contentOf(body) },
    responses: mapValues(answers, describeAnswer),
  };
}

/** With the right as the name of a role, as OpenAPI has it. The other endpoints take credentials in ways of their own. */
function securityOf({ right, needsAuthorization }: Operation): readonly object[] {
  return right !== undefined && needsAuthorization === true ? [{ basic: [right] }, { token: [right] }] : [];
}

function describeAnswer({ description, content, headers }: DescribedAnswer): object {
  return {
    description,
    headers: headers && mapValues(headers, (about) => ({ description: about, schema: { type: 'string' } })),
    content: content && contentOf(content),
  };
}

function contentOf(content: Readonly<Record<string, TSchema>>): object {
  return mapValues(content, (schema) => ({ schema: referred(schema) }));
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => unknown,
): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
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
  if (Array.isArray(value)) return value.map(referred);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(forGenerators({ ...value }), referred);
}

/** What generators of clients need beyond what validation does: enums with their type, and maps as they know them. */
function forGenerators(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { enum: values, patternProperties: patterns, ...rest } = schema;
  if (Array.isArray(values) && schema.type === undefined) return { type: typeOf(values), ...schema };
  const [[pattern, each] = [], ...others] = Object.entries(
    (patterns ?? {}) as Readonly<Record<string, unknown>>,
  );
  if (pattern !== ANY_NAME || others.length > 0) return schema;
  return { ...rest, additionalProperties: each };
}

/** How TypeBox writes that any name may stand there. */
const ANY_NAME = '^.*$';

function typeOf(values: readonly unknown[]): string {
  return values.every((value) => typeof value === 'number') ? 'integer' : 'string';
}
