import { charactersOf, createAnswerSize } from '../../core/answer-size.ts';
import type { LeadDetails } from '../../core/lead-details.ts';
import {
  countedPart,
  type LeadPage,
  type LeadStore,
  type ListDescription,
  type LookupResult,
  type Page,
  type Viewer,
} from '../../core/lead-store.ts';
import { COUNTED_MATCHES, countedMatches, type ListScope, PHONE_COLUMNS } from '../../core/lead.ts';
import { blockKeysOf } from '../../core/phone-blocks.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { LookupQuery } from '../../core/query.ts';
import { withStoreFailure } from '../network/pool.ts';
import { keyOfBlock } from '../number-keys.ts';
import { type Candidate, type LeadResult, listsSeenBy, matchOf, ranked } from '../rows.ts';
import type { PostgresqlSnapshot } from './accounts.ts';
import type { Database } from './database.ts';
import { readFieldSettings } from './list-settings.ts';
import { lookThrough } from './look-through.ts';
import type { createLookups, FirstFound, Found } from './lookups.ts';
import { arrayOf, FOUND_COLUMNS, FOUND_LEADS, foundLead, listsOf } from './rows.ts';
import { createNumberReads } from './shared-numbers.ts';
import { createTextSearch } from './text-search.ts';

/** So many leads of a page are read together, before it is known how large they are. */
const LEADS_AT_ONCE = 100;

/** Leads by their ids; binds these and the lists. */
export const SELECT_LEADS = `SELECT ${FOUND_COLUMNS.join(', ')} FROM ${FOUND_LEADS}
  WHERE leads.lead_id = ANY ($1::bigint[]) AND ($2::bigint[] IS NULL OR leads.list_id = ANY ($2::bigint[]))`;

/** What is kept of a lead beside what a lookup gives. */
export const SELECT_DETAILS = 'SELECT modify_date, last_local_call_time FROM leads WHERE lead_id = $1';

/** What a domain's settings say about numbers. */
export interface NumberSettings {
  readonly address3IsPhone: boolean;
  readonly numberBlocks?: boolean;
}

type Lookups = ReturnType<typeof createLookups>;
type LeadReads = Pick<Database, 'read' | 'country'>;

/** Lookups and searches by number. Each statement reads by an index. */
export function createLeadStore(database: LeadReads, lookups: Lookups, settings: NumberSettings): LeadStore {
  const { country, read } = database;
  const numbers = createNumberReads(read, settings.address3IsPhone);
  const complete = createComplete(database, lookups, numbers, settings);
  const findAll = createFindAll(database, numbers, settings);
  const readPageOf = (leadIds: readonly number[], scope: ListScope) =>
    readPage(
      leadIds.map((leadId) => ({ leadId })),
      (ids) => readLeads(database, ids, scope),
    );
  const searchText = createTextSearch({
    read,
    readPage: readPageOf,
    leadsWithNumber: (phone, scope) => leadsWithNumber(numbers, phone, scope),
  });

  async function find(query: LookupQuery, viewer: Viewer): Promise<LookupResult | undefined> {
    const scope = listsSeenBy(viewer);
    const prefetched =
      viewer !== 'every list' && 'identity' in viewer ? (viewer as PostgresqlSnapshot).prefetched : undefined;
    const found = prefetched?.query === query ? prefetched.found : await lookups.find({ query, scope });
    return complete(found, query, scope);
  }

  return {
    country,
    readsTogether: true,
    phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || settings.address3IsPhone),
    find: (query, viewer) => withStoreFailure(() => find(query, viewer)),
    findAll: (phone, scope, page) => withStoreFailure(() => findAll(phone, scope, page)),
    searchText: (...asked) => withStoreFailure(() => searchText(...asked)),
    lookThrough: (...asked) => withStoreFailure(() => lookThrough({ read, readPage: readPageOf }, ...asked)),
    describeList: (listId) => withStoreFailure(() => describeList(database, listId)),
    readDetails: (leadId) => withStoreFailure(() => readDetails(database, leadId)),
  };
}

/** Leads by their ids, as far as they may be seen. */
async function readLeads(
  { read }: Pick<Database, 'read'>,
  leadIds: readonly number[],
  scope: ListScope,
): Promise<ReadonlyMap<number, LeadResult>> {
  const rows = leadIds.length === 0 ? [] : await read(SELECT_LEADS, [arrayOf(leadIds), listsOf(scope)]);
  const leads = rows.flatMap((row) => foundLead(row, 0) ?? []);
  return new Map(leads.map((lead) => [lead.leadId, lead]));
}

type NumberReads = ReturnType<typeof createNumberReads>;

