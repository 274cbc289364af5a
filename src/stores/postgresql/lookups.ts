import { MAX_FAILURES } from '../../auth/lockout.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import { type ListScope, NUMBER_MATCHES } from '../../core/lead.ts';
import type { LookupQuery } from '../../core/query.ts';
import { RIGHT_BIT } from '../../core/rights.ts';
import type { Parameter, Row } from '../network/connector.ts';
import { PART } from '../number-keys.ts';
import type { Database } from './database.ts';
import type { LeadResult } from '../rows.ts';
import { arrayOf, comparedText, FOUND_COLUMNS, FOUND_LEADS, foundLead, listsOf } from './rows.ts';
import { createTickBatch } from './tick-batch.ts';

/** Up to so many rows with one number are put in order by reading what decides of all; beyond, by the index. */
const FEW = 100;

/** What was found of a query; `shared`: very many leads have the number, and the winner is found in another way. */
export type Found = LeadResult | 'shared' | undefined;

/** What the statement of an account has found; `several`: more than one lead may have the number, and `find` chooses. */
export type FirstFound = LeadResult | 'several' | undefined;

/** The account that a request names, and what is expected to be asked for. */
export interface AskedAccount {
  readonly identity: string;
  readonly expected: { readonly query: LookupQuery; readonly verifier: string } | undefined;
}

/** The user's row, in the order of ACCOUNT_COLUMNS, and what it may see of the lead. */
export interface ReadAccount {
  /** Its first column is null where there is no such user. */
  readonly row: Row;
  /** Undefined: the lead was not looked for. */
  readonly prefetched: { readonly query: LookupQuery; readonly found: FirstFound } | undefined;
}

export const ACCOUNT_COLUMNS = [
  ...['user_id', 'name', 'verifier', 'active', 'rights', 'lists'].map((column) => `users.${column}`),
  ...['count', 'last_failed_at', 'known_failed_at'].map((column) => `failures.${column}`),
];
/** The same as one JSON array. */
const ACCOUNT = `json_build_array(${ACCOUNT_COLUMNS.join(', ').replace('users.lists', 'users.lists::text')})::text`;

/** Of those who see cards or read; a first look is not for others. */
const MAY_READ = RIGHT_BIT.card | RIGHT_BIT.read;
/** The account is the one that was expected, and is let in: then its leads are read with it. */
const IS_EXPECTED = `users.active AND users.verifier = who.verifier AND users.rights & ${MAY_READ} <> 0
  AND coalesce(failures.count, 0) < ${MAX_FAILURES}`;

const ORDER_COLUMNS = 'lead_id, part, reading, number, last_local_call_time, modify_date';

/**
 * The winner of a number, and its lead; a query by id has the lead alone. What the lists do not have is left out before a winner is
 * chosen, and found by the index alone.
 */
function winnerOf(withAddress3: boolean): string {
  const lists = 'asked.lists::bigint[]';
  const others = withAddress3 ? '' : ` AND part <> ${PART.address3}`;
  const some = (list: string) => `SELECT ${ORDER_COLUMNS} FROM lead_numbers
      WHERE key = asked.key${list}${others} LIMIT ${FEW + 1}`;
  return `LEFT JOIN LATERAL (
    SELECT lead_id, part, count(*) OVER (PARTITION BY part) AS matches, count(*) OVER () AS candidates
    FROM (
      (${some(` AND ${lists} IS NULL`)}) UNION ALL
      (SELECT one.* FROM unnest(${lists}) AS seen (id) CROSS JOIN LATERAL (${some(' AND list_id = seen.id')}) AS one LIMIT ${FEW + 1})
    ) AS candidate
    ORDER BY part, reading, (number = asked.digits) DESC, coalesce(last_local_call_time, '') DESC, modify_date DESC, lead_id DESC
    LIMIT 1
  ) AS winner ON true
  ${leadOf('coalesce(asked.lead_id, winner.lead_id)', lists)}`;
}

/**
 * The lead of a number that only one has; of more the winner is chosen by another statement, as few numbers have several. Two rows
 * are read, whatever they are: a lead that is not in the lists is not read.
 */
function onlyOneOf(withAddress3: boolean): string {
  const isTaken = withAddress3 ? '' : ` AND part <> ${PART.address3}`;
  return `LEFT JOIN LATERAL (
    SELECT min(lead_id) AS lead_id, min(part) AS part, count(*) AS candidates
    FROM (SELECT lead_id, part FROM lead_numbers WHERE asked.place IS NOT NULL AND key = asked.key LIMIT 2) AS few
  ) AS number ON true
  ${leadOf(`coalesce(asked.lead_id, CASE WHEN candidates = 1${isTaken} THEN number.lead_id END)`, 'users.lists', 'asked.place IS NOT NULL AND ')}`;
}

/**
 * @param lists an expression: the lists that may be seen; null: all
 * @param condition without which nothing is read
 */
function leadOf(leadId: string, lists: string, condition = ''): string {
  return `LEFT JOIN LATERAL (
    SELECT ${FOUND_COLUMNS.join(', ')} FROM ${FOUND_LEADS}
    WHERE ${condition}leads.lead_id = ${leadId} AND (${lists} IS NULL OR leads.list_id = ANY (${lists}))
    -- Else it becomes a plain join, which reads the lead before it looks at the conditions.
    OFFSET 0
  ) AS found ON true`;
}

const WINNER_WIDTH = 3;

