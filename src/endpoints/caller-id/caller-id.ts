import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { LookupResult } from '../../core/lead-store.ts';
import type { Lead } from '../../core/lead.ts';
import { addDomainContext, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { noteProblem, type PrecomputedAnswer } from '../../http/problem-answer.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import { requestContextOf } from '../../http/request-context.ts';
import type { Credentials } from '../../auth/principal.ts';
import { readAuthorization } from '../v1/route.ts';

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
export function registerCallerId(server: FastifyInstance, domains: DomainResolver): void {
  void server.register((api, _options, done) => {
    addDomainContext(api, domains);
    api.setErrorHandler((error, request, reply) => {
      noteProblem(error, request);
      return say(reply, '');
    });
    for (const path of [CALLER_ID_PATH, `${CALLER_ID_PATH}/:token`]) api.get(path, answer);
    done();
  });
}

const SILENCE: PrecomputedAnswer = { status: 200, type: TEXT, body: '' };

/** What is said to a telephone for which nobody has time; undefined for all other targets. */
export function silenceFor(target: string): PrecomputedAnswer | undefined {
  return /^\/v1\/caller-id(?:[/?]|$)/.test(target) ? SILENCE : undefined;
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = searchParamsOf(request);
  const credentials = credentialsOf(request, query);
  if (credentials === undefined) return say(reply, '');
  const looking = domainContextOf(request).lookup({
    ...requestContextOf(request, 'caller-id', credentials),
    parameters: { phoneNumber: query.get('phone') ?? undefined },
  });
  const outcome = await Promise.race([looking, afterPatience()]);
  if (outcome === undefined || 'problem' in outcome) return say(reply, '');
  const { result } = outcome;
  return say(reply, query.get('format') === 'hash' ? callerHash(result) : callerName(result.lead));
}

function say(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).type(TEXT).send(text);
}

/** A header is better than a URL, and counts first. */
function credentialsOf({ headers, params }: FastifyRequest, query: URLSearchParams): Credentials | undefined {
  const { token = query.get('token') } = params as { readonly token?: string };
  const inUrl = token === null || token === '' ? undefined : ({ kind: 'token', secret: token } as const);
  return readAuthorization(headers.authorization) ?? inUrl;
}

function afterPatience(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
  });
}

/** What displays of telephones and their protocols take. */
const MAX_CHARACTERS = 80;

/**
 * The name that a telephone shows for a lead; empty when none is stored. Nothing but characters that are seen, and none that
 * would end a name in a SIP header, begin a tag on a switchboard's page, or be a variable, a command or a format to a switchboard:
 * FreeSWITCH runs `${system …}` in a caller's name wherever a dialplan uses it.
 */
export function callerName({ first_name, middle_initial, last_name }: Lead): string {
  return shown([first_name, middle_initial, last_name].filter((part) => part !== null).join(' '));
}

/**
 * `key=value&…` for Asterisk's `CURLOPT(hashcompat)`: percent-encoded, spaces as `%20`, which both of its modes read.
 * What is empty is left out.
 */
export function callerHash({ lead, isCustomer, foundBy }: LookupResult): string {
  const { lead_id, list_id, title, first_name, middle_initial, last_name, city, state, status } = lead;
  const variables = {
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
    matches: foundBy?.matches,
  };
  return Object.entries(variables)
    .map(([key, value]) => [key, shown(String(value ?? ''))] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}

function shown(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/[<>"\\${}`%]/g, '')
    .trim();
  return Array.from(visible).slice(0, MAX_CHARACTERS).join('').trim();
}
