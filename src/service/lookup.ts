import type { Principal, RequestContext } from '../auth/principal.ts';
import type { MasksOf } from '../core/lead.ts';
import type { LeadPage, LeadStore, LookupResult } from '../core/lead-store.ts';
import { isBlockOf, isSameNumber, numbersOf } from '../core/lead-numbers.ts';
import { maskLead } from '../core/masks.ts';
import type { Country, NumberSettings, PhoneNumber } from '../core/phone.ts';
import { parseQuery, type LookupQuery, type QueryParameters } from '../core/query.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import type { Pipeline } from './pipeline.ts';
import { type LookupOutcome, type PhoneMatch, refused } from './work.ts';

export type Lookup = ReturnType<typeof createLookup>;

interface LookupRequest extends RequestContext {
  readonly parameters: QueryParameters;
  /** The lead's further numbers are shown, too. */
  readonly showsNumbers?: boolean;
}

/** What the services read leads by. */
export interface LeadPorts {
  /**
   * The leads of the store that is open now, as somebody sees them: nothing else of a store reaches an answer.
   *
   * @throws {StoreFailure} the store cannot be opened
   */
  readonly leadsFor: (principal: Principal) => LeadStore;
  /** The country under which numbers are compared, also while the store cannot be opened. */
  readonly country: () => Country;
  readonly numbers: NumberSettings;
}

/** Some fields are masked for everybody who may not change leads. */
export function seesAll({ rights }: Pick<Principal, 'rights'>): boolean {
  return (rights & RIGHT_BIT.edit) !== 0;
}

/**
 * Leads as somebody sees them: users without the right `edit` see some fields masked. Where nothing is masked it is the
 * store's own results that they get.
 *
 * @param masks by the setting `maskedFields`
 */
export function createLeadView(
  store: () => Pick<Store, 'leads' | 'replicatedLeads'>,
  masks: MasksOf,
  numbers: NumberSettings,
): LeadPorts['leadsFor'] {
  const views = new WeakMap<LeadStore, LeadStore>();
  return (principal) => {
    const leads = leadsOf(store(), principal);
    if (seesAll(principal)) return leads;
    const view = views.get(leads) ?? maskedLeads(leads, masks, numbers);
    views.set(leads, view);
    return view;
  };
}

/** People at a page see at once what they and others have changed: answers of other servers may be older. */
function leadsOf(
  { leads, replicatedLeads }: Pick<Store, 'leads' | 'replicatedLeads'>,
  { user, accountId, isSession }: Principal,
): LeadStore {
  const isProgram = accountId !== undefined && isSession !== true;
  return isProgram && replicatedLeads !== undefined ? replicatedLeads(user) : leads;
}

function maskedLeads(leads: LeadStore, masks: MasksOf, numbers: NumberSettings): LeadStore {
  function shown(found: LookupResult, phone?: PhoneNumber): LookupResult {
    const fields = fieldsMaskedIn(found, masks);
    if (fields === undefined) return found;
    // Afterwards nobody can.
    const comparedAs = found.foundBy === undefined ? comparePhone(phone, found, leads, numbers) : undefined;
    return { ...maskLead(found, fields), ...(comparedAs !== undefined && { comparedAs }) };
  }
  const shownPage = <Found extends Pick<LeadPage, 'matches'>>(page: Found): Found => ({
    ...page,
    matches: page.matches.map((found) => shown(found)),
  });
  const { country, phoneColumns, readsTogether, searchText, lookThrough } = leads;
  return {
    country,
    phoneColumns,
    ...(readsTogether !== undefined && { readsTogether }),
    async find(query, viewer, wanted) {
      const found = await leads.find(query, viewer, wanted);
      return found && shown(found, query.phone);
    },
    findAll: async (phone, scope, page) => shownPage(await leads.findAll(phone, scope, page)),
    searchText:
      searchText &&
      (async (query, scope, page, _masks, filter) =>
        shownPage(await searchText(query, scope, page, masks, filter))),
    lookThrough:
      lookThrough && (async (filter, scope, part) => shownPage(await lookThrough(filter, scope, part))),
    describeList: (listId) => leads.describeList(listId),
    // Who reads these has the lead, and by it what of them is masked (lead-details.ts).
    readDetails: (leadId) => leads.readDetails(leadId),
    ...(leads.readCallLogs !== undefined && { readCallLogs: leads.readCallLogs }),
    ...(leads.readHistory !== undefined && { readHistory: leads.readHistory }),
  };
}

/** @returns the fields of a lead that are masked, by its list's settings and the domain's; undefined: none is */
export function fieldsMaskedIn(found: LookupResult, masks: MasksOf): ReadonlySet<string> | undefined {
  const own = found.masks ?? [];
  // Before the lead is read from its text.
  if (own.length === 0 && masks === NO_MASKS) return undefined;
  const fields = new Set([...own, ...masks(found.lead.list_id)]);
  return fields.size === 0 ? undefined : fields;
}

export const NO_MASKS: MasksOf = () => [];

/** Finds one lead, by its id or by a number. */
export function createLookup(pipeline: Pipeline, { leadsFor, country, numbers }: LeadPorts) {
  return (request: LookupRequest): Promise<LookupOutcome> => {
    const { parameters, address, showsNumbers = false } = request;
    const query = parseQuery(parameters, country(), numbers);
    // Only callers to whom the API is open hear what is wrong with a query.
    if ('code' in query) return pipeline.run(request, {}, () => Promise.resolve(refused(query)));
    return pipeline.run(request, { query, readsLead: true }, async (principal) => {
      const leads = leadsFor(principal);
      const result = await leads.find(query, principal.viewer, { further: showsNumbers });
      pipeline.charge(principal, address, costOfShared(result?.foundBy?.matches));
      const outcome = outcomeOf(query, result, leads, numbers);
      return { records: [{ query, outcome }], answer: outcome };
    });
  };
}

/** How many lookups more it is to find the winner of a number: for each hundred leads that share it, one. */
export function costOfShared(matches = 1): number {
  return Math.floor(matches / 100);
}

export function outcomeOf(
  query: LookupQuery,
  result: LookupResult | undefined,
  store: Pick<LeadStore, 'country' | 'phoneColumns'>,
  numbers: NumberSettings,
): LookupOutcome {
  if (result !== undefined) {
    return {
      result,
      phoneMatch:
        result.foundBy?.column ?? result.comparedAs ?? comparePhone(query.phone, result, store, numbers),
    };
  }
  return {
    problem:
      query.by === 'lead_id'
        ? { code: 'lead_not_found', asked: query.asSent }
        : { code: 'phone_not_found', asked: query.phone.asSent },
  };
}

/** Which of the lead's own numbers the sent one is. */
function comparePhone(
  phone: PhoneNumber | undefined,
  result: LookupResult,
  { country, phoneColumns }: Pick<LeadStore, 'country' | 'phoneColumns'>,
  numbers: NumberSettings,
): PhoneMatch {
  if (phone === undefined) return undefined;
  // Not before: a lead's fields may have to be read first.
  const stored = numbersOf(result, phoneColumns);
  const same = stored.find((one) => isSameNumber(one, phone, country, numbers));
  if (same !== undefined) return same.field ?? 'further';
  const hasBlock = numbers.numberBlocks === true && stored.some((one) => isBlockOf(one, phone, country));
  return hasBlock ? 'block' : 'none';
}
