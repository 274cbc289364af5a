import { Type, type TSchema } from 'typebox';

import type { Right } from '../../core/rights.ts';
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
  readonly tag: 'api' | 'records' | 'documented protocol' | 'telephones' | 'installation';
  readonly summary: string;
  readonly description?: string;
  /** What a caller needs; undefined: it is for anybody. */
  readonly right?: Right;
  /** Credentials come in the Authorization header alone: HTTP Basic or a token. */
  readonly needsAuthorization?: true;
  readonly parameters?: readonly Parameter[];
  readonly body?: Readonly<Record<string, TSchema>>;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
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
