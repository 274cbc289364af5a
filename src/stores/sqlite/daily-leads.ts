import type { CountedLeads, DailyLeadStore, LeadsRead } from '../../core/daily-leads.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { countLeads, createLeadCounting, FORGOTTEN_AT_ONCE } from '../daily-leads.ts';
import type { Connection } from './connection.ts';
import { promised, writeAtOnce, writeWhole, writeWithRetry } from './transactions.ts';

/** The statements that count leads: a test reads the query plan of each. */
export const DAILY_LEAD_STATEMENTS = {
  newest: 'SELECT max(day) AS day FROM daily_lead_counts',
  oldest: 'SELECT min(day) AS day FROM daily_lead_counts',
  account: 'SELECT leads, reported FROM daily_lead_counts WHERE day = ? AND account = ?',
  lead: 'SELECT 1 FROM daily_leads WHERE day = ? AND account = ? AND lead_id = ?',
  addLead: 'INSERT INTO daily_leads VALUES (?, ?, ?)',
  setAccount: `INSERT INTO daily_lead_counts VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (day, account) DO UPDATE SET user_name = ?3, leads = ?4, reported = ?5`,
  reported:
    'SELECT user_name, leads FROM daily_lead_counts WHERE day >= ? AND reported > 0 ORDER BY leads DESC',
  forgetLeads: `DELETE FROM daily_leads WHERE (day, account, lead_id) IN
                (SELECT day, account, lead_id FROM daily_leads WHERE day < ? LIMIT ? + 0)`,
  forgetAccounts: `DELETE FROM daily_lead_counts WHERE (day, account) IN
                   (SELECT day, account FROM daily_lead_counts WHERE day < ? LIMIT ? + 0)`,
} as const;

/**
 * Counts the different leads that accounts read in a day, in a store's file.
 *
 * @param log hears that counting fails, once, and that it works again
 */
export function createDailyLeads(
  connection: Connection,
  log: LogStoreEvent = () => undefined,
): DailyLeadStore & { close(): void } {
  const countAll = createCounting(connection);
  const counting = createLeadCounting(
    (reads) => writeWithRetry(connection, () => countAll(reads)),
    () => connection.database.isOpen,
    log,
  );
  return {
    count: counting.count,
    reported: createReported(connection),
    /** Counts what waits, if nobody else writes just now. */
    close() {
      const last = counting.takeLast();
      if (last.reads.length === 0) return;
      try {
        connection.readBatch.end();
        last.settle(writeAtOnce(connection.database, () => countAll(last.reads)));
      } catch (cause) {
        last.reject(new StoreFailure(cause));
        counting.report(cause);
      }
    },
  };
}

function createReported({ database }: Connection): DailyLeadStore['reported'] {
  const reported = database.prepare(DAILY_LEAD_STATEMENTS.reported);
  return (day) =>
    promised(() =>
      reported.all(day).map((row) => ({ user: row.user_name as string, leads: Number(row.leads) })),
    );
}

type Counting = (reads: readonly LeadsRead[]) => readonly CountedLeads[];

/** @returns counts leads in one transaction, and gives what came of each answer's, in their order */
function createCounting({ database }: Connection): Counting {
  const statement = (name: keyof typeof DAILY_LEAD_STATEMENTS) =>
    database.prepare(DAILY_LEAD_STATEMENTS[name]);
  const [newest, oldest] = [statement('newest'), statement('oldest')];
  const [account, setAccount] = [statement('account'), statement('setAccount')];
  const [lead, addLead] = [statement('lead'), statement('addLead')];
  const [forgetLeads, forgetAccounts] = [statement('forgetLeads'), statement('forgetAccounts')];

  function readAccount(day: number, id: string) {
    const row = account.get(day, id);
    return row === undefined
      ? { leads: 0, reported: 0 }
      : { leads: Number(row.leads), reported: Number(row.reported) };
  }

  function countOne({ account: id, user, leadIds, thresholds }: LeadsRead, day: number): CountedLeads {
    const stored = readAccount(day, id);
    const unread = leadIds.filter((leadId) => lead.get(day, id, leadId) === undefined);
    const counted = countLeads(stored, unread.length, thresholds);
    const { leads, fits, reached } = counted;
    if (fits) for (const leadId of unread) addLead.run(day, id, leadId);
    if (leads > stored.leads || reached !== undefined)
      setAccount.run(day, id, user, leads, reached ?? stored.reported);
    return { day, ...counted };
  }

  function forgetBefore(day: number): void {
    const { changes } = forgetLeads.run(day, FORGOTTEN_AT_ONCE);
    if (changes < FORGOTTEN_AT_ONCE) forgetAccounts.run(day, FORGOTTEN_AT_ONCE);
  }

  return (reads) => {
    return writeWhole(database, () => {
      let day = Number(newest.get()?.day ?? 0);
      const counted = reads.map((read) => countOne(read, (day = Math.max(day, read.day))));
      if (Number(oldest.get()?.day ?? day) < day) forgetBefore(day);
      return counted;
    });
  };
}
