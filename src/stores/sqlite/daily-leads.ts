import { setImmediate as nextTick } from 'node:timers/promises';

import type { CountedLeads, DailyLeadStore, LeadsRead } from '../../core/daily-leads.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { writeAtOnce, writeWhole, writeWithRetry } from './transactions.ts';

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
                (SELECT day, account, lead_id FROM daily_leads WHERE day < ? LIMIT ?)`,
  forgetAccounts: `DELETE FROM daily_lead_counts WHERE (day, account) IN
                   (SELECT day, account FROM daily_lead_counts WHERE day < ? LIMIT ?)`,
} as const;

/** How long leads may wait that are to be counted soon. */
const SOON_MS = 1_000;
/** Answers whose leads are counted in one transaction: some 2 ms, and others are served between two. */
const READS_AT_ONCE = 250;
/** Rows of earlier days that are removed in a transaction: more than it adds, so that they come to an end. */
const FORGOTTEN_AT_ONCE = 500;

interface Waiting extends PromiseWithResolvers<CountedLeads> {
  readonly read: LeadsRead;
}

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
  const report = createFailureReport(log);
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isCounting = false;

  async function countSome(some: readonly Waiting[]): Promise<void> {
    if (some.length === 0) return;
    try {
      await writeWithRetry(connection, () => settle(some, countAll));
      report(undefined);
    } catch (cause) {
      for (const { reject } of some) reject(cause);
      if (connection.database.isOpen) report(cause);
    }
  }

  /** Until nothing waits; what comes meanwhile is counted, too. */
  async function countWaiting(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (isCounting) return;
    isCounting = true;
    do {
      // At the end of the tick, with all that came in it.
      await nextTick();
      await countSome(waiting.splice(0, READS_AT_ONCE));
    } while (waiting.length > 0);
    isCounting = false;
  }

  return {
    count(read, when) {
      const counted = Promise.withResolvers<CountedLeads>();
      waiting.push({ read, ...counted });
      if (when === 'soon') timer ??= setTimeout(() => void countWaiting(), SOON_MS).unref();
      else void countWaiting();
      return counted.promise;
    },
    reported: createReported(connection),
    /** Counts what waits, if nobody else writes just now. */
    close() {
      clearTimeout(timer);
      const last = waiting;
      waiting = [];
      if (last.length === 0) return;
      try {
        connection.readBatch.end();
        writeAtOnce(connection.database, () => settle(last, countAll));
      } catch (cause) {
        for (const { reject } of last) reject(new StoreFailure(cause));
        report(cause);
      }
    },
  };
}

function createReported({ database }: Connection): DailyLeadStore['reported'] {
  const reported = database.prepare(DAILY_LEAD_STATEMENTS.reported);
  return (day) =>
    reported.all(day).map((row) => ({ user: row.user_name as string, leads: Number(row.leads) }));
}

type Counting = (reads: readonly LeadsRead[]) => readonly CountedLeads[];

/** @throws what `countAll` throws; then all of them still wait */
function settle(waiting: readonly Waiting[], countAll: Counting): void {
  const counted = countAll(waiting.map(({ read }) => read));
  for (const [at, { resolve }] of waiting.entries()) {
    const own = counted[at];
    if (own !== undefined) resolve(own);
  }
}

/** Logs the first of several failures, and the end of them. */
function createFailureReport(log: LogStoreEvent): (cause: unknown) => void {
  let isFailing = false;
  return (cause) => {
    if ((cause !== undefined) === isFailing) return;
    isFailing = cause !== undefined;
    if (isFailing)
      log({
        level: 'error',
        message:
          'the leads that users read cannot be counted; where dailyLeads is set, leads not yet read today are refused',
        cause: cause instanceof StoreFailure ? cause.cause : cause,
      });
    else log({ level: 'info', message: 'the leads that users read are counted again' });
  };
}

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
    const { leads: before, reported } = readAccount(day, id);
    const unread = leadIds.filter((leadId) => lead.get(day, id, leadId) === undefined);
    const most = thresholds.at(-1) ?? 0;
    const fits = unread.length === 0 || before + unread.length <= most;
    const leads = fits ? before + unread.length : before;
    // Whoever was refused has come to the last one, also by a page of several leads that do not all fit.
    const passed = fits ? thresholds.findLast((threshold) => threshold <= leads) : most;
    const reached = passed !== undefined && passed > reported ? passed : undefined;
    if (fits) for (const leadId of unread) addLead.run(day, id, leadId);
    if (leads > before || reached !== undefined) setAccount.run(day, id, user, leads, reached ?? reported);
    return { day, leads, fits, reached };
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
