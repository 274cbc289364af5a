import { isUtf8 } from 'node:buffer';

import { Busboy } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError } from '../../core/problem.ts';
import type { ParameterValue } from '../../core/query.ts';
import { decodeUtf8, ParamCollector, readPairs, type Params } from './params.ts';

/**
 * The three kinds of body that clients of the documented API send: a form, a multipart form (PHP's curl with an
 * array) and a JSON object. Anything else is refused by the server as an unknown body type.
 */
export function addBodyParsers(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (_request, body, done) => {
      finish(() => readPairs(decodeUtf8(body as Buffer)), done);
    },
  );
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    finish(() => readJsonObject(decodeUtf8(body as Buffer)), done);
  });
  server.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer): Promise<Params> =>
      readMultipart(body, request.headers['content-type'] ?? ''),
  );
}

function finish(read: () => Params, done: (error: Error | null, params?: Params) => void): void {
  let params: Params;
  try {
    params = read();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, params);
}

/**
 * A JSON object of texts and numbers. A number is taken as it is written (an 18-digit telephone number would
 * lose digits otherwise); null means not sent.
 */
function readJsonObject(text: string): Params {
  const content = parseJson(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw unreadable('the JSON body is no object');
  }
  const collector = new ParamCollector();
  for (const [name, value] of Object.entries(content)) {
    if (value !== null) collector.add(name, parameterOf(value));
  }
  return collector.params;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepNumbersAsWritten);
  } catch {
    throw unreadable('the body is no JSON');
  }
}

function keepNumbersAsWritten(
  this: unknown,
  _name: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

function parameterOf(value: unknown): ParameterValue {
  if (typeof value === 'string') return value;
  return { fault: Array.isArray(value) ? 'must be one value, not a list' : 'must be a text or a number' };
}

async function readMultipart(body: Buffer, contentType: string): Promise<Params> {
  if (!isUtf8(body)) throw unreadable('the request has bytes that are no UTF-8');
  const collector = new ParamCollector();
  for (const [name, value] of await readFields(body, contentType)) collector.add(name, value);
  return collector.params;
}

function readFields(body: Buffer, contentType: string): Promise<readonly (readonly [string, string])[]> {
  const fields: [string, string][] = [];
  return new Promise((resolve, reject) => {
    const fail = () => reject(unreadable('the multipart body is broken'));
    try {
      const form = Busboy({ headers: { 'content-type': contentType } });
      // A part may come without a name, whatever the types say.
      form.on('field', (name: string | undefined, value) => fields.push([name ?? '', value]));
      // Files are no parameters (PHP keeps them apart, too).
      form.on('file', (_name, file) => {
        // One that is cut off fails by itself, and nobody listening would end the process.
        file.on('error', fail);
        file.resume();
      });
      form.on('error', fail);
      form.on('finish', () => resolve(fields));
      form.end(body);
    } catch {
      fail();
    }
  });
}

function unreadable(reason: string): ProblemError {
  return new ProblemError({ code: 'request_unparsable', reason });
}
