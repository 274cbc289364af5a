import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { queryTextOf } from './request-context.ts';

const MAX_PARAMETERS = 100;

/** The query of a request; it keeps what cannot be decoded. Never throws. */
export function searchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  return new URLSearchParams(queryTextOf(url));
}

/**
 * The query of a request, all of it decoded.
 *
 * @throws {ProblemError} a broken percent-encoding (bytes that are no UTF-8 included), or too many parameters
 */
export function strictSearchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  const text = queryTextOf(url);
  if (text.split('&').length > MAX_PARAMETERS) refuse(`more than ${MAX_PARAMETERS} parameters`);
  try {
    decodeURIComponent(text);
  } catch {
    refuse('a broken percent-encoding');
  }
  return new URLSearchParams(text);
}

function refuse(reason: string): never {
  throw new ProblemError({ code: 'request_unparsable', reason: `the request has ${reason}` });
}

/** More than any name, password and number need; less than thousands of empty pairs. */
const FORM_BYTES = 8 * 1024;

/** Takes forms, too: a body is then `URLSearchParams`. */
export function addFormBody(app: FastifyInstance): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) =>
      Buffer.byteLength(body) > FORM_BYTES
        ? done(TOO_LARGE)
        : done(null, new URLSearchParams(body.toString())),
  );
}

const TOO_LARGE = new ProblemError({
  code: 'request_too_large',
  reason: `the form is larger than ${FORM_BYTES / 1024} KiB`,
});
