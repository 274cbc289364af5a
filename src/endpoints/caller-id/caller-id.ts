import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Asker } from '../../service/entrance.ts';
import { addDesks, deskOf, type Desks } from '../../http/domain-context.ts';
import { noteProblem } from '../../http/http-problem.ts';
import { inquiryOf } from '../../http/request-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { ReadyAnswer } from '../../http/precomputed-answers.ts';
import { readAuthorization } from '../v1/authorization.ts';
import { callerHash, callerName } from './caller-name.ts';

/**
 * Where telephones ask. The token may stand in the path or the query here, and here alone: most of them can send no header.
 */
export const CALLER_ID_PATH = '/v1/caller-id';

const TEXT = 'text/plain; charset=utf-8';
/** FreeSWITCH gives up after 2 s and holds the call until then; the way there and back takes some of that. */
const PATIENCE_MS = 1_200;

/**
 * `GET /v1/caller-id?phone=…`: the caller's name and nothing else, or nothing. Telephones take whatever comes for the name and
 * look at no status; so every failure is an empty answer, and its reason is in the log.
 */
export function registerCallerId(server: FastifyInstance, desks: Desks): void {
  void server.register((door, _options, done) => {
    addDesks(door, desks);
    door.setErrorHandler((error, request, reply) => {
      noteProblem(error, request);
      return say(reply, '');
    });
    for (const path of [CALLER_ID_PATH, `${CALLER_ID_PATH}/:token`]) door.get(path, answer);
    done();
  });
}

const SILENCE: ReadyAnswer = { status: 200, type: TEXT, body: '' };

/** What is said to a telephone for which nobody has time; undefined for all other targets. */
export function silenceFor(target: string): ReadyAnswer | undefined {
  return /^\/v1\/caller-id(?:[/?]|$)/.test(target) ? SILENCE : undefined;
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const asker = askerOf(request, query);
  if (asker === undefined) return say(reply, '');
  const looking = deskOf(request).lookup({
    ...inquiryOf(request, 'caller-id', asker),
    parameters: { phoneNumber: query.get('phone') ?? undefined },
  });
  const outcome = await Promise.race([looking, afterPatience()]);
  if (outcome === undefined || 'problem' in outcome) return say(reply, '');
  const { finding } = outcome;
  return say(reply, query.get('format') === 'hash' ? callerHash(finding) : callerName(finding.lead));
}

function say(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).type(TEXT).send(text);
}

/** A header is better than a URL, and counts first. */
function askerOf({ headers, params }: FastifyRequest, query: URLSearchParams): Asker | undefined {
  const { token = query.get('token') } = params as { readonly token?: string };
  const inUrl = token === null || token === '' ? undefined : ({ kind: 'token', secret: token } as const);
  return readAuthorization(headers.authorization) ?? inUrl;
}

function afterPatience(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
  });
}
