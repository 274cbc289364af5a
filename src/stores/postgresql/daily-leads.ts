import type { CountedLeads, DailyLeadStore, LeadsRead } from '../../core/daily-leads.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { countLeads, createLeadCounting, FORGOTTEN_AT_ONCE, type StoredCount } from '../daily-leads.ts';
import type { Read } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import type { Database } from './database.ts';
import { arrayOf } from './rows.ts';

/** The statements that count leads: a test reads the query plan of each. */
export const DAILY_LEAD_STATEMENTS = {
  /** Machines count one after the other, so that a limit is exact. */
  begin: `SELECT pg_advisory_xact_lock(hashtext('callercard daily leads'), hashtext(current_schema()))`,
  days: `SELECT (SELECT day FROM daily_lead_counts ORDER BY day DESC LIMIT 1),
                (SELECT day FROM daily_lead_counts ORDER BY day LIMIT 1)`,
  accounts:
    'SELECT account, leads, reported FROM daily_lead_counts WHERE day = $1 AND account = ANY ($2::text[])',
  leads: `SELECT account, lead_id FROM unnest($2::text[], $3::bigint[]) AS asked (account, lead_id)
          WHERE EXISTS (SELECT 1 FROM daily_leads AS one
            WHERE one.day = $1 AND one.account = asked.account AND one.lead_id = asked.lead_id)`,
  addLeads: 'INSERT INTO daily_leads SELECT $1::integer, * FROM unnest($2::text[], $3::bigint[])',
  setAccounts: `INSERT INTO daily_lead_counts SELECT $1::integer, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])
                ON CONFLICT (day, account) DO UPDATE
                SET user_name = excluded.user_name, leads = excluded.leads, reported = excluded.reported`,
  reported:
    'SELECT user_name, leads FROM daily_lead_counts WHERE day >= $1 AND reported > 0 ORDER BY leads DESC',
  forgetLeads: `DELETE FROM daily_leads WHERE (day, account, lead_id) IN
                (SELECT day, account, lead_id FROM daily_leads WHERE day < $1 LIMIT $2) RETURNING 1`,
  forgetAccounts: `DELETE FROM daily_lead_counts WHERE (day, account) IN
                   (SELECT day, account FROM daily_lead_counts WHERE day < $1 LIMIT $2)`,
} as const;

/**
 * Counts the different leads that accounts read in a day, over all machines with the store.
 *
 * @param log hears that counting fails, once, and that it works again
 */
export function createDailyLeads(
  { read, transaction }: Database,
  log: LogStoreEvent,
): DailyLeadStore & { close(): Promise<void> } {
  let isOpen = true;
  const countAll = (reads: readonly LeadsRead[]) =>
    withStoreFailure(() => transaction(({ run }) => countWithin(run, reads)));
  const counting = createLeadCounting(countAll, () => isOpen, log);
  return {
    count: counting.count,
    async reported(day) {
      const rows = await read(DAILY_LEAD_STATEMENTS.reported, [day]);
      return rows.map(([user, leads]) => ({ user: user as string, leads: Number(leads) }));
    },
    async close() {
      isOpen = false;
      const last = counting.takeLast();
      if (last.reads.length === 0) return;
      try {
        last.settle(await countAll(last.reads));
      } catch (cause) {
        last.reject(cause instanceof StoreFailure ? cause : new StoreFailure(cause));
        counting.report(cause);
      }
    },
  };
}

/** What is known of an account while its reads are counted. */
interface Counted extends StoredCount {
  readonly user: string;
}

/** In a transaction. */
async function countWithin(run: Read, reads: readonly LeadsRead[]): Promise<readonly CountedLeads[]> {
  await run(DAILY_LEAD_STATEMENTS.begin, []);
  const [[newest, oldest] = []] = await run(DAILY_LEAD_STATEMENTS.days, []);
  const day = Math.max(Number(newest ?? 0), ...reads.map((read) => read.day));
  const known = await readKnown(run, day, reads);
  const changed = new Map<string, Counted>();
  const added: [account: string, leadId: number][] = [];
  const counted = reads.map(({ account, user, leadIds, thresholds }) => {
    const stored = changed.get(account) ?? known.counts.get(account) ?? { leads: 0, reported: 0 };
    const unread = leadIds.filter((leadId) => !known.leads.has(keyOf(account, leadId)));
    const { leads, fits, reached } = countLeads(stored, unread.length, thresholds);
    for (const leadId of fits ? unread : []) {
      known.leads.add(keyOf(account, leadId));
      added.push([account, leadId]);
    }
    if (leads > stored.leads || reached !== undefined)
      changed.set(account, { user, leads, reported: reached ?? stored.reported });
    return { day, leads, fits, reached };
  });
  await writeCounts(run, day, added, changed);
  if (Number(oldest ?? day) < day) await forgetBefore(run, day);
  return counted;
}

const keyOf = (account: string, leadId: number) => `${leadId} ${account}`;

async function readKnown(run: Read, day: number, reads: readonly LeadsRead[]) {
  const asked = reads.flatMap(({ account, leadIds }) => leadIds.map((leadId) => [account, leadId] as const));
  const counts = await run(DAILY_LEAD_STATEMENTS.accounts, [
    day,
    arrayOf(reads.map(({ account }) => account)),
  ]);
  const leads = await run(DAILY_LEAD_STATEMENTS.leads, [
    day,
    arrayOf(asked.map(([account]) => account)),
    arrayOf(asked.map(([, leadId]) => leadId)),
  ]);
  return {
    counts: new Map(
      counts.map(([account, read, reported]): [string, StoredCount] => [
        account as string,
        { leads: Number(read), reported: Number(reported) },
      ]),
    ),
    leads: new Set(leads.map(([account, leadId]) => keyOf(account as string, Number(leadId)))),
  };
}

async function writeCounts(
  run: Read,
  day: number,
  added: readonly (readonly [account: string, leadId: number])[],
  changed: ReadonlyMap<string, Counted>,
): Promise<void> {
  if (added.length > 0) {
    const [accounts, leadIds] = [added.map(([account]) => account), added.map(([, leadId]) => leadId)];
    await run(DAILY_LEAD_STATEMENTS.addLeads, [day, arrayOf(accounts), arrayOf(leadIds)]);
  }
  if (changed.size === 0) return;
  const counts = [...changed.values()];
  await run(DAILY_LEAD_STATEMENTS.setAccounts, [
    day,
    arrayOf([...changed.keys()]),
    arrayOf(counts.map(({ user }) => user)),
    arrayOf(counts.map(({ leads }) => leads)),
    arrayOf(counts.map(({ reported }) => reported)),
  ]);
}

async function forgetBefore(run: Read, day: number): Promise<void> {
  const gone = await run(DAILY_LEAD_STATEMENTS.forgetLeads, [day, FORGOTTEN_AT_ONCE]);
  if (gone.length < FORGOTTEN_AT_ONCE)
    await run(DAILY_LEAD_STATEMENTS.forgetAccounts, [day, FORGOTTEN_AT_ONCE]);
}
