import type { FastifyInstance } from 'fastify';

import { ProblemError } from '../core/problem.ts';

/** Names, passwords, numbers and ids are far below; thousands of empty pairs are not. */
const FORM_BYTES = 8 * 1024;

/** Takes forms, too: a body is then `URLSearchParams`. */
export function addFormBody(door: FastifyInstance): void {
  door.addContentTypeParser(
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
