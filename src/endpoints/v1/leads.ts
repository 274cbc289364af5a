import type { FastifyRequest } from 'fastify';

import { inBatches } from '../../core/clock.ts';
import type { LeadPage, Page, TextPage } from '../../core/lead-store.ts';
import { COUNTED_MATCHES } from '../../core/lead.ts';
import { isNoLead, type ParameterValue } from '../../core/query.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import type { LookupOutcome } from '../../service/work.ts';
import type { Numbering } from '../../service/services.ts';
import {
  contextOf,
  type Handler,
  namedHere,
  NOT_PHONE_NUMBER,
  refuse,
  refuseFaults,
  sendJson,
} from './route.ts';
import { problemBody, sendProblem } from './problem-answer.ts';
import { readNoQuery, readPage } from './read-request.ts';
import { matchesTag, writeLead, writeTagged } from './write-lead.ts';

/** `GET /v1/leads/{lead_id}` */
export const getLead: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  const others = readNoQuery(request);
  if ('faults' in others) return refuseFaults(request, reply, others);
  const { lead_id: sent } = request.params as { readonly lead_id: string };
  // In a path it cannot be left out.
  const leadId = isNoLead(sent) ? { fault: 'must not be zero' } : sent;
  const outcome = await domain.lookup({ ...contextOf(request), parameters: { leadId }, showsNumbers: true });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { body, tag } = writeTagged(outcome.result, domain.numbering());
  void reply.header('etag', tag);
  // It was looked up and audited all the same: that nothing changed is an answer, too.
  if (isSame(request, tag)) return reply.code(304).send();
  return sendJson(reply, body);
};

function isSame({ headers }: FastifyRequest, tag: string): boolean {
  const asked = headers['if-none-match'];
  return asked !== undefined && matchesTag(asked, tag);
}

/** `GET /v1/leads?phone=…` and `?q=…` */
export const findLeads: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  const query = strictSearchParamsOf(request);
  const context = contextOf(request);
  if (query.has('phone_number') && !query.has('phone')) {
    return refuse(request, reply, { code: 'parameter_malformed', faults: [NOT_PHONE_NUMBER] });
  }
  const read = readPage(request, 'phone', 'q');
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { page } = read;
  const [phone, text] = [readOne(query, 'phone'), readOne(query, 'q')];
  if (phone !== undefined && text !== undefined) {
    const faults = [{ field: 'q', reason: 'may not stand beside phone' }];
    return refuse(request, reply, { code: 'parameter_malformed', faults });
  }
  const asked = { ...context, page };
  const outcome = await (text === undefined
    ? domain.search({ ...asked, phone })
    : domain.searchText({ ...asked, text, field: 'q' }));
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  return sendJson(reply, await writePage(outcome.page, page, domain.numbering()));
};

/** A parameter that may come once. */
function readOne(query: URLSearchParams, name: string): ParameterValue | undefined {
  const [value, ...others] = query.getAll(name);
  return others.length === 0 ? value : { fault: 'must be one value' };
}

async function writePage(
  { total, matches, isIndexing = false }: LeadPage & Partial<TextPage>,
  { limit, offset }: Page,
  numbering: Numbering,
): Promise<string> {
  const leads = await inBatches(matches, (one) => writeLead(one, one.foundBy?.column, numbering));
  const counted = total > COUNTED_MATCHES ? `${COUNTED_MATCHES},"total_relation":"gte"` : String(total);
  const indexing = isIndexing ? ',"indexing":true' : '';
  return `{"total":${counted},"limit":${limit},"offset":${offset}${indexing},"leads":[${leads.join(',')}]}`;
}

/** `POST /v1/leads/lookup` */
export const lookupLeads: Handler = async (request, reply) => {
  const domain = domainContextOf(request);
  // Not at the start: the library of schemas would be a fifth of it.
  const { readItems } = await import('./schemas.ts');
  const others = readNoQuery(request);
  if ('faults' in others) return refuseFaults(request, reply, others);
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

/** The outcomes of many items as JSON. Reading the numbers of a thousand leads takes 20 to 100 ms, so others get their turns. */
export async function writeResults(
  outcomes: readonly LookupOutcome[],
  numbering: Numbering,
): Promise<string> {
  // What was asked for several times is one outcome.
  const written = new Map<LookupOutcome, string>();
  const results = await inBatches(outcomes, (outcome) => {
    const text = written.get(outcome) ?? writeResult(outcome, numbering);
    written.set(outcome, text);
    return text;
  });
  return `{"results":[${results.join(',')}]}`;
}

function writeResult(outcome: LookupOutcome, numbering: Numbering): string {
  return 'problem' in outcome
    ? `{"problem":${problemBody(namedHere(outcome.problem))}}`
    : `{"lead":${writeLead(outcome.result, outcome.phoneMatch, numbering)}}`;
}
