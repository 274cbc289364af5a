import { setImmediate } from 'node:timers/promises';

import type { Principal, RequestContext } from '../auth/principal.ts';
import { inBatches, inTurn } from '../core/clock.ts';
import type { ListScope } from '../core/lead.ts';
import { parseQuery, type QueryParameters } from '../core/query.ts';
import { createAnswerBudgets, type AnswerBudget } from './answer-budget.ts';
import { costOfShared, type LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import type { FindOne, ScopePort } from './search.ts';
import type { LookupRecord } from './work.ts';

/** So many items of a request are looked up at once: a dialer takes their statements together. */
const ITEMS_AT_ONCE = 32;

interface ManyRequest extends RequestContext {
  /** The endpoint limits how many there may be. */
  readonly items: readonly QueryParameters[];
  /** Aborted when the answer has left, or nobody waits for it any longer: then no further item is looked up. */
  readonly signal?: AbortSignal;
}

/** Finds many leads for one request. */
export function createLookupMany(
  pipeline: Pipeline,
  { leadsFor, country, numbers, scopeOf }: LeadPorts & ScopePort,
  findOne: FindOne,
) {
  const openBudget = createAnswerBudgets();

  /** Reads each item once, however often it is asked for, as long as there is room in the answer. */
  function createRead(principal: Principal, scope: ListScope, budget: AnswerBudget) {
    const found = new Map<string, Promise<LookupRecord>>();
    return async (item: QueryParameters): Promise<LookupRecord> => {
      const query = parseQuery(item, country(), numbers);
      const asked = 'code' in query ? undefined : query;
      const refusal = budget.refusal();
      if (refusal !== undefined) return { query: asked, outcome: { problem: refusal } };
      const key = JSON.stringify([item.leadId, item.phoneNumber]);
      const pending = found.get(key) ?? findOne(principal, scope, query);
      found.set(key, pending);
      const record = await pending;
      const problem = 'result' in record.outcome ? budget.take(record.outcome.result) : undefined;
      return problem === undefined ? record : { query: asked, outcome: { problem } };
    };
  }

  /**
   * The outcome of each item, in their order; what concerns them all is one problem. A lead that has no room in the answer has one
   * of its own.
   */
  return ({ items, signal, ...context }: ManyRequest) =>
    pipeline.run(context, { cost: Math.max(1, items.length) }, async (principal) => {
      const scope = await scopeOf(principal);
      const budget = openBudget(signal);
      const read = createRead(principal, scope, budget);
      // What one statement brings at once may be large: where nothing is gained by it, one lead is read after the other.
      const readAll = leadsFor(principal).readsTogether === true ? inBatches : inTurn;
      const records: LookupRecord[] = [];
      while (records.length < items.length && signal?.aborted !== true) {
        const end = records.length + Math.min(ITEMS_AT_ONCE, budget.room());
        const found = await readAll(items.slice(records.length, end), read);
        const limited = await inBatches(found, (record) => pipeline.limitLead(principal, context, record));
        pipeline.charge(principal, context.address, costOfAll(limited));
        records.push(...limited);
        await setImmediate();
      }
      return { records, answer: { outcomes: records.map(({ outcome }) => outcome) } };
    });
}

function costOfAll(records: readonly LookupRecord[]): number {
  return records.reduce((sum, { outcome }) => {
    return 'result' in outcome ? sum + costOfShared(outcome.result.foundBy?.matches) : sum;
  }, 0);
}
