import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import { readFitting } from '../../core/answer-size.ts';
import type { LeadDetails } from '../../core/lead-details.ts';
import {
  countedPart,
  type LeadPage,
  type LeadStore,
  type LookupResult,
  type Page,
} from '../../core/lead-store.ts';
import {
  COUNTED_MATCHES,
  countedMatches,
  type ListScope,
  NUMBER_MATCHES,
  PHONE_COLUMNS,
} from '../../core/lead.ts';
import { blockKeysOf } from '../../core/phone-blocks.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { Connection } from './connection.ts';
import { prepareFieldSettings } from './list-settings.ts';
import { BLOCK_END, keyOfBlock, PART } from '../number-keys.ts';
import { createLookThrough } from './look-through.ts';
import { createSharedNumbers } from './shared-numbers.ts';
import { createSearchTexts } from './search-text.ts';
import { createTextSearch } from './text-search.ts';
import {
  type Candidate,
  CANDIDATE_COLUMNS,
  candidateOf,
  customInfoOf,
  FOUND_COLUMNS,
  LeadResult,
  type LeadRow,
  listsSeenBy,
  matchOf,
  ranked,
  prepareCustomFields,
} from '../rows.ts';

/** What a domain's settings say about numbers. */
export interface NumberSettings {
  /** A third number is kept in address3. */
  readonly address3IsPhone: boolean;
  /** Numbers with `*` at their end are blocks. */
  readonly numberBlocks?: boolean;
}

/** The condition by which a statement sees only leads of the lists that are bound here, as JSON; for `every list` nothing. */
function withinScope(restricted: boolean, placeholder: string): string {
  return restricted ? ` AND list_id IN (SELECT value FROM json_each(${placeholder}))` : '';
}

/**
 * The statements of lookups and searches, by what they find: a test reads the query plan of each. `LIMIT ?2 + 0`, here and
 * elsewhere: a bare parameter would be part of the plan, and SQLite would prepare the statement again each time it is bound.
 */
export const LOOKUP_STATEMENTS = {
  byId: (restricted: boolean) =>
    `SELECT ${FOUND_COLUMNS.join(', ')} FROM leads WHERE lead_id = ?1${withinScope(restricted, '?2')}`,

  /**
   * Leads with a number, with what decides their order: the index alone is read. Binds the key (?1), the most that are wanted
   * (?2) and the scope if restricted (?3).
   */
  candidates: (restricted: boolean, withAddress3: boolean) =>
    `SELECT ${CANDIDATE_COLUMNS} FROM lead_numbers WHERE key = ?1${withAddress3 ? '' : ` AND part <> ${PART.address3}`}${withinScope(restricted, '?3')} LIMIT ?2 + 0`,

  /** How many leads have a number in one part, as far as they are counted. Binds the key, the part and the scope. */
  count: (restricted: boolean) =>
    `SELECT count(*) FROM (SELECT 1 FROM lead_numbers
     WHERE key = ?1 AND part = ?2${withinScope(restricted, '?3')} LIMIT ${COUNTED_MATCHES + 1}) AS counted`,

  list: 'SELECT name FROM lists WHERE list_id = ?',

  details: 'SELECT modify_date, last_local_call_time FROM leads WHERE lead_id = ?',
} as const;

/** Up to so many leads with one number are put in order by reading what decides of all; beyond, by the index. */
const FEW = 100;

/** Runs a statement within a scope, whose lists, if there are any, are bound last. */
type ScopedRead = (scope: ListScope, ...bound: readonly SQLInputValue[]) => readonly LeadRow[];

/** What lookups and searches of one store share. */
type LeadReads = ReturnType<typeof createLeadReads>;

