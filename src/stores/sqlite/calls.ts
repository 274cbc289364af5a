import type { DatabaseSync } from 'node:sqlite';

import {
  type CallChoice,
  type CallReport,
  CALLS_AT_ONCE,
  type CallStore,
  type ForgottenCalls,
  type KeptCall,
  MOST_COUNTED,
  NEWEST_OF_NUMBER,
  type ReportedAs,
  SAME_CALL_MS,
  withAmendment,
  withReport,
} from '../../core/call-store.ts';
import {
  begunNumber,
  boundByCall,
  CALL_COLUMNS,
  callOf,
  CHANGED_COLUMNS,
  newCall,
  NEW_CALL_COLUMNS,
  OF_NOBODY,
} from '../call-rows.ts';
import { listsOf } from '../rows.ts';
import type { Connection } from './connection.ts';
import { writeWhole, writeWithRetry } from './transactions.ts';

const SELECT = `SELECT ${CALL_COLUMNS.join(', ')} FROM calls`;

/** Of some lists: ?2, as JSON; ?3: whether those of no lead are left out. */
const WHERE = {
  lead: 'lead_id = ?1',
  account: 'user_id = ?1',
  number: 'number_key = ?1',
  numberInLists: `number_key = ?1 AND call_number > coalesce((SELECT call_number FROM calls WHERE number_key = ?1
      ORDER BY call_number DESC LIMIT 1 OFFSET ${NEWEST_OF_NUMBER}), 0)
    AND CASE WHEN lead_id IS NULL THEN NOT ?3
      ELSE (SELECT list_id FROM leads WHERE leads.lead_id = calls.lead_id) IN (SELECT value FROM json_each(?2)) END`,
} as const;

const PAGE = 'ORDER BY call_number DESC LIMIT ? + 0 OFFSET ?';

/** The statements of calls: a test reads the query plan of each. */
export const CALL_STATEMENTS = {
  read: `${SELECT} WHERE call_id = ?`,
  // One that is over, of another number, is another call: its source has begun to count anew.
  same: `${SELECT} WHERE source = ?1 AND source_call_id = ?2 AND user_id = ?3 AND started_at > ?4
    AND (ended_at IS NULL OR number_key IS NULL OR ?5 IS NULL OR number_key = ?5)
    ORDER BY call_number DESC LIMIT 1`,
  lead: `${SELECT} WHERE ${WHERE.lead} ${PAGE}`,
  account: `${SELECT} WHERE ${WHERE.account} ${PAGE}`,
  number: `${SELECT} WHERE ${WHERE.number} ${PAGE}`,
  numberInLists: `${SELECT} WHERE ${WHERE.numberInLists} ${PAGE}`,
} as const;

/** Calls in the embedded store. */
export function createCallStore(connection: Connection): CallStore {
  const { database, readBatch } = connection;
  const byId = database.prepare(CALL_STATEMENTS.read);
  const countUnknown = createCountUnknown(database);
  const forget = createForget(database);
  const writes = createWrites(database);
  const find = createFind(database);
  const write = <Result>(work: () => Result) => writeWithRetry(connection, () => writeWhole(database, work));

  function read(callId: string): KeptCall | undefined {
    const row = byId.get(callId);
    return row && callOf(row);
  }

  return {
    report: (report) => write(() => writes.report(report)),
    read: (callId) => readBatch.read(() => read(callId)),
    amend: (callId, amendment) =>
      write(() => {
        const before = read(callId);
        if (before === undefined) return undefined;
        const amended = withAmendment(before, amendment);
        if (amended !== 'changed') writes.change(amended.call);
        return amended;
      }),
    find: (choice, page) => readBatch.read(() => find(choice, page)),
    countUnknown: (before) => readBatch.read(() => countUnknown(before)),
    forgetUnknown: (before, after) => write(() => forget(before, after)),
  };
}

