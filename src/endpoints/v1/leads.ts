import { hash } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

import { inBatches } from '../../core/clock.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import { formsUnder, readingsOf, shownNumbers } from '../../core/lead-numbers.ts';
import { COUNTED_MATCHES, writeCustom } from '../../core/lead.ts';
import { type Country, phoneForms } from '../../core/phone.ts';
import { isNoLead } from '../../core/query.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import type { LookupOutcome, PhoneMatch } from '../../service/work.ts';
import type { Numbering } from '../../service/services.ts';
import type { LeadResource } from './schemas.ts';
import {
  contextOf,
  type Handler,
  MAX_OFFSET,
  namedHere,
  PAGE_DEFAULT,
  PAGE_LIMIT,
  readWhole,
  refuse,
  sendJson,
} from './route.ts';
import { problemBody, sendProblem } from './problem-answer.ts';

/** `GET /v1/leads/{lead_id}` */
export const getLead: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  const { lead_id: sent } = request.params as { readonly lead_id: string };
  // In a path it cannot be left out.
  const leadId = isNoLead(sent) ? { fault: 'must not be zero' } : sent;
  const outcome = await domain.lookup({ ...contextOf(request), parameters: { leadId }, showsNumbers: true });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const body = writeLead(outcome.result, outcome.phoneMatch, domain.numbering());
  const tag = `"${hash('sha256', body, 'base64url').slice(0, 32)}"`;
  void reply.header('etag', tag);
  // It was looked up and audited all the same: that nothing changed is an answer, too.
  if (isSame(request, tag)) return reply.code(304).send();
  return sendJson(reply, body);
};

function isSame({ headers }: FastifyRequest, tag: string): boolean {
  const asked = headers['if-none-match'];
  if (asked === undefined) return false;
  return asked.trim() === '*' || asked.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

/** `GET /v1/leads?phone=…` */
export const findLeads: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  const query = strictSearchParamsOf(request);
  const limit = readWhole(query, 'limit', { least: 1, most: PAGE_LIMIT, otherwise: PAGE_DEFAULT });
  const offset = readWhole(query, 'offset', { least: 0, most: MAX_OFFSET, otherwise: 0 });
  const context = contextOf(request);
  if (typeof limit === 'object' || typeof offset === 'object') {
    const faults = [limit, offset].filter((read) => typeof read === 'object');
    return refuse(request, reply, { code: 'parameter_malformed', faults });
  }
  const [phone, ...others] = query.getAll('phone');
  const sent = others.length === 0 ? phone : { fault: 'must be one value' };
  const outcome = await domain.search({ ...context, phone: sent, page: { limit, offset } });
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  const { total, matches } = outcome.page;
  const numbering = domain.numbering();
  const leads = await inBatches(matches, (one) => writeLead(one, one.foundBy?.column, numbering));
  const counted = total > COUNTED_MATCHES ? `${COUNTED_MATCHES},"total_relation":"gte"` : String(total);
  return sendJson(
    reply,
    `{"total":${counted},"limit":${limit},"offset":${offset},"leads":[${leads.join(',')}]}`,
  );
};

/** `POST /v1/leads/lookup` */
export const lookupLeads: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  // Not at the start: the library of schemas would be a fifth of it.
  const { readItems } = await import('./schemas.ts');
  const read = readItems(request.body);
  if ('code' in read) return refuse(request, reply, read);
  const items = read.items.map((item) => ({
    leadId: 'lead_id' in item ? String(item.lead_id) : undefined,
    phoneNumber: item.phone,
  }));
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const outcome = await domain.lookupMany({ ...contextOf(request), items, signal: gone.signal });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, await writeResults(outcome.outcomes, domain.numbering()));
};

/** `GET /v1/lists/{list_id}/fields` */
export const getListFields: Handler = async (request, reply) => {
  const { list_id: sent } = request.params as { readonly list_id: string };
  if (!/^\d{1,14}$/.test(sent)) {
    const reason = 'must be a whole number of 1 to 14 decimal digits';
    return refuse(request, reply, { code: 'parameter_malformed', faults: [{ field: 'list_id', reason }] });
  }
  const outcome = await domainContextOf(request).describeList({
    ...contextOf(request),
    listId: Number(sent),
  });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { listId, name, fields } = outcome.list;
  const shown = fields.map(({ label, caption, type }) => ({ label, caption, type }));
  return sendJson(reply, JSON.stringify({ list_id: listId, name, fields: shown }));
};

/** A lead as /v1 gives it, as JSON. */
export function writeLead(result: LookupResult, match: PhoneMatch, numbering: Numbering): string {
  const { lead, custom, isCustomer } = result;
  const documented = result.leadJson ?? JSON.stringify(lead);
  const formsAtHome = createHomeForms(numbering.country);
  const own = {
    is_customer: isCustomer,
    phones: phonesOf(result, numbering, formsAtHome),
    matched_by: match === undefined || match === 'none' ? null : match,
    ...numbersIn(result, numbering, formsAtHome),
  } satisfies Partial<LeadResource>;
  return `${documented.slice(0, -1)},"custom_info":${writeCustom(custom)},${JSON.stringify(own).slice(1)}`;
}

/** What a number that is one of the default country is written as. Each text is read once: that takes 20 to 100 us. */
function createHomeForms(country: Country): (text: string) => ReturnType<typeof phoneForms> {
  const known = new Map<string, ReturnType<typeof phoneForms>>();
  return (text) => {
    if (!known.has(text)) known.set(text, phoneForms(text, country));
    return known.get(text);
  };
}

/** As clients of 0.1 know them: what the default country reads in the fields. */
function phonesOf(
  { lead }: LookupResult,
  { columns }: Numbering,
  formsAtHome: ReturnType<typeof createHomeForms>,
): LeadResource['phones'] {
  return columns.flatMap((field) => {
    const forms = formsAtHome(lead[field] ?? '');
    return forms === undefined ? [] : [{ field, ...forms }];
  });
}

/** Every number of the lead, read under its own country. */
function numbersIn(
  result: LookupResult,
  { columns, country }: Numbering,
  formsAtHome: ReturnType<typeof createHomeForms>,
): Pick<LeadResource, 'numbers' | 'more_numbers'> {
  const { numbers, hasMore } = shownNumbers(result, columns);
  const written = numbers.map((one) => {
    const { field, label, number } = one;
    const readings = readingsOf(one, country);
    const forms = readings.length === 1 ? formsAtHome(number) : formsUnder(number, readings, country);
    const own = { label, number, e164: forms?.e164 ?? null, national: forms?.national ?? null };
    return field === undefined ? own : { field, ...own };
  });
  return { numbers: written, ...(hasMore ? { more_numbers: true } : {}) };
}

/** The outcomes of many items as JSON. Reading the numbers of a thousand leads takes 20 to 100 ms, so others get their turns. */
export async function writeResults(
  outcomes: readonly LookupOutcome[],
  numbering: Numbering,
): Promise<string> {
  const results = await inBatches(outcomes, (outcome) => writeResult(outcome, numbering));
  return `{"results":[${results.join(',')}]}`;
}

function writeResult(outcome: LookupOutcome, numbering: Numbering): string {
  return 'problem' in outcome
    ? `{"problem":${problemBody(namedHere(outcome.problem))}}`
    : `{"lead":${writeLead(outcome.result, outcome.phoneMatch, numbering)}}`;
}
