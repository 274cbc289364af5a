import { isUtf8 } from 'node:buffer';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { type ParameterFault, type Problem, ProblemError } from '../../core/problem.ts';
import type { Right } from '../../core/rights.ts';
import { type Cors, createCors } from '../../http/cors.ts';
import { registerEndpoint, domainContextOf } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';
import { noteProblem } from '../../http/problem-answer.ts';
import {
  addBinaryBody,
  addFormBody,
  addJsonBody,
  addMergePatchBody,
  ignoreBody,
} from '../../http/query-params.ts';
import { isCrossOrigin, requestContextOf } from '../../http/request-context.ts';
import type { Credentials, RequestContext } from '../../auth/principal.ts';
import { sendProblem } from './problem-answer.ts';

/** The most items of one request. */
export const MAX_ITEMS = 1_000;
/** An item of two fields has five marks; a list of a few too many still gets its own words. */
const JSON_SHAPE = { depth: 20, marks: 8 * MAX_ITEMS };
export const PAGE_LIMIT = 100;
export const PAGE_DEFAULT = 25;
/** Beyond it nobody reads, and each page costs more. */
export const MAX_OFFSET = 10_000;

/** Answers a request of somebody who has sent credentials, good or not. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export interface Route {
  /** Where there is GET, HEAD is answered alike. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the server library writes it: `/v1/leads/:lead_id`. */
  readonly url: string;
  /** What a caller needs. */
  readonly right: Right;
  readonly answer: Handler;
  /** Undefined: that of every route. */
  readonly bodyLimit?: number;
  /** Undefined: JSON. `form`: forms as well; `patch`: JSON Merge Patch (RFC 7396) as well; `none`: whatever is sent is ignored; `bytes`: nothing but `application/octet-stream`, of callers who may. */
  readonly takes?: 'form' | 'patch' | 'none' | 'bytes';
}

/** What a web page of a named origin may read and send beside the usual. */
const EXPOSED_HEADERS = [
  'ETag',
  'Location',
  'Change-Id',
  'Idempotent-Replayed',
  'Retry-After',
  'RateLimit',
  'WWW-Authenticate',
] as const;
const ALLOWED_HEADERS = ['Authorization', 'Content-Type', 'If-None-Match', 'If-Match', 'Idempotency-Key'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route of /v1. */
    readonly right?: Right;
  }
}

/** Our own JSON API, for new programs. */
export function registerApi(
  server: FastifyInstance,
  domains: DomainResolver,
  routes: readonly Route[],
): void {
  const cors = createCors(EXPOSED_HEADERS, ALLOWED_HEADERS);
  const methods = methodsByUrl(routes);
  registerEndpoint(server, domains, (api) => {
    addJsonBody(api, JSON_SHAPE);
    api.addHook('onRequest', (request, reply, next) => {
      const allowed = methods.get(request.routeOptions.url ?? '') ?? ['GET'];
      void reply.headers(cors.headers(domainContextOf(request).corsOrigins, request.headers));
      if (!allowed.includes(request.method)) refuseMethod(request, reply, cors, allowed.join(', '));
      else if (isCrossOrigin(request, request.host, domainContextOf(request).corsOrigins)) {
        cors.noteRefused(request.headers, request.log);
        sendProblem(reply.header('connection', 'close'), { code: 'cross_origin' });
      }
      // Asked before a body is read: without credentials, the answer says which to send.
      else if (readAuthorization(request.headers.authorization) === undefined)
        sendProblem(reply, { code: 'credentials_invalid' });
      else next();
    });
    api.setErrorHandler((error, request, reply) => sendProblem(reply, noteProblem(error, request)));
    for (const route of routes) addRoute(api, route);
    for (const [url, allowed] of methods) {
      const method = api.supportedMethods.filter((one) => !allowed.includes(one));
      // The hook has answered.
      api.route({ method, url, handler: (_request, reply) => reply });
    }
  });
}

