import { hash } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import { MAX_LEAD_ID, MAX_LIST_ID } from '../../core/lead.ts';
import type { Page } from '../../core/lead-store.ts';
import type { ParameterFault } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import type { IsAsRead } from '../../service/record-work.ts';
import { MAX_OFFSET, PAGE_DEFAULT, PAGE_LIMIT, readWhole } from './route.ts';
import { matchesTag, writeTagged } from './write-lead.ts';

/** What was read of a request, or what is wrong with it. */
type Read<Value> = Value | { readonly faults: readonly ParameterFault[] };

/** The greatest id of each kind that a path names. */
const GREATEST = { lead_id: MAX_LEAD_ID, list_id: MAX_LIST_ID, change_id: Number.MAX_SAFE_INTEGER } as const;
type IdName = keyof typeof GREATEST;

/** The ids in a request's path, by their names. */
export function readIds<Name extends IdName>(
  { params }: FastifyRequest,
  ...names: readonly Name[]
): Read<Readonly<Record<Name, number>>> {
  const sent = params as Readonly<Record<string, string>>;
  const faults: ParameterFault[] = [];
  const ids = names.map((name) => {
    const text = sent[name] ?? '';
    const id = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (!(id >= 1 && id <= GREATEST[name])) {
      faults.push({ field: name, reason: `must be a whole number from 1 to ${GREATEST[name]}` });
    }
    return [name, id] as const;
  });
  return faults.length > 0 ? { faults } : (Object.fromEntries(ids) as Record<Name, number>);
}

/**
 * The part of a page that `limit` and `offset` ask for; other parameters are refused.
 *
 * @param more what the address takes beside these
 */
export function readPage(request: FastifyRequest, ...more: readonly string[]): Read<{ readonly page: Page }> {
  const query = strictSearchParamsOf(request);
  const limit = readWhole(query, 'limit', { least: 1, most: PAGE_LIMIT, otherwise: PAGE_DEFAULT });
  const offset = readWhole(query, 'offset', { least: 0, most: MAX_OFFSET, otherwise: 0 });
  const faults = faultsOfOthers(query, [...more, 'limit', 'offset']);
  if (typeof limit === 'object') faults.push(limit);
  if (typeof offset === 'object') faults.push(offset);
  if (typeof limit === 'object' || typeof offset === 'object' || faults.length > 0) return { faults };
  return { page: { limit, offset } };
}

/** `?force`: the number may be that of another lead, too. */
export function readForce(request: FastifyRequest): Read<{ readonly allowShared: boolean }> {
  const query = strictSearchParamsOf(request);
  const faults = faultsOfOthers(query, ['force']);
  const sent = query.get('force');
  if (sent !== null && !/^(?:true|false|1|0|)$/.test(sent)) {
    faults.push({ field: 'force', reason: 'must be true or false, or without a value for true' });
  }
  if (faults.length > 0) return { faults };
  return { allowShared: sent !== null && sent !== 'false' && sent !== '0' };
}

/** For a route without parameters of its own. */
export function readNoQuery(request: FastifyRequest): Read<object> {
  const faults = faultsOfOthers(strictSearchParamsOf(request), []);
  return faults.length > 0 ? { faults } : {};
}

const LONGEST_NAME = 50;
const WORDS = new Intl.ListFormat('en');

/** What is misspelled would be ignored otherwise, and a change made that was not meant. */
function faultsOfOthers(query: URLSearchParams, known: readonly string[]): ParameterFault[] {
  const words = known.length === 0 ? 'takes none' : `takes ${WORDS.format(known)}`;
  return [...new Set(query.keys())]
    .filter((name) => !known.includes(name))
    .map((name) => ({
      field: name.slice(0, LONGEST_NAME),
      reason: `is no parameter of this address, which ${words}`,
    }));
}

/** ETags as they are sent, with commas between them. */
const TAGS = /^(?:\*|(?:W\/)?"[^"]*"(?: *, *(?:W\/)?"[^"]*")*)$/;

/** `If-Match`: whether the lead is as the caller has read it. */
export function readIfMatch(request: FastifyRequest): Read<{ readonly isAsRead: IsAsRead | undefined }> {
  const sent = request.headers['if-match']?.trim();
  if (sent === undefined) return { isAsRead: undefined };
  if (!TAGS.test(sent)) {
    return { faults: [{ field: 'If-Match', reason: 'must be the ETag of the lead with its quotes, or *' }] };
  }
  const numbering = domainContextOf(request).numbering();
  return { isAsRead: (current) => matchesTag(sent, writeTagged(current, numbering).tag) };
}

const LONGEST_KEY = 200;

/** `Idempotency-Key`, with a digest of what is to be done: body, address and `?force`. */
export function readIdempotency(
  request: FastifyRequest,
  ...others: readonly unknown[]
): Read<{ readonly idempotency: { readonly key: string; readonly digest: string } | undefined }> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return { idempotency: undefined };
  if (typeof key !== 'string' || !/^[!-~]+$/.test(key) || key.length > LONGEST_KEY) {
    const reason = `must be 1 to ${LONGEST_KEY} visible ASCII characters, such as a UUID`;
    return { faults: [{ field: 'Idempotency-Key', reason }] };
  }
  const asked = [request.method, request.routeOptions.url, request.params, request.body, ...others];
  return { idempotency: { key, digest: hash('sha256', JSON.stringify(asked), 'base64url') } };
}

/** All parts of a request together, or all that is wrong with them. */
export function readAll<Parts extends readonly object[]>(
  ...parts: Parts
): Read<Intersection<Exclude<Parts[number], { readonly faults: unknown }>>> {
  const faults = parts.flatMap((part) =>
    'faults' in part ? (part.faults as readonly ParameterFault[]) : [],
  );
  if (faults.length > 0) return { faults };
  return Object.assign({}, ...parts) as Intersection<Exclude<Parts[number], { readonly faults: unknown }>>;
}

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