function createLeadReads(database: DatabaseSync) {
  /** Its rows come as arrays. */
  function prepare(sql: string): StatementSync {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }

  function prepareForScope(sqlOf: (restricted: boolean) => string): ScopedRead {
    const [all, restricted] = [prepare(sqlOf(false)), prepare(sqlOf(true))];
    return (scope, ...bound) =>
      (scope === 'every list'
        ? all.all(...bound)
        : restricted.all(...bound, JSON.stringify(scope))) as unknown as readonly LeadRow[];
  }

  const fieldsOf = prepareCustomFields(database);
  const settingsOf = prepareFieldSettings(database);
  const byId = prepare(LOOKUP_STATEMENTS.byId(false));
  const byIdWithin = prepare(LOOKUP_STATEMENTS.byId(true));
  const list = prepare(LOOKUP_STATEMENTS.list);
  const details = prepare(LOOKUP_STATEMENTS.details);

  function read(leadId: number, scope: ListScope, foundBy?: LookupResult['foundBy']): LeadResult | undefined {
    const row = scope === 'every list' ? byId.get(leadId) : byIdWithin.get(leadId, JSON.stringify(scope));
    if (row === undefined) return undefined;
    const found = new LeadResult(row as unknown as LeadRow);
    // Most leads have no custom values: those need no second statement.
    if (found.customJson !== null) found.custom = customInfoOf(found.customJson, fieldsOf(found.listId));
    if (foundBy !== undefined) found.foundBy = foundBy;
    return found;
  }

  return {
    prepare,
    prepareForScope,
    read,
    describeList(listId: number) {
      const row = list.get(listId) as unknown as LeadRow | undefined;
      if (row === undefined) return undefined;
      const fields = settingsOf(listId);
      return { listId, name: row[0] as string | null, fields };
    },
    readDetails(leadId: number): LeadDetails {
      const [modified = null, called = null] = (details.get(leadId) ?? []) as unknown as (string | null)[];
      return { modify_date: modified, last_local_call_time: called };
    },
  };
}

/** Puts the leads with a number in the order of winners. */
function createRanking({ prepare, prepareForScope }: LeadReads, address3IsPhone: boolean) {
  const candidates = prepareForScope((restricted) =>
    LOOKUP_STATEMENTS.candidates(restricted, address3IsPhone),
  );
  const count = prepareForScope(LOOKUP_STATEMENTS.count);
  const firstOfMany = createSharedNumbers(prepare);
  const parts = NUMBER_MATCHES.filter((match) => match !== 'address3' || address3IsPhone);

  /** Every lead with the number, each once, the winner first; undefined: more than `most` have it. */
  function few(
    { key, digits }: PhoneNumber,
    scope: ListScope,
    most: number,
  ): readonly Candidate[] | undefined {
    const rows = candidates(scope, key, most + 1);
    if (rows.length <= 1) return rows.map((row) => candidateOf(row, digits));
    if (rows.length > most) return undefined;
    return ranked(rows.map((row) => candidateOf(row, digits)));
  }

  /** The first leads of a number that many share; a lead comes once, by its first part. */
  function firstOfParts(phone: PhoneNumber, scope: ListScope, wanted: number): readonly Candidate[] {
    const found = new Map<number, Candidate>();
    for (const match of parts) {
      if (found.size >= wanted) break;
      // As many more as there are already: a lead that an earlier part has found does not come again.
      for (const candidate of firstOfMany(phone, PART[match], scope, wanted + found.size)) {
        if (!found.has(candidate.leadId)) found.set(candidate.leadId, candidate);
      }
    }
    return [...found.values()];
  }

  return {
    few,

    /** Behind the leads with the number those with a block that it belongs to, the longest first, each lead once. */
    withBlocks(exact: readonly Candidate[], phone: PhoneNumber, scope: ListScope): readonly Candidate[] {
      const found = new Map(exact.map((candidate) => [candidate.leadId, candidate]));
      for (const prefix of blockKeysOf(phone)) {
        const key = keyOfBlock(prefix);
        for (const candidate of few({ ...phone, key }, scope, COUNTED_MATCHES) ?? []) {
          if (!found.has(candidate.leadId)) found.set(candidate.leadId, candidate);
        }
      }
      return [...found.values()];
    },

    /** Of a number that many share: the winner, and how many there are in its part. */
    winnerOfMany(phone: PhoneNumber, scope: ListScope): readonly [Candidate, matches: number] | undefined {
      for (const match of parts) {
        const matches = Number(count(scope, phone.key, PART[match])[0]?.[0]);
        const [winner] = matches === 0 ? [] : firstOfMany(phone, PART[match], scope, 1);
        if (winner !== undefined) return [winner, matches];
      }
      return undefined;
    },

    firstOfMany: firstOfParts,
  };
}

