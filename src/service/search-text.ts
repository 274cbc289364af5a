import type { Principal, RequestContext } from '../auth/principal.ts';
import type { LeadFilter, LookupResult, Page, TextPage } from '../core/lead-store.ts';
import type { MasksOf } from '../core/lead.ts';
import type { ParameterValue } from '../core/query.ts';
import { parseTextQuery, type TextQuery } from '../core/text-query.ts';
import { TOO_LARGE } from './answer-budget.ts';
import { type ListNames, listNames } from './list-names.ts';
import { costOfShared, type LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { showing } from './showing-lists.ts';
import type { RecordPorts } from './record-work.ts';
import { FIRST, within } from './search.ts';
import { type LookupRecord, refused, type Work } from './work.ts';

interface TextSearchRequest extends RequestContext {
  readonly text: ParameterValue;
  /** What the endpoint calls it, for faults. */
  readonly field: string;
  readonly page: Page;
  /** The names of the leads' lists are wanted, too. */
  readonly withLists?: boolean | undefined;
  /** Of the lists that the caller may see, these alone. */
  readonly lists?: readonly number[] | undefined;
  readonly filter?: LeadFilter | undefined;
}

/** What is wanted of those that are found. */
type Wanted = Pick<TextSearchRequest, 'page' | 'address' | 'withLists' | 'lists' | 'filter'>;

interface FoundByText {
  readonly page: TextPage;
  readonly lists: ListNames;
}

/** Searches leads by words of their names, e-mail, companies and ids; nobody is an empty page. */
export function createSearchText(
  pipeline: Pipeline,
  ports: LeadPorts & RecordPorts & { readonly masks: MasksOf },
) {
  const { leadsFor, country, numbers, scopeOf } = ports;
  async function find(
    principal: Principal,
    query: TextQuery,
    { page: wanted, address, withLists = false, lists: chosen, filter }: Wanted,
  ): Promise<Work<FoundByText>> {
    const leads = leadsFor(principal);
    if (leads.searchText === undefined) return refused({ code: 'text_search_unavailable' }, query);
    const seen = within(await scopeOf(principal), chosen);
    const scope = filter?.status === undefined ? seen : await showing('status', principal, seen, ports);
    const page = await leads.searchText(query, scope, wanted, undefined, filter);
    pipeline.charge(principal, address, page.matches.length - 1 + costOfShared(page.total));
    if (page.isCut === true) return refused(TOO_LARGE, query);
    // A page beyond the last one reveals, too, that there are some.
    const isBeyond = page.matches.length === 0 && page.total > 0;
    const { matches } = isBeyond ? await leads.searchText(query, scope, FIRST, undefined, filter) : page;
    const lists: ListNames = withLists ? await listNames(leads, page.matches) : new Map();
    return { records: recordsOf(query, matches), answer: { page, lists } };
  }

  return ({ text, field, page, withLists, lists, filter, ...context }: TextSearchRequest) => {
    const query = parseTextQuery(text, field, country(), numbers);
    // Of what cannot be searched for, too, only those hear to whom the API is open.
    return 'code' in query
      ? pipeline.run<never>(context, {}, () => Promise.resolve(refused(query)))
      : pipeline.run(context, { query }, (principal) =>
          find(principal, query, { page, withLists, lists, filter, address: context.address }),
        );
  };
}

/** One record for each lead that is shown, or one that nobody was found. */
function recordsOf(query: TextQuery, matches: readonly LookupResult[]): readonly LookupRecord[] {
  if (matches.length === 0) return [{ query, outcome: { problem: { code: 'lead_not_found', asked: '' } } }];
  return matches.map((result) => ({ query, outcome: { result, phoneMatch: undefined } }));
}