/** Counts calls of no lead that is known. @param before milliseconds of the wall clock */
export function createCountUnknown(database: DatabaseSync): (before: number) => number {
  const count = database.prepare(`SELECT count(*) AS count FROM calls WHERE started_at < ? AND ${OF_NOBODY}`);
  return (before) => Number(count.get(before)?.count);
}

/** Within a transaction. */
function createForget(database: DatabaseSync): (before: number, after: number) => ForgottenCalls {
  const last = database.prepare(
    `SELECT call_number FROM calls WHERE call_number > ? ORDER BY call_number LIMIT 1 OFFSET ${CALLS_AT_ONCE - 1}`,
  );
  const forget = database.prepare(
    `DELETE FROM calls WHERE call_number > ? AND call_number <= ? AND started_at < ? AND ${OF_NOBODY}`,
  );
  return (before, after) => {
    // From now on what this connection deletes is overwritten with zeros.
    database.exec('PRAGMA secure_delete = ON');
    const row = last.get(after);
    const next = row && Number(row.call_number);
    const { changes } = forget.run(after, next ?? Number.MAX_SAFE_INTEGER, before);
    return { count: Number(changes), next };
  };
}

/** Each within a transaction. */
function createWrites(database: DatabaseSync) {
  const same = database.prepare(CALL_STATEMENTS.same);
  const insert = database.prepare(
    `INSERT INTO calls (${NEW_CALL_COLUMNS.join(', ')}) VALUES (${NEW_CALL_COLUMNS.map(() => '?').join(', ')})`,
  );
  const update = database.prepare(
    `UPDATE calls SET ${CHANGED_COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE call_id = ?`,
  );
  const addKey = database.prepare('UPDATE calls SET number_key = ? WHERE call_id = ? AND number_key IS NULL');

  function findSame(report: CallReport): KeptCall | undefined {
    const { source, sourceCallId, account, at } = report;
    if (sourceCallId === undefined) return undefined;
    const row = same.get(source, sourceCallId, Number(account), at - SAME_CALL_MS, begunNumber(report));
    return row && callOf(row);
  }

  function change(call: KeptCall): void {
    update.run(...boundByCall(call, CHANGED_COLUMNS), call.callId);
  }

  return {
    change,
    report(report: CallReport): ReportedAs | undefined {
      const before = findSame(report);
      const numberKey = report.numberKey ?? null;
      if (before === undefined) {
        if (!report.mayBegin) return undefined;
        const call = newCall(report);
        insert.run(...boundByCall(call, CALL_COLUMNS), numberKey);
        return { call, news: 'call' };
      }
      const call = withReport(before, report);
      change(call);
      if (numberKey !== null && call.phone === report.phone) addKey.run(numberKey, call.callId);
      return { call, news: call.state === before.state ? 'none' : 'state' };
    },
  };
}

function createFind(database: DatabaseSync) {
  const prepare = (name: keyof typeof WHERE) => ({
    page: database.prepare(CALL_STATEMENTS[name]),
    count: database.prepare(
      `SELECT count(*) AS count FROM (SELECT 1 FROM calls WHERE ${WHERE[name]} LIMIT ${MOST_COUNTED})`,
    ),
  });
  const statements = {
    lead: prepare('lead'),
    account: prepare('account'),
    number: prepare('number'),
    numberInLists: prepare('numberInLists'),
  };

  function chosen(choice: CallChoice) {
    if ('leadId' in choice) return [statements.lead, choice.leadId] as const;
    if ('account' in choice) return [statements.account, Number(choice.account)] as const;
    const { numberKey, scope, isOthers = false } = choice;
    if (scope === 'every list') return [statements.number, numberKey] as const;
    return [statements.numberInLists, numberKey, listsOf(scope), isOthers ? 1 : 0] as const;
  }

  return (...[choice, { offset, limit }]: Parameters<CallStore['find']>) => {
    const [{ page, count }, ...bound] = chosen(choice);
    return {
      total: Number(count.get(...bound)?.count),
      calls: page.all(...bound, limit, offset).map(callOf),
    };
  };
}
