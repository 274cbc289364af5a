import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

import { Busboy } from '@fastify/busboy';

import { isObject } from '../../core/is-object.ts';
import { ProblemError } from '../../core/problem.ts';
import type { ParameterValue } from '../../core/query.ts';
import { exceedsShape } from '../../http/json-shape.ts';
import { LIMITS } from '../../http/limits.ts';
import {
  decodeUtf8,
  FORM_LIMITS,
  listOf,
  type ListValue,
  mergeParams,
  ParamCollector,
  type ParamLimits,
  type Params,
  readPairs,
  REQUEST_LIMITS,
  tooMany,
  UPDATE_ACTION,
} from './params.ts';

type ReadBytes = (body: Buffer, contentType: string, limits: ParamLimits) => Params | Promise<Params>;

/**
 * The three kinds of body that clients of the documented API send: a form, a multipart form (PHP's curl with an
 * array) and a JSON object.
 */
const READERS: ReadonlyMap<string, ReadBytes> = new Map<string, ReadBytes>([
  ['application/x-www-form-urlencoded', (body, _type, limits) => readForm(decodeUtf8(body), limits)],
  ['multipart/form-data', readMultipart],
  ['application/json', (body, _type, limits) => readJsonObject(decodeUtf8(body), limits)],
]);

/** RFC 9110's media type, before its parameters. */
const MEDIA_TYPE = /^[ \t]*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)[ \t]*(?:;|$)/;

/**
 * How to read the body of a request.
 *
 * @param queryText whose values win over the body's
 * @returns undefined where there is none
 * @throws {ProblemError} a body of another type; nothing of it was read
 */
export function bodyReaderOf(
  request: IncomingMessage,
  queryText: string,
): (() => Promise<Params>) | undefined {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const isEmpty = encoding === undefined && (length === undefined || length === '0');
  if (type === undefined && isEmpty) return undefined;
  const read = READERS.get(MEDIA_TYPE.exec(type ?? '')?.[1]?.toLowerCase() ?? '');
  if (read === undefined) throw new ProblemError({ code: 'body_type_unknown' });
  return async () => {
    const body = await readBytes(request);
    const isForm = body.includes(UPDATE_ACTION) || queryText.includes(UPDATE_ACTION);
    return isForm ? readAsForm(body, type ?? '', read, queryText) : read(body, type ?? '', REQUEST_LIMITS);
  };
}

/** Only the action that takes a form of every field may have as many parameters; whoever only names it may not. */
async function readAsForm(body: Buffer, type: string, read: ReadBytes, queryText: string): Promise<Params> {
  const params = await read(body, type, FORM_LIMITS);
  const isUpdate = mergeParams(readPairs(queryText), params).get('goAction') === UPDATE_ACTION;
  return isUpdate ? params : read(body, type, REQUEST_LIMITS);
}

/** @throws {ProblemError} the body is larger than `LIMITS.bodyBytes`, or breaks off (as a rejection) */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(TOO_LARGE);
    if (Number(request.headers['content-length']) > LIMITS.bodyBytes) {
      tooLarge();
      return;
    }
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= LIMITS.bodyBytes) pieces.push(piece);
      else tooLarge();
    });
    request.on('end', () => resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)));
    request.on('error', () => reject(unreadable('the request cannot be read')));
  });
}

const TOO_LARGE = new ProblemError({
  code: 'request_too_large',
  reason: `the body is larger than ${LIMITS.bodyBytes / 1024} KiB`,
});

/** Many a client sends JSON under the type that its library puts there, which is a form's. */
function readForm(text: string, limits: ParamLimits): Params {
  if (/^\s*\{\s*"/.test(text)) {
    throw unreadable('the body is JSON under the Content-Type of a form; send it as application/json');
  }
  return readPairs(text, limits);
}

/**
 * A JSON object of texts and numbers. A number is taken as it is written (an 18-digit telephone number would
 * lose digits otherwise); null means not sent.
 */
function readJsonObject(text: string, limits: ParamLimits): Params {
  const content = parseJson(text, limits);
  if (!isObject(content)) throw unreadable('the JSON body is no object');
  const collector = new ParamCollector(limits);
  for (const [name, value] of Object.entries(content)) {
    if (value !== null) collector.add(name, parameterOf(value));
  }
  return collector.params;
}

const JSON_DEPTH = 20;

function parseJson(text: string, limits: ParamLimits): unknown {
  // Each parameter has two marks; the others are for lists in some of them, which are no parameters.
  const shape = { depth: JSON_DEPTH, marks: 4 * limits.parameters };
  // Nobody was asked for a password yet, and each value takes its time.
  if (exceedsShape(text, shape)) {
    throw /^\s*\{/.test(text) ? tooMany(limits) : unreadable('the body is no JSON');
  }
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

function parameterOf(value: unknown): ParameterValue | ListValue {
  if (typeof value === 'string') return value;
  const fault = Array.isArray(value) ? 'must be one value, not a list' : 'must be a text or a number';
  return typeof value === 'object' && value !== null ? listOf(value, fault) : { fault };
}

/** What the parser does for each part of a body takes 30 us or more; RFC 2046 has boundaries of 70 characters at most. */
const PART_LIMITS = { headerPairs: 20, headerSize: 4 * 1024 };
const LONG_BOUNDARY = /boundary="?[^";]{71}/i;

/** Each costs as much as dozens of a form's, before anybody was asked for a password. */
const MOST_PARTS = 250;

async function readMultipart(body: Buffer, contentType: string, allowed: ParamLimits): Promise<Params> {
  const limits = { ...allowed, parameters: Math.min(allowed.parameters, MOST_PARTS) };
  if (!isUtf8(body)) throw unreadable('the request has bytes that are no UTF-8');
  if (LONG_BOUNDARY.test(contentType)) throw unreadable('the multipart body is broken');
  if (hasMoreParts(body, limits.parameters)) throw tooMany(limits);
  const collector = new ParamCollector(limits);
  for (const [name, value] of await readFields(body, contentType, limits)) collector.add(name, value);
  return collector.params;
}

/** Counts what may be a boundary before the parser sees any: it goes through all of them, whatever its own limits are. */
function hasMoreParts(body: Buffer, most: number): boolean {
  // The first has no line before it.
  let count = body.indexOf('--') === 0 ? 1 : 0;
  for (let at = body.indexOf(NEXT_PART); at >= 0; at = body.indexOf(NEXT_PART, at + 1)) {
    // The end has one of its own.
    if ((count += 1) > most + 1) return true;
  }
  return false;
}

const NEXT_PART = '\r\n--';

function readFields(
  body: Buffer,
  contentType: string,
  limits: ParamLimits,
): Promise<readonly (readonly [string, string])[]> {
  const fields: [string, string][] = [];
  return new Promise((resolve, reject) => {
    const fail = () => reject(unreadable('the multipart body is broken'));
    try {
      const { parameters } = limits;
      const form = Busboy({
        headers: { 'content-type': contentType },
        limits: { ...PART_LIMITS, fields: parameters, parts: parameters },
      });
      for (const limit of ['fieldsLimit', 'partsLimit'] as const)
        form.on(limit, () => reject(tooMany(limits)));
      // A part may come without a name, whatever the types say.
      form.on('field', (name: string | undefined, value) => fields.push([name ?? '', value]));
      // Files are no parameters (PHP keeps them apart, too).
      form.on('file', (_name, file) => {
        // One that is cut off fails by itself, and without a listener it would end the process.
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
