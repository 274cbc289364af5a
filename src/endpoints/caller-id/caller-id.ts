import { setTimeout } from 'node:timers/promises';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { LookupResult } from '../../core/lead-store.ts';
import { writeMatches, type Lead } from '../../core/lead.ts';
import { registerEndpoint, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { type EarlyAnswers, noteProblem, type PrecomputedAnswer } from '../../http/problem-answer.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { isCrossOrigin, requestContextOf } from '../../http/request-context.ts';
import type { Credentials } from '../../auth/principal.ts';
import { readAuthorization } from '../v1/route.ts';

const TEXT = 'text/plain; charset=utf-8';
/** FreeSWITCH gives up after 2 s and holds the call until then; the network takes some of that. */
const TIMEOUT_MS = 1_200;

/**
 * `GET /v1/caller-id?phone=…`: the caller's name and nothing else, or nothing. The token may be in the path or the query here
 * alone: most telephones can send no header. They show any body as the name and ignore the status; so every failure is an
 * empty answer, and its reason is in the log.
 */
export function registerCallerId(server: FastifyInstance, domains: DomainResolver): void {
  registerEndpoint(server, domains, (app) => {
    app.setErrorHandler((error, request, reply) => {
      noteProblem(error, request);
      return send(reply, '');
    });
    for (const path of ['/v1/caller-id', '/v1/caller-id/:token']) app.get(path, answer);
  });
}

const EMPTY: PrecomputedAnswer = { status: 200, type: TEXT, body: '' };

export const CALLER_ID_EARLY: EarlyAnswers = {
  targets: /^\/v1\/caller-id(?:[/?]|$)/,
  overload: EMPTY,
  undecodable: EMPTY,
};

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const credentials = credentialsOf(request, query);
  const domain = domainContextOf(request);
  if (credentials === undefined || isCrossOrigin(request, request.host, domain.corsOrigins)) {
    return send(reply, '');
  }
  const lookup = domain.lookup({
    ...requestContextOf(request, { endpoint: 'caller-id', right: 'caller-id' }, credentials),
    parameters: { phoneNumber: query.get('phone') ?? undefined },
  });
  const outcome = await Promise.race([lookup, setTimeout(TIMEOUT_MS, undefined, { ref: false })]);
  if (outcome === undefined || 'problem' in outcome) return send(reply, '');
  const { result } = outcome;
  return send(reply, query.get('format') === 'hash' ? callerHash(result) : callerName(result.lead));
}

function send(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).type(TEXT).send(text);
}

/** The Authorization header takes precedence over the URL. */
function credentialsOf({ headers, params }: FastifyRequest, query: URLSearchParams): Credentials | undefined {
  const { token = query.get('token') } = params as { readonly token?: string };
  const inUrl =
    token === null || token === '' ? undefined : ({ kind: 'token', secret: token, inUrl: true } as const);
  return readAuthorization(headers.authorization) ?? inUrl;
}

/** What displays of telephones and their protocols take. */
const MAX_CHARACTERS = 80;

/** The name that a telephone shows for a lead; empty when none is stored. */
export function callerName({ first_name, middle_initial, last_name }: Lead): string {
  return shown([first_name, middle_initial, last_name].filter((part) => part !== null).join(' '));
}

/** `key=value&…` for Asterisk's `CURLOPT(hashcompat)`: spaces as `%20`, which both of its modes read; no empty values. */
export function callerHash({ lead, isCustomer, foundBy }: LookupResult): string {
  const { lead_id, list_id, title, first_name, middle_initial, last_name, city, state, status } = lead;
  const fields = {
    name: callerName(lead),
    lead_id,
    list_id,
    title,
    first_name,
    middle_initial,
    last_name,
    city,
    state,
    status,
    is_customer: isCustomer ? 1 : 0,
    matched: foundBy?.column,
    matches: foundBy && writeMatches(foundBy.matches),
  };
  return Object.entries(fields)
    .map(([key, value]) => [key, shown(String(value ?? ''))] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}

/**
 * Only visible characters, and none that would end a name in a SIP header, begin a tag on a switchboard's page, or be a
 * variable, a command or a format to a switchboard: FreeSWITCH runs `${system …}` in a caller's name.
 */
function shown(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/[<>"\\${}`%]/g, '')
    .trim();
  return Array.from(visible).slice(0, MAX_CHARACTERS).join('').trim();
}
