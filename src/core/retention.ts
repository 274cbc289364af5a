import type { CallStore } from './call-store.ts';
import { DAY_MS } from './days.ts';
import type { DueCalls, DueData, DueRule, ListRetention } from './due-data.ts';
import type { ListChoice, PersonStore } from './person-store.ts';

/** Leads that are asked for at once; others wait for some 100 ms while so many are erased. */
const BATCH = 500;

/** Leads whose time is over by a rule, in batches. What was found may be erased before the next one is asked for. */
export async function* dueLeads(
  persons: Pick<PersonStore, 'findUntouched'>,
  { listId, days }: ListRetention,
  rules: readonly ListRetention[],
  now: number,
): AsyncGenerator<readonly number[]> {
  const others = rules.flatMap((rule) => (rule.listId === '*' ? [] : [rule.listId]));
  const lists: ListChoice = listId === '*' ? { except: others } : { listId };
  let after = 0;
  for (;;) {
    const found = await persons.findUntouched(lists, now - days * DAY_MS, { after, limit: BATCH });
    const last = found.at(-1);
    if (last === undefined) return;
    yield found;
    after = last;
  }
}

/** Counts what the rules let go. Reads all leads. */
export async function countDue(
  { persons, calls }: { readonly persons: PersonStore; readonly calls: Pick<CallStore, 'countUnknown'> },
  rules: readonly ListRetention[],
  now: number,
): Promise<DueData> {
  const due: DueRule[] = [];
  for (const rule of rules) {
    let leads = 0;
    for await (const batch of dueLeads(persons, rule, rules, now)) leads += batch.length;
    due.push({ ...rule, leads });
  }
  return { rules: due, calls: await countCalls(calls, rules, now) };
}

/** They are of no list: their time is that of lists without a rule of their own. */
async function countCalls(
  calls: Pick<CallStore, 'countUnknown'>,
  rules: readonly ListRetention[],
  now: number,
): Promise<DueCalls> {
  const rule = rules.find(({ listId }) => listId === '*');
  const before = rule === undefined ? 0 : now - rule.days * DAY_MS;
  return { before, count: rule === undefined ? 0 : await calls.countUnknown(before) };
}