/** The statements of lookups: a test reads the query plan of each. */
export const LOOKUP_STATEMENTS = {
  /**
   * Users, and of those who are expected what they ask for, with the place of each. Binds an array for each column of `who`; what is
   * asked for are arrays, too.
   */
  accounts: (
    withAddress3: boolean,
  ) => `SELECT who.place, asked.place, CASE WHEN asked.place > 1 THEN NULL ELSE ${ACCOUNT} END,
    number.part, number.candidates, found.*
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS who (identity, login_key, verifier, lead_ids, keys, place)
  LEFT JOIN users ON users.identity = who.identity
  LEFT JOIN login_failures AS failures ON failures.login_key = who.login_key
  LEFT JOIN LATERAL unnest(who.lead_ids::bigint[], who.keys::text[]) WITH ORDINALITY AS asked (lead_id, key, place)
    ON ${IS_EXPECTED}
  ${onlyOneOf(withAddress3)}`,

  /** Leads for those who are known already. The lists of each are an array as text. */
  leads: (withAddress3: boolean) => `SELECT winner.part, winner.matches, winner.candidates, found.*
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
    WITH ORDINALITY AS asked (lists, lead_id, key, digits, place)
  ${winnerOf(withAddress3)}
  ORDER BY asked.place`,
} as const;

/** As `asked` has a query. */
function boundQuery(
  query: LookupQuery,
): readonly [leadId: number | null, key: string | null, digits: string | null] {
  return query.by === 'lead_id' ? [query.leadId, null, null] : [null, query.phone.key, query.phone.digits];
}

/** One array for each column. */
function columnsOf(
  rows: readonly (readonly (string | number | null)[])[],
  width: number,
): readonly Parameter[] {
  return Array.from({ length: width }, (_, at) => arrayOf(rows.map((row) => row[at] ?? null)));
}

/** @param row of the statement `leads` */
function foundOf(row: Row): Found {
  const [part, matches, candidates] = row;
  if (Number(candidates ?? 0) > FEW) return 'shared';
  return foundLead(row, WINNER_WIDTH, foundBy(part, Number(matches)));
}

/** @param part null: not by a number */
function foundBy(part: unknown, matches: number): LookupResult['foundBy'] {
  const column = part === null ? undefined : NUMBER_MATCHES[Number(part)];
  return column && { column, matches };
}

const [FIRST_PART, FIRST_CANDIDATES, FIRST_LEAD] = [3, 4, 5];

/** @param row of the statement `accounts` */
function firstFoundOf(row: Row): FirstFound {
  if (Number(row[FIRST_CANDIDATES]) > 1) return 'several';
  return foundLead(row, FIRST_LEAD, foundBy(row[FIRST_PART], 1));
}

/** What is asked with one account in a tick of the event loop. */
interface AccountQueries {
  /** Among the accounts of the statement, from 0. */
  readonly place: number;
  readonly identity: string;
  readonly verifier: string | null;
  readonly queries: LookupQuery[];
}

/**
 * Those who ask with the same account share its row.
 *
 * @returns `places`: for each who asks that of its account, and of its query there
 */
function groupByAccount(all: readonly AskedAccount[]) {
  const groups = new Map<string, AccountQueries>();
  const places = all.map(({ identity, expected }) => {
    const verifier = expected?.verifier ?? null;
    const key = `${verifier ?? ''}\0${identity}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { place: groups.size, identity, verifier, queries: [] };
      groups.set(key, group);
    }
    if (expected !== undefined) group.queries.push(expected.query);
    return [group.place, group.queries.length - 1] as const;
  });
  return { groups: [...groups.values()], places };
}

const NO_ACCOUNT: Row = [null];

/** Lookups of one tick, in one statement for users with their leads, and one for leads alone. */
export function createLookups(
  { read, prepared }: Pick<Database, 'read' | 'prepared'>,
  withAddress3: boolean,
) {
  const accountsSql = LOOKUP_STATEMENTS.accounts(withAddress3);
  const leadsSql = LOOKUP_STATEMENTS.leads(withAddress3);

  const readAccount = createTickBatch<AskedAccount, ReadAccount>(async (all) => {
    const { keyOf } = await prepared();
    const { groups, places } = groupByAccount(all);
    const asked = groups.map(({ identity, verifier, queries }) => {
      const bound = queries.map(boundQuery);
      const [leadIds, keys] = [bound.map(([leadId]) => leadId), bound.map(([, key]) => key)];
      return [comparedText(identity), keyOf(identity), verifier, arrayOf(leadIds), arrayOf(keys)];
    });
    const accounts: Row[] = [];
    const leads = groups.map((): Row[] => []);
    for (const row of await read(accountsSql, columnsOf(asked, 5))) {
      const [group, query, account] = row as readonly [number, number | null, string | null];
      if (account !== null) accounts[group - 1] = JSON.parse(account) as Row;
      if (query !== null) (leads[group - 1] ??= [])[query - 1] = row;
    }
    return all.map(({ expected }, at) => {
      const [group = 0, query = 0] = places[at] ?? [];
      const lead = expected && leads[group]?.[query];
      const prefetched = lead && { query: expected.query, found: firstFoundOf(lead) };
      return { row: accounts[group] ?? NO_ACCOUNT, prefetched };
    });
  });

  const find = createTickBatch<{ readonly query: LookupQuery; readonly scope: ListScope }, Found>(
    async (all) => {
      const asked = all.map(({ query, scope }) => [listsOf(scope), ...boundQuery(query)]);
      const rows = await read(leadsSql, columnsOf(asked, 4));
      return rows.map(foundOf);
    },
  );

  return { readAccount, find };
}
