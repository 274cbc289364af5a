import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { LookupOutcome } from '../access/lookup.ts';
import { callerAddress } from '../http/caller-address.ts';
import { createCors, type Cors } from '../http/cors.ts';
import { addDesks, deskOf, type Desks } from '../http/desks.ts';
import { noteProblem } from '../http/http-problem.ts';
import type { ParameterValue } from '../lead/question.ts';
import { isLookupAction } from './actions.ts';
import {
  ACTION_MISSING,
  ACTION_UNKNOWN,
  answerFor,
  malformed,
  RESPONSETYPE_UNKNOWN,
  type GoapiAnswer,
} from './answers.ts';
import { addBodyParsers } from './body.ts';
import { formatOf, formatOfTarget, type Format } from './format.ts';
import { queryOf, readPairs, type Params } from './params.ts';
import { JSON_TYPE, writeCustomerJson, writeEnvelopeJson } from './write-json.ts';
import { writeCustomerXml, writeEnvelopeXml, XML_TYPE } from './write-xml.ts';

/** The documented address, and the one of the document's POST example. Both do the same. */
export const GOAPI_PATHS = ['/goAPIv2/goAgent/goAPI.php', '/goAPIv2/goReports/goAPI.php'] as const;

const METHODS = 'GET, POST';

/** The documented name, the document's own misspelling of it, and the ancestor's. */
const LEAD_ID_NAMES = ['lead_id', 'leed_id', 'goLeadID'] as const;

/** What a web page of a named origin may read beside the body. */
const EXPOSED_HEADERS = ['Callercard-Phone-Match', 'Callercard-Matches', 'Retry-After'] as const;

/** The door of the documented protocol: existing clients of goAPIv2's Get Customer Information. */
export function registerGoapi(server: FastifyInstance, desks: Desks): void {
  const cors = createCors(EXPOSED_HEADERS);
  void server.register((door, _options, done) => {
    addBodyParsers(door);
    addDesks(door, desks);
    door.addHook('onRequest', (request, reply, next) => {
      cors.allow(deskOf(request).corsOrigins, request, reply);
      if (request.method !== 'GET' && request.method !== 'POST') refuseMethod(request, reply, cors);
      else if (hasForbiddenCredentials(request)) refuseCredentials(request, reply);
      else next();
    });
    door.setErrorHandler((error, request, reply) => {
      send(reply, answerFor(noteProblem(error, request)), formatOfTarget(request.raw.url ?? ''), undefined);
    });
    for (const path of GOAPI_PATHS) door.all(path, handle);
    done();
  });
}

async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const params = mergeParams(
    readPairs(queryOf(request.raw.url ?? '')),
    request.body as Params | undefined | null,
  );
  const format = formatOf(params.get('responsetype'));
  if (format === undefined) return reply.type('text/plain; charset=utf-8').send(RESPONSETYPE_UNKNOWN);
  const action = params.get('goAction');
  if (action === undefined || action === '') return send(reply, ACTION_MISSING, format, undefined);
  if (typeof action !== 'string') {
    return send(reply, malformed([{ field: 'goAction', reason: action.fault }]), format, undefined);
  }
  if (!isLookupAction(action)) return send(reply, ACTION_UNKNOWN, format, action);
  const outcome = await deskOf(request).lookup({
    door: 'goapi',
    requestId: request.id,
    address: callerAddress(request),
    asker: { kind: 'user', name: textOf(params.get('goUser')), password: textOf(params.get('goPass')) },
    parameters: {
      leadId: firstGiven(params, LEAD_ID_NAMES),
      phoneNumber: params.get('phone_number'),
    },
  });
  return sendOutcome(reply, outcome, format, action);
}

function sendOutcome(
  reply: FastifyReply,
  outcome: LookupOutcome,
  format: Format,
  action: string,
): FastifyReply {
  if ('problem' in outcome) return send(reply, answerFor(outcome.problem), format, action);
  const { finding, phoneMatch } = outcome;
  if (phoneMatch !== undefined) void reply.header('callercard-phone-match', phoneMatch);
  if (finding.foundBy !== undefined) void reply.header('callercard-matches', String(finding.foundBy.matches));
  return format === 'json'
    ? reply.type(JSON_TYPE).send(writeCustomerJson(finding))
    : reply.type(XML_TYPE).send(writeCustomerXml(finding, action));
}

function send(
  reply: FastifyReply,
  answer: GoapiAnswer,
  format: Format,
  action: string | undefined,
): FastifyReply {
  void reply.code(answer.status);
  if (answer.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(answer.retryAfterSeconds));
  return format === 'json'
    ? reply.type(JSON_TYPE).send(writeEnvelopeJson(answer.envelope))
    : reply.type(XML_TYPE).send(writeEnvelopeXml(answer.envelope, action));
}

function refuseMethod(request: FastifyRequest, reply: FastifyReply, cors: Cors): void {
  const { corsOrigins } = deskOf(request);
  if (request.method === 'OPTIONS' && cors.answerPreflight(corsOrigins, request, reply, METHODS)) return;
  void reply.header('allow', METHODS);
  send(reply, answerFor({ code: 'method_not_allowed' }), formatOfTarget(request.raw.url ?? ''), undefined);
}

/**
 * Asked before the body is read and anything is counted, so that the wrong way fails also with the right password.
 *
 * @throws {ProblemError} the query cannot be read
 */
function hasForbiddenCredentials(request: FastifyRequest): boolean {
  if (deskOf(request).queryCredentials === 'allow') return false;
  const query = readPairs(queryOf(request.raw.url ?? ''));
  return query.has('goUser') || query.has('goPass');
}

function refuseCredentials(request: FastifyRequest, reply: FastifyReply): void {
  send(reply, answerFor({ code: 'credentials_in_url' }), formatOfTarget(request.raw.url ?? ''), undefined);
}

/** The query's values win over the body's. */
function mergeParams(query: Params, body: Params | undefined | null): Params {
  if (body === undefined || body === null) return query;
  return query.size === 0 ? body : new Map([...body, ...query]);
}

/** One text; a list or an object is as if nothing was sent. */
function textOf(value: ParameterValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function firstGiven(params: Params, names: readonly string[]): ParameterValue | undefined {
  for (const name of names) {
    const value = params.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
