import type { StatementSync } from 'node:sqlite';

import { readFitting } from '../../core/answer-size.ts';
import type { LeadFilter, LeadStore, LookedThrough } from '../../core/lead-store.ts';
import type { ListScope } from '../../core/lead.ts';
import { LOOKED_AT_ONCE, lookedThrough } from '../looked-through.ts';
import type { LeadResult, LeadRow } from '../rows.ts';

const IS_WANTED = '(?2 IS NULL OR status = ?2) AND (?3 IS NULL OR is_customer = ?3)';
const PART = `FROM leads WHERE lead_id < ?1 ORDER BY lead_id DESC LIMIT ${LOOKED_AT_ONCE}`;

/** What the statements of a look through all leads do, by the order of ids alone. */
const STATEMENTS = {
  wanted: `SELECT lead_id FROM (SELECT lead_id, list_id, status, is_customer ${PART})
    WHERE ${IS_WANTED} AND (?4 IS NULL OR list_id IN (SELECT value FROM json_each(?4)))
    ORDER BY lead_id DESC LIMIT ?5 + 0`,
  part: `SELECT count(*), min(lead_id) FROM (SELECT lead_id ${PART})`,
  filtered: `SELECT lead_id FROM leads WHERE lead_id IN (SELECT value FROM json_each(?1)) AND ${IS_WANTED}`,
} as const;

/** What a look is given. */
type Asked = Parameters<NonNullable<LeadStore['lookThrough']>>;

interface Reads {
  /** Its rows come as arrays. */
  readonly prepare: (sql: string) => StatementSync;
  readonly read: (leadId: number, scope: ListScope) => LeadResult | undefined;
}

/** Finds leads by what no index has: among all, a part at a time, or among some that were found otherwise. */
export function createLookThrough({ prepare, read }: Reads) {
  const wanted = prepare(STATEMENTS.wanted);
  const part = prepare(STATEMENTS.part);
  const among = prepare(STATEMENTS.filtered);
  const idsOf = (rows: unknown) => (rows as readonly LeadRow[]).map(([leadId]) => Number(leadId));

  return {
    lookThrough: (...[filter, scope, { below, limit }]: Asked): LookedThrough => {
      const lists = scope === 'every list' ? null : JSON.stringify(scope);
      const ids = idsOf(wanted.all(below, ...boundOf(filter), lists, limit));
      const [count = 0, last = 0] = (part.get(below) ?? []) as unknown as readonly (number | null)[];
      return lookedThrough(
        { wanted: ids, count: Number(count), last: Number(last), limit },
        readFitting(ids, (leadId) => read(leadId, scope)),
      );
    },

    /** Those of some leads that are wanted, in their order. */
    filtered: (leadIds: readonly number[], filter: LeadFilter): readonly number[] => {
      const [status, isCustomer] = boundOf(filter);
      if (status === null && isCustomer === null) return leadIds;
      const kept = new Set(idsOf(among.all(JSON.stringify(leadIds), status, isCustomer)));
      return leadIds.filter((leadId) => kept.has(leadId));
    },
  };
}

function boundOf({ status, isCustomer }: LeadFilter): readonly [string | null, number | null] {
  return [status ?? null, isCustomer === undefined ? null : Number(isCustomer)];
}
