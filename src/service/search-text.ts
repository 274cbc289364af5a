import type { Principal, RequestContext } from '../auth/principal.ts';
import type { LookupResult, Page } from '../core/lead-store.ts';
import type { ParameterValue } from '../core/query.ts';
import { parseTextQuery, type TextQuery } from '../core/text-query.ts';
import { costOfShared, type LeadPorts } from './lookup.ts';
import { refused, type Pipeline } from './pipeline.ts';
import { FIRST, type ScopePort } from './search.ts';
import type { LookupRecord } from './work.ts';

interface TextSearchRequest extends RequestContext {
  readonly text: ParameterValue;
  /** What the endpoint calls it, for faults. */
  readonly field: string;
  readonly page: Page;
}

/** Searches leads by words of their names, e-mail, companies and ids; nobody is an empty page. */
export function createSearchText(
  pipeline: Pipeline,
  { store, country, numbers, scopeOf }: LeadPorts & ScopePort,
) {
  async function find(principal: Principal, query: TextQuery, wanted: Page, address: string) {
    const { leads } = store();
    if (leads.searchText === undefined) return refused({ code: 'text_search_unavailable' }, query);
    const scope = await scopeOf(principal);
    const page = await leads.searchText(query, scope, wanted);
    pipeline.charge(principal, address, page.matches.length - 1 + costOfShared(page.total));
    // A page beyond the last one reveals, too, that there are some.
    const isBeyond = page.matches.length === 0 && page.total > 0;
    const { matches } = isBeyond ? await leads.searchText(query, scope, FIRST) : page;
    return { records: recordsOf(query, matches), answer: { page } };
  }

  return ({ text, field, page, ...context }: TextSearchRequest) => {
    const query = parseTextQuery(text, field, country(), numbers);
    // Of what cannot be searched for, too, only those hear to whom the API is open.
    return 'code' in query
      ? pipeline.run<never>(context, {}, () => Promise.resolve(refused(query)))
      : pipeline.run(context, { query }, (principal) => find(principal, query, page, context.address));
  };
}

/** One record for each lead that is shown, or one that nobody was found. */
function recordsOf(query: TextQuery, matches: readonly LookupResult[]): readonly LookupRecord[] {
  if (matches.length === 0) return [{ query, outcome: { problem: { code: 'lead_not_found', asked: '' } } }];
  return matches.map((result) => ({ query, outcome: { result, phoneMatch: undefined } }));
}