/** Makes of what the first statement has found what only further ones can: a number that very many leads share, or a block. */
function createComplete(
  database: LeadReads,
  lookups: Lookups,
  numbers: NumberReads,
  { numberBlocks = false }: NumberSettings,
) {
  async function findShared(phone: PhoneNumber, scope: ListScope): Promise<LookupResult | undefined> {
    const [winner, matches] = (await numbers.winner(phone, scope)) ?? [];
    if (winner === undefined || matches === undefined) return undefined;
    const lead = (await readLeads(database, [winner.leadId], scope)).get(winner.leadId);
    if (lead !== undefined) lead.foundBy = { column: matchOf(winner), matches };
    return lead;
  }

  /** The longest block that the number belongs to. All are asked for together. */
  async function findByBlock(phone: PhoneNumber, scope: ListScope): Promise<LookupResult | undefined> {
    if (!numberBlocks) return undefined;
    const blocks = blockKeysOf(phone).map((prefix) => ({ ...phone, key: keyOfBlock(prefix) }));
    const found = await Promise.all(
      blocks.map((block) => lookups.find({ query: { by: 'phone_number', phone: block }, scope })),
    );
    const at = found.findIndex((one) => one !== undefined);
    const [first, block] = [found[at], blocks[at]];
    if (first !== 'shared') return first;
    return block && findShared(block, scope);
  }

  return async (
    found: Found | FirstFound,
    query: LookupQuery,
    scope: ListScope,
  ): Promise<LookupResult | undefined> => {
    if (query.by === 'lead_id') return typeof found === 'string' ? undefined : found;
    const one = found === 'several' ? await lookups.find({ query, scope }) : found;
    if (one === undefined) return findByBlock(query.phone, scope);
    return one === 'shared' ? findShared(query.phone, scope) : one;
  };
}

/** Every lead with a number, in pages. */
function createFindAll(database: LeadReads, numbers: NumberReads, { numberBlocks = false }: NumberSettings) {
  /** Behind the leads with the number those with a block that it belongs to, the longest first, each lead once. */
  async function withBlocks(
    exact: readonly Candidate[],
    phone: PhoneNumber,
    scope: ListScope,
  ): Promise<readonly Candidate[]> {
    const keys = blockKeysOf(phone).map(keyOfBlock);
    const blocks = await Promise.all(
      keys.map(async (key) => (await numbers.candidates({ ...phone, key }, scope, COUNTED_MATCHES)) ?? []),
    );
    const found = new Map(exact.map((candidate) => [candidate.leadId, candidate]));
    for (const candidate of blocks.flatMap(ranked)) {
      if (!found.has(candidate.leadId)) found.set(candidate.leadId, candidate);
    }
    return [...found.values()];
  }

  return async (phone: PhoneNumber, scope: ListScope, wanted: Page): Promise<LeadPage> => {
    const page = countedPart(wanted);
    const end = page.offset + page.limit;
    const rows = await numbers.candidates(phone, scope, COUNTED_MATCHES);
    const exact = rows && ranked(rows);
    const few = numberBlocks && exact !== undefined ? await withBlocks(exact, phone, scope) : exact;
    const total = countedMatches(few?.length ?? COUNTED_MATCHES + 1);
    const found = few ?? (await numbers.first(phone, scope, end));
    const wantedLeads = found.slice(page.offset, end).map((candidate) => ({
      leadId: candidate.leadId,
      foundBy: { column: matchOf(candidate), matches: total },
    }));
    return { total, ...(await readPage(wantedLeads, (ids) => readLeads(database, ids, scope))) };
  };
}

/** The winner first, as far as they are counted. */
async function leadsWithNumber(
  numbers: NumberReads,
  phone: PhoneNumber,
  scope: ListScope,
): Promise<readonly number[]> {
  const rows = await numbers.candidates(phone, scope, COUNTED_MATCHES);
  const found = rows ? ranked(rows) : await numbers.first(phone, scope, COUNTED_MATCHES);
  return found.map(({ leadId }) => leadId);
}

async function describeList(
  { read }: Pick<Database, 'read'>,
  listId: number,
): Promise<ListDescription | undefined> {
  const [[list], fields] = await Promise.all([
    read('SELECT name FROM lists WHERE list_id = $1', [listId]),
    readFieldSettings(read, listId),
  ]);
  return list && { listId, name: list[0] as string | null, fields };
}

async function readDetails({ read }: Pick<Database, 'read'>, leadId: number): Promise<LeadDetails> {
  const [[modified, called] = []] = await read(SELECT_DETAILS, [leadId]);
  return {
    modify_date: (modified ?? null) as string | null,
    last_local_call_time: (called ?? null) as string | null,
  };
}

/** Reads leads in their order until they are as large as an answer may be. */
async function readPage(
  found: readonly Pick<LookupResult, 'leadId' | 'foundBy'>[],
  read: (leadIds: readonly number[]) => Promise<ReadonlyMap<number, LeadResult>>,
): Promise<Pick<LeadPage, 'matches' | 'isCut'>> {
  const size = createAnswerSize();
  const matches: LookupResult[] = [];
  for (let at = 0; at < found.length; at += LEADS_AT_ONCE) {
    const some = found.slice(at, at + LEADS_AT_ONCE);
    const leads = await read(some.map(({ leadId }) => leadId));
    for (const { leadId, foundBy } of some) {
      const lead = leads.get(leadId);
      if (lead === undefined) continue;
      if (!size.add(charactersOf(lead))) return { matches, isCut: true };
      if (foundBy !== undefined) lead.foundBy = foundBy;
      matches.push(lead);
    }
  }
  return { matches };
}
