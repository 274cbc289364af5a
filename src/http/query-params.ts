import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { queryTextOf } from './request-context.ts';

const MAX_PARAMETERS = 100;

/** The query of a request, read so that nothing is thrown for what cannot be decoded. */
export function searchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  return new URLSearchParams(queryTextOf(url));
}

/**
 * The query of a request, of which all can be read.
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

/** Names, passwords, numbers and ids are far below; thousands of empty pairs are not. */
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
