import { Type, type TSchema } from 'typebox';

import type { Right, UserRight } from '../../core/rights.ts';
import { ProblemSchema } from './schemas.ts';

/** What may be sent in a URL. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: TSchema;
  readonly isRequired?: boolean;
  readonly description?: string;
}

/** One way in which an operation may be answered. */
export interface DescribedAnswer {
  readonly description: string;
  /** By content type; none: no body. */
  readonly content?: Readonly<Record<string, TSchema>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An operation as the OpenAPI document has it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly id: string;
  readonly tag:
    | 'api'
    | 'records'
    | 'imports'
    | 'persons'
    | 'documented protocol'
    | 'telephones'
    | 'installation'
    | 'non-agent API';
  readonly summary: string;
  readonly description?: string;
  /** What a caller needs; undefined: what the action needs, and without actions it is for anybody. */
  readonly right?: Right;
  /** Credentials come in the Authorization header alone: HTTP Basic or a token. */
  readonly needsAuthorization?: true;
  readonly parameters?: readonly Parameter[];
  readonly body?: Readonly<Record<string, TSchema>>;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
  /** Which a parameter chooses among. `parameters` and `body` have those of all. */
  readonly actions?: readonly DescribedAction[];
}

/** One thing of several that are done at the same address. */
export interface DescribedAction {
  /** As the parameter has it; the others mean the same. */
  readonly names: readonly [string, ...string[]];
  readonly right: UserRight;
  readonly summary: string;
  readonly isPostOnly?: true;
  /** Beside those by which it is chosen and says who asks. */
  readonly parameters: Readonly<Record<string, TSchema>>;
  /** What it answers in JSON. */
  readonly schemas?: readonly TSchema[];
  /** What it answers, with `{…}` for what differs. */
  readonly outcomes: readonly (readonly [answer: string, meaning: string])[];
}

/** GET and POST at an address that does several things. */
export function operationsOf({
  path,
  tag,
  ids,
  choice,
  caller,
  actions,
  answers,
  types,
}: {
  readonly path: string;
  readonly tag: Operation['tag'];
  readonly ids: readonly [get: string, post: string];
  /** The parameter that names the action; optional where the address has an action without it. */
  readonly choice: { readonly name: string; readonly isOptional?: boolean };
  /** Who asks, and what else each action takes. */
  readonly caller: Readonly<Record<string, TSchema>>;
  readonly actions: readonly DescribedAction[];
  readonly answers: Operation['answers'];
  /** Of a body. */
  readonly types: readonly string[];
}): readonly Operation[] {
  const named = (some: readonly DescribedAction[]) => {
    const schema = Type.Enum(
      some.flatMap(({ names }) => names),
      { description: 'What is to be done.' },
    );
    return { [choice.name]: choice.isOptional === true ? Type.Optional(schema) : schema };
  };
  const about = (method: 'get' | 'post', some: readonly DescribedAction[]) => ({
    ...{ method, path, tag, answers, actions: some },
    summary: summaryOf(some),
  });
  const byUrl = actions.filter(({ isPostOnly }) => isPostOnly !== true);
  const inUrl = {
    ...named(byUrl),
    ...caller,
    ...Object.fromEntries(byUrl.flatMap((action) => Object.entries(action.parameters))),
  };
  const bodies = actions.map((action) =>
    Type.Object({ ...named([action]), ...caller, ...action.parameters }, { description: action.summary }),
  );
  const [first, ...others] = bodies;
  const body = first !== undefined && others.length === 0 ? first : Type.Union(bodies);
  return [
    {
      ...about('get', byUrl),
      id: ids[0],
      parameters: Object.entries<TSchema>(inUrl).map(([name, schema]) => ({
        name,
        in: 'query',
        schema,
      })),
    },
    { ...about('post', actions), id: ids[1], body: Object.fromEntries(types.map((type) => [type, body])) },
  ];
}

function summaryOf(actions: readonly DescribedAction[]): string {
  return actions.map(({ names: [name] }) => name).join(', ');
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request is not as it should be.',
  401: 'There are no credentials, or they are wrong.',
  403: 'User or token lacks the right that this needs.',
  404: 'There is no such thing, or none that the user may see.',
  409: 'It is in conflict with what is stored, or these leads are a dialer’s.',
  412: 'The lead is not as `If-Match` has it.',
  413: 'The body is too large.',
  414: 'The URL is too long.',
  415: 'The body is of a type that is not understood.',
  422: 'The `Idempotency-Key` belongs to another request.',
  428: '`If-Match` is required here.',
  429: 'Too many requests, too many different leads in a day, or too many wrong passwords.',
  500: 'A fault of the server.',
  503: 'The server is busy, or its database or audit is not available.',
};

const RETRY = { 'Retry-After': 'Seconds after which to ask again.' } as const;
const HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'WWW-Authenticate': 'The ways to show who asks.' },
  429: { ...RETRY, RateLimit: 'What is left of the limit.' },
  503: RETRY,
};

/** Problems (RFC 9457) by their statuses. */
export function problems(...statuses: readonly number[]): Readonly<Record<number, DescribedAnswer>> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: REASONS[status] ?? '',
        content: { 'application/problem+json': ProblemSchema },
        ...(HEADERS[status] && { headers: HEADERS[status] }),
      },
    ]),
  );
}

export function json(description: string, schema: TSchema): DescribedAnswer {
  return { description, content: { 'application/json': schema } };
}

export function text(description: string, type = 'text/plain'): DescribedAnswer {
  return { description, content: { [type]: Type.String() } };
}
