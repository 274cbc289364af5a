import type { IncomingMessage, ServerResponse } from 'node:http';

import { ANSWER_HEADERS, noteProblem } from '../../http/problem-answer.ts';
import type { DomainResolver } from '../../http/domain-context.ts';
import type { Log } from '../../observe/log.ts';
import type { TakeRequest } from '../../http/short-way.ts';
import { answerRequest, formatOfTarget, writeAnswer, type WrittenAnswer } from './request.ts';
import { answerFor } from './answers.ts';
import { GOAPI_PATHS } from './handler.ts';
import { decodeUtf8, mergeParams, readPairs, type Params } from './params.ts';

export interface ShortGoapiOptions {
  readonly desks: DomainResolver;
  readonly nextRequestId: () => string;
  /** The log of what no handler expected. */
  readonly log: Log;
}

/**
 * The documented protocol without the server's library, for plain requests to an installation whose one domain asks nothing
 * of them: no origins of web pages, passwords in URLs allowed.
 */
export function createShortGoapi({ desks, nextRequestId, log }: ShortGoapiOptions): TakeRequest {
  return (request, response) => {
    const { only } = desks;
    if (only === undefined || only.corsOrigins.size > 0 || only.queryCredentials !== 'allow') return false;
    const { url = '', method } = request;
    const query = queryIfDocumented(url);
    const sent = query === undefined ? undefined : readIfPlain(query);
    if (sent === undefined) return false;
    const id = nextRequestId();
    const address = request.socket.remoteAddress ?? '';
    const refuse = (error: unknown, headers = {}) => {
      const written = writeAnswer(answerFor(noteProblem(error, { log, id })), formatOfTarget(url), undefined);
      send(response, { ...written, headers: { ...headers, ...written.headers } });
    };
    const answer = (params: Params) => {
      answerRequest({ params, requestId: id, address, lookup: only.lookup }).then(
        (written) => send(response, written),
        (error: unknown) => refuse(error),
      );
    };
    if (method === 'GET') answer(sent);
    else
      readForm(
        request,
        (form) => answer(mergeParams(sent, form)),
        (error) => refuse(error, AFTER_BROKEN_BODY),
      );
    return true;
  };
}

/** As the library ends a connection whose body could not be read. */
const AFTER_BROKEN_BODY = { connection: 'close' };

/** The query of a target whose path is one of the documented ones, letter by letter. */
function queryIfDocumented(url: string): string | undefined {
  for (const path of GOAPI_PATHS) {
    if (!url.startsWith(path)) continue;
    if (url.length === path.length) return '';
    return url[path.length] === '?' && !url.includes('#') ? url.slice(path.length + 1) : undefined;
  }
  return undefined;
}

/** What cannot be read is for the long way to say. */
function readIfPlain(query: string): Params | undefined {
  try {
    return readPairs(query);
  } catch {
    return undefined;
  }
}

function readForm(
  request: IncomingMessage,
  done: (form: Params) => void,
  fail: (error: unknown) => void,
): void {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    let form: Params;
    try {
      form = readPairs(decodeUtf8(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)));
    } catch (error) {
      fail(error);
      return;
    }
    done(form);
  });
}

function send(response: ServerResponse, { status, headers, body }: WrittenAnswer): void {
  response.writeHead(status, {
    ...ANSWER_HEADERS,
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