/** Each with its own kinds of bodies. */
function addRoute(api: FastifyInstance, { method, url, right, answer, bodyLimit, takes }: Route): void {
  void api.register((part, _options, done) => {
    if (takes === 'form') addFormBody(part);
    if (takes === 'patch') addMergePatchBody(part, JSON_SHAPE);
    if (takes === 'none') ignoreBody(part);
    if (takes === 'bytes') {
      addBinaryBody(part);
      part.addHook('preParsing', refuseEarly);
    }
    const limited = bodyLimit === undefined ? {} : { bodyLimit };
    part.route({ method: withHead(method), url, config: { right }, ...limited, handler: answer });
    done();
  });
}

/** A large body is read of those alone who may send it. */
async function refuseEarly(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const caller = await domainContextOf(request).identify(contextOf(request), 0);
  // Whoever sends it on hears it before the end.
  if ('problem' in caller) sendProblem(reply.header('connection', 'close'), caller.problem);
}

function withHead(method: Route['method']): string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

function methodsByUrl(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const { url, method } of routes) methods.set(url, [...(methods.get(url) ?? []), ...withHead(method)]);
  return methods;
}

function refuseMethod(request: FastifyRequest, reply: FastifyReply, cors: Cors, allowed: string): void {
  const preflight = cors.preflightHeaders(domainContextOf(request).corsOrigins, request, allowed);
  if (preflight !== undefined) {
    void reply.code(204).headers(preflight).send();
    return;
  }
  if (request.method === 'OPTIONS') cors.noteRefused(request.headers, request.log);
  sendProblem(reply.header('allow', allowed), { code: 'method_not_allowed' });
}

/** @throws {ProblemError} there are no credentials */
export function contextOf(request: FastifyRequest): RequestContext {
  const credentials = readAuthorization(request.headers.authorization);
  if (credentials === undefined) throw new ProblemError({ code: 'credentials_invalid' });
  const { right } = request.routeOptions.config;
  if (right === undefined) throw new Error('a route that says no right');
  return requestContextOf(request, { endpoint: 'v1', right }, credentials);
}

/** Answers with a problem of the request, but only to those who have credentials. */
export async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
): Promise<FastifyReply> {
  const caller = await domainContextOf(request).identify(contextOf(request));
  return sendProblem(reply, 'problem' in caller ? caller.problem : problem);
}

/** The most faults that an answer names; a body may have thousands. */
const MOST_FAULTS = 20;

/** The same for all that is wrong with its parameters. */
export function refuseFaults(
  request: FastifyRequest,
  reply: FastifyReply,
  { faults }: { readonly faults: readonly ParameterFault[] },
): Promise<FastifyReply> {
  return refuse(request, reply, { code: 'parameter_malformed', faults: faults.slice(0, MOST_FAULTS) });
}

export function sendJson(reply: FastifyReply, body: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(body);
}

/**
 * Who asks, by the Authorization header: HTTP Basic with a user of the API, or a token as Bearer.
 *
 * @returns undefined: there is none, or none that can be read
 */
export function readAuthorization(header: string | undefined): Credentials | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header ?? '') ?? [];
  if (/^bearer$/i.test(scheme)) return { kind: 'token', secret: value };
  const pair = /^basic$/i.test(scheme) ? decode(value) : undefined;
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === undefined || colon < 0) return undefined;
  return { kind: 'user', name: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** UTF-8 in base64; what is neither is nothing. */
function decode(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? bytes.toString() : undefined;
}

/** The documented protocol calls it `phone_number`; here it is `phone`. */
export function namedHere(problem: Problem): Problem {
  return problem.code === 'parameter_malformed'
    ? { ...problem, faults: problem.faults.map(faultNamedHere) }
    : problem;
}

export function faultNamedHere({ field, reason }: ParameterFault): ParameterFault {
  return { field: field === 'phone_number' ? 'phone' : field, reason };
}

/** Who has called the documented protocol before sends its name. */
export const NOT_PHONE_NUMBER: ParameterFault = {
  field: 'phone_number',
  reason: 'is unknown here; did you mean phone?',
};

/** A query parameter that must be a whole number within bounds. */
export function readWhole(
  query: URLSearchParams,
  field: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number | ParameterFault {
  const [text, ...others] = query.getAll(field);
  if (text === undefined) return otherwise;
  const number = others.length === 0 && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  return { field, reason: `must be a whole number from ${least} to ${most}` };
}
