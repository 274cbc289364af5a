import type { RequestContext } from '../auth/principal.ts';
import type { AuditFound, SearchAudit } from '../core/audit-reader.ts';
import { COUNTED_MATCHES, MAX_LEAD_ID } from '../core/lead.ts';
import type { Country, NumberSettings } from '../core/phone.ts';
import type { ParameterFault } from '../core/problem.ts';
import { parseQuery, type QueryByPhone } from '../core/query.ts';
import type { LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { malformed } from './record-work.ts';
import { recordsOf, type ScopePort } from './search.ts';
import { refused, type Work } from './work.ts';

export interface AuditSearchRequest extends RequestContext {
  /** As somebody typed them; empty: not asked for. */
  readonly user: string;
  readonly lead: string;
  readonly phone: string;
  /** Days, such as `2027-03-01`, in UTC. */
  readonly from: string;
  readonly to: string;
  /** So many records, the newest. */
  readonly most: number;
}

export interface AuditOptions extends ScopePort, Pick<LeadPorts, 'leadsFor' | 'country' | 'numbers'> {
  readonly searchAudit: SearchAudit;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of years as records have them: others do not sort as texts do. */
const DAY = /^[12]\d{3}-\d\d-\d\d$/;
/** It reads files for some seconds. */
const COST = 5;

/** Who looked at whom, for admins who see every list. Looking into the audit is recorded in it. */
export function createAuditService(pipeline: Pipeline, options: AuditOptions) {
  const { leadsFor, country, numbers, scopeOf, searchAudit } = options;
  return {
    searchAudit: (request: AuditSearchRequest) =>
      pipeline.run<AuditFound>(request, { cost: COST }, async (principal): Promise<Work<AuditFound>> => {
        if ((await scopeOf(principal)) !== 'every list') return refused({ code: 'every_list_needed' });
        const asked = readAsked(request, country(), numbers);
        if ('fault' in asked) return refused(malformed(asked.fault));
        const { days, ids: named, query } = asked;
        const page =
          query &&
          (await leadsFor(principal).findAll(query.phone, 'every list', {
            offset: 0,
            limit: COUNTED_MATCHES,
          }));
        // Of a part of the leads it would look as if nobody had asked for the others.
        if (page !== undefined && (page.isCut === true || page.total > page.matches.length))
          return refused(malformed(TOO_MANY_LEADS));
        const having = page?.matches.map(({ leadId }) => leadId);
        const leads =
          request.lead === '' && having === undefined ? undefined : new Set([...named, ...(having ?? [])]);
        const subject = request.user === '' ? undefined : request.user;
        return {
          records: [
            ...(query && page ? recordsOf(query, page.matches) : []),
            { action: 'administered', act: { action: 'audit_read', subject, leadIds: named } },
          ],
          answer: { rows: [], older: 0, isCut: false },
          commit: () => searchAudit({ ...days, user: subject, leads, most: request.most }),
        };
      }),
  };
}

const TOO_MANY_LEADS: ParameterFault = {
  field: 'leads',
  reason: `cannot all be looked for: more than ${COUNTED_MATCHES} have the number, or more text than an answer may; name one by its id`,
};

type Fault = { readonly fault: ParameterFault };

/** What is looked for, or what is wrong with it. */
function readAsked(
  { lead, phone, from, to }: AuditSearchRequest,
  country: Country,
  numbers: NumberSettings,
): Fault | Asked {
  const days = readDays(from, to);
  if ('fault' in days) return days;
  const named = readLead(lead);
  if ('fault' in named) return named;
  const query = phone === '' ? undefined : parseQuery({ phoneNumber: phone }, country, numbers);
  if (query === undefined) return { days, ...named, query };
  return 'code' in query || query.by === 'lead_id'
    ? { fault: { field: 'phone', reason: 'is no telephone number' } }
    : { days, ...named, query };
}

interface Asked {
  readonly days: { readonly since: number; readonly until: number };
  readonly ids: readonly number[];
  readonly query: QueryByPhone | undefined;
}

function readDays(from: string, to: string): { readonly since: number; readonly until: number } | Fault {
  const [since, last] = [from, to].map((day) => (DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN));
  if (since === undefined || last === undefined || Number.isNaN(since) || Number.isNaN(last) || since > last)
    return { fault: { field: 'from', reason: 'must be a day that is not after the last one' } };
  return { since, until: last + DAY_MS };
}

function readLead(text: string): { readonly ids: readonly number[] } | Fault {
  if (text === '') return { ids: [] };
  const id = /^#?(\d{1,10})$/.exec(text)?.[1];
  return id !== undefined && Number(id) >= 1 && Number(id) <= MAX_LEAD_ID
    ? { ids: [Number(id)] }
    : { fault: { field: 'lead', reason: 'must be the id of a lead' } };
}