/** Finds leads with a number, the winner first, as far as they are counted. */
function leadsWithNumber({ few, firstOfMany }: ReturnType<typeof createRanking>) {
  return (phone: PhoneNumber, scope: ListScope): readonly number[] =>
    (few(phone, scope, COUNTED_MATCHES) ?? firstOfMany(phone, scope, COUNTED_MATCHES)).map(
      ({ leadId }) => leadId,
    );
}

/** Finds leads by words, or looks through all. */
function createSearches(database: DatabaseSync, reads: LeadReads, ranking: ReturnType<typeof createRanking>) {
  const { lookThrough, filtered } = createLookThrough(reads);
  const texts = createSearchTexts(database);
  const found = { filtered, leadsWithNumber: leadsWithNumber(ranking) };
  return { searchText: createTextSearch({ ...reads, texts, ...found }), lookThrough };
}

/** Lookups and searches in the embedded store. Every statement is prepared once and reads by an index. */
export function createLeadStore(connection: Connection, settings: NumberSettings): LeadStore {
  const { database, readBatch, country } = connection;
  const { address3IsPhone, numberBlocks = false } = settings;
  const reads = createLeadReads(database);
  const { read } = reads;
  const ranking = createRanking(reads, address3IsPhone);

  function findByPhone(phone: PhoneNumber, scope: ListScope): LookupResult | undefined {
    const few = ranking.few(phone, scope, FEW);
    if (few === undefined) {
      const [winner, matches] = ranking.winnerOfMany(phone, scope) ?? [];
      if (winner === undefined || matches === undefined) return undefined;
      return read(winner.leadId, scope, { column: matchOf(winner), matches });
    }
    const [winner] = few;
    if (winner === undefined) return findByBlock(phone, scope);
    const matches = few.length === 1 ? 1 : few.filter(({ part }) => part === winner.part).length;
    return read(winner.leadId, scope, { column: matchOf(winner), matches });
  }

  /** The longest block that the number belongs to. */
  function findByBlock(phone: PhoneNumber, scope: ListScope): LookupResult | undefined {
    if (!numberBlocks || phone.key.endsWith(BLOCK_END)) return undefined;
    for (const prefix of blockKeysOf(phone)) {
      const found = findByPhone({ ...phone, key: keyOfBlock(prefix) }, scope);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function findAll(phone: PhoneNumber, scope: ListScope, wanted: Page): LeadPage {
    const page = countedPart(wanted);
    const end = page.offset + page.limit;
    const exact = ranking.few(phone, scope, COUNTED_MATCHES);
    const few = numberBlocks && exact !== undefined ? ranking.withBlocks(exact, phone, scope) : exact;
    const total = countedMatches(few?.length ?? COUNTED_MATCHES + 1);
    const found = few ?? ranking.firstOfMany(phone, scope, end);
    const fitting = readFitting(found.slice(page.offset, end), (candidate) =>
      read(candidate.leadId, scope, { column: matchOf(candidate), matches: total }),
    );
    return { total, ...fitting };
  }

  const { searchText, lookThrough } = createSearches(database, reads, ranking);

  return {
    country,
    phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || address3IsPhone),
    find: (query, viewer) =>
      readBatch.read(() => {
        const scope = listsSeenBy(viewer);
        return query.by === 'lead_id' ? read(query.leadId, scope) : findByPhone(query.phone, scope);
      }),
    findAll: (phone, scope, at) => readBatch.read(() => findAll(phone, scope, at)),
    searchText: (...asked) => readBatch.read(() => searchText(...asked)),
    lookThrough: (...asked) => readBatch.read(() => lookThrough(...asked)),
    describeList: (listId) => readBatch.read(() => reads.describeList(listId)),
    readDetails: (leadId) => readBatch.read(() => reads.readDetails(leadId)),
  };
}
