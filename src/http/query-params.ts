import { isUtf8 } from 'node:buffer';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError } from '../core/problem.ts';
import { exceedsShape, type JsonShape } from './json-shape.ts';
import { queryTextOf } from './request-context.ts';

const MAX_PARAMETERS = 100;

/** The first hundred parameters of a request's query; it keeps what cannot be decoded. Never throws. */
export function searchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  return new URLSearchParams(queryTextOf(url).split('&', MAX_PARAMETERS).join('&'));
}

/**
 * The query of a request, all of it decoded.
 *
 * @throws {ProblemError} a broken percent-encoding (bytes that are no UTF-8 included), or too many parameters
 */
export function strictSearchParamsOf({ raw: { url = '' } }: Pick<FastifyRequest, 'raw'>): URLSearchParams {
  return strictSearchParams(queryTextOf(url));
}

/**
 * The parameters of a query or a form, all of it decoded.
 *
 * @throws {ProblemError} as above
 */
export function strictSearchParams(text: string): URLSearchParams {
  if (text.split('&').length > MAX_PARAMETERS) throw tooMany(MAX_PARAMETERS);
  try {
    decodeURIComponent(text);
  } catch {
    refuse('a broken percent-encoding');
  }
  return new URLSearchParams(text);
}

const NOT_UTF8 = unparsable('a JSON body that is not in UTF-8');
const TOO_MANY_VALUES = unparsable('more values in its JSON body, or nests them deeper, than it may');

function tooMany(most: number): ProblemError {
  return unparsable(`more than ${most} parameters`);
}

function refuse(reason: string): never {
  throw unparsable(reason);
}

function unparsable(reason: string): ProblemError {
  return new ProblemError({ code: 'request_unparsable', reason: `the request has ${reason}` });
}

/** More than any name, password and number need. */
const FORM_BYTES = 8 * 1024;

/**
 * Takes forms, too: a body is then `URLSearchParams`. Of many fields none is read: each takes its time.
 *
 * @param mostBytes of one form
 * @param mostParameters of one form
 */
export function addFormBody(
  app: FastifyInstance,
  mostBytes = FORM_BYTES,
  mostParameters = MAX_PARAMETERS,
): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      const text = body.toString();
      if (Buffer.byteLength(text) > mostBytes) done(tooLarge(mostBytes));
      else if (text.split('&', mostParameters + 1).length > mostParameters) done(tooMany(mostParameters));
      else done(null, new URLSearchParams(text));
    },
  );
}

/** Takes JSON of at most this shape, and nothing else that Fastify would take. */
export function addJsonBody(app: FastifyInstance, shape: JsonShape): void {
  app.removeAllContentTypeParsers();
  addJsonType(app, 'application/json', shape);
}

/** Takes JSON Merge Patch (RFC 7396), too. */
export function addMergePatchBody(app: FastifyInstance, shape: JsonShape): void {
  addJsonType(app, 'application/merge-patch+json', shape);
}

/** Takes bytes of whatever kind, and nothing else: a body is then a Buffer. */
export function addBinaryBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** Reads whatever is sent, within the limit of bodies, and ignores it: some programs send `{}` or a type with nothing. */
export function ignoreBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, undefined));
}

function addJsonType(app: FastifyInstance, type: string, shape: JsonShape): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
    const text = body.toString();
    // What is no UTF-8 would be kept as characters that nobody sent.
    if (typeof body !== 'string' && !isUtf8(body)) done(NOT_UTF8);
    // Before the body is parsed: nobody was asked for more than the look of credentials yet.
    else if (exceedsShape(text, shape)) done(TOO_MANY_VALUES);
    else void parse(request, text, done);
  });
}

function tooLarge(mostBytes: number): ProblemError {
  return new ProblemError({
    code: 'request_too_large',
    reason: `the form is larger than ${mostBytes / 1024} KiB`,
  });
}
