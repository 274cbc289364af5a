import type { LeadFilter, LeadPage, LookedThrough } from '../../core/lead-store.ts';
import type { ListScope } from '../../core/lead.ts';
import { LOOKED_AT_ONCE, lookedThrough } from '../looked-through.ts';
import type { Read } from '../network/connector.ts';
import { arrayOf, listsOf } from './rows.ts';

const IS_WANTED =
  '($2::text IS NULL OR status = $2::text) AND ($3::boolean IS NULL OR is_customer = $3::boolean)';
const PART = `FROM leads WHERE lead_id < $1 ORDER BY lead_id DESC LIMIT ${LOOKED_AT_ONCE}`;

/** The statements of a look through all leads, by the order of ids alone: a test reads the query plan of each. */
export const LOOK_STATEMENTS = {
  wanted: `SELECT lead_id FROM (SELECT lead_id, list_id, status, is_customer ${PART}) AS part
    WHERE ${IS_WANTED} AND ($4::bigint[] IS NULL OR list_id = ANY ($4::bigint[])) ORDER BY lead_id DESC LIMIT $5`,
  part: `SELECT count(*), coalesce(min(lead_id), 0) FROM (SELECT lead_id ${PART}) AS part`,
  filtered: `SELECT lead_id FROM leads WHERE lead_id = ANY ($1::bigint[]) AND ${IS_WANTED}`,
} as const;

interface Reads {
  readonly read: Read;
  /** Leads in this order, as many as an answer may hold. */
  readonly readPage: (
    leadIds: readonly number[],
    scope: ListScope,
  ) => Promise<Pick<LeadPage, 'matches' | 'isCut'>>;
}

/** Finds leads by what no index has, among all, a part at a time. */
export async function lookThrough(
  { read, readPage }: Reads,
  filter: LeadFilter,
  scope: ListScope,
  { below, limit }: { readonly below: number; readonly limit: number },
): Promise<LookedThrough> {
  const [rows, [[count, last] = []]] = await Promise.all([
    read(LOOK_STATEMENTS.wanted, [below, ...boundOf(filter), listsOf(scope), limit]),
    read(LOOK_STATEMENTS.part, [below]),
  ]);
  const wanted = rows.map(([leadId]) => Number(leadId));
  const looked = { wanted, count: Number(count), last: Number(last), limit };
  return lookedThrough(looked, await readPage(wanted, scope));
}

/** Those of some leads that are wanted, in their order. */
export async function filtered(
  read: Read,
  leadIds: readonly number[],
  filter: LeadFilter,
): Promise<readonly number[]> {
  const bound = boundOf(filter);
  if (bound.every((value) => value === null)) return leadIds;
  const rows = await read(LOOK_STATEMENTS.filtered, [arrayOf(leadIds), ...bound]);
  const kept = new Set(rows.map(([leadId]) => Number(leadId)));
  return leadIds.filter((leadId) => kept.has(leadId));
}

function boundOf({ status, isCustomer }: LeadFilter): readonly (string | null)[] {
  return [status ?? null, isCustomer === undefined ? null : String(isCustomer)];
}
