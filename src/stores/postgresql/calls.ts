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
import type { Read, Row } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import type { Database } from './database.ts';
import { comparedText, listsOf } from './rows.ts';

const SELECT = `SELECT ${CALL_COLUMNS.join(', ')} FROM calls`;

/** Of some lists: $2; $3: whether those of no lead are left out. */
const IN_LISTS = `number_key = $1 AND call_number > coalesce((SELECT call_number FROM calls WHERE number_key = $1
    ORDER BY call_number DESC LIMIT 1 OFFSET ${NEWEST_OF_NUMBER}), 0)
  AND CASE WHEN lead_id IS NULL THEN NOT $3::boolean
    ELSE (SELECT list_id FROM leads WHERE leads.lead_id = calls.lead_id) = ANY ($2::bigint[]) END`;
const counted = (where: string) =>
  `SELECT count(*) FROM (SELECT 1 FROM calls WHERE ${where} LIMIT ${MOST_COUNTED}) AS found`;

/** The statements of calls: a test reads the query plan of each. */
export const CALL_STATEMENTS = {
  read: `${SELECT} WHERE call_id = $1`,
  locked: `${SELECT} WHERE call_id = $1 FOR UPDATE`,
  // One that is over, of another number, is another call: its source has begun to count anew.
  same: `${SELECT} WHERE source = $1 AND source_call_id = $2 AND user_id = $3 AND started_at > $4
    AND (ended_at IS NULL OR number_key IS NULL OR $5::text IS NULL OR number_key = $5)
    ORDER BY call_number DESC LIMIT 1 FOR UPDATE`,
  lead: `${SELECT} WHERE lead_id = $1 ORDER BY call_number DESC LIMIT $2 OFFSET $3`,
  countLead: counted('lead_id = $1'),
  account: `${SELECT} WHERE user_id = $1 ORDER BY call_number DESC LIMIT $2 OFFSET $3`,
  countAccount: counted('user_id = $1'),
  number: `${SELECT} WHERE number_key = $1 ORDER BY call_number DESC LIMIT $2 OFFSET $3`,
  countNumber: counted('number_key = $1'),
  numberInLists: `${SELECT} WHERE ${IN_LISTS} ORDER BY call_number DESC LIMIT $4 OFFSET $5`,
  countNumberInLists: counted(IN_LISTS),
  countUnknown: `SELECT count(*) FROM calls WHERE started_at < $1 AND ${OF_NOBODY}`,
  lastOfSome: `SELECT call_number FROM calls WHERE call_number > $1 ORDER BY call_number LIMIT 1 OFFSET ${CALLS_AT_ONCE - 1}`,
  forgetUnknown: `DELETE FROM calls
    WHERE call_number > $1 AND call_number <= $2 AND started_at < $3 AND ${OF_NOBODY} RETURNING 1`,
} as const;

const INSERT = `INSERT INTO calls (${NEW_CALL_COLUMNS.join(', ')})
  VALUES (${NEW_CALL_COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})`;
const UPDATE = `UPDATE calls SET ${CHANGED_COLUMNS.map((column, at) => `${column} = $${at + 2}`).join(', ')}
  WHERE call_id = $1`;
const ADD_KEY = 'UPDATE calls SET number_key = $2 WHERE call_id = $1 AND number_key IS NULL';
/** Two reports of a new call make one row. */
const LOCK = 'SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext($1))';

/** @param row in the order of CALL_COLUMNS */
export const callOfRow = (row: Row): KeptCall =>
  callOf(Object.fromEntries(CALL_COLUMNS.map((column, at) => [column, row[at]])));

/** Calls in the store. */
export function createCallStore({ read, transaction }: Database): CallStore {
  return {
    report: (report) => withStoreFailure(() => transaction(({ run }) => keepReport(run, report))),
    read: (callId) =>
      withStoreFailure(async () => {
        const [row] = await read(CALL_STATEMENTS.read, [comparedText(callId)]);
        return row && callOfRow(row);
      }),
    amend: (callId, amendment) =>
      withStoreFailure(() =>
        transaction(async ({ run }) => {
          const [row] = await run(CALL_STATEMENTS.locked, [comparedText(callId)]);
          if (row === undefined) return undefined;
          const amended = withAmendment(callOfRow(row), amendment);
          if (amended !== 'changed') await change(run, amended.call);
          return amended;
        }),
      ),
    find: (choice, { offset, limit }) =>
      withStoreFailure(async () => {
        const [page, count, bound] = chosen(choice);
        const [calls, [total]] = await Promise.all([
          read(page, [...bound, limit, offset]),
          read(count, bound),
        ]);
        return { total: Number(total?.[0]), calls: calls.map(callOfRow) };
      }),
    countUnknown: (before) =>
      withStoreFailure(() =>
        transaction(async ({ run }) => Number((await run(CALL_STATEMENTS.countUnknown, [before]))[0]?.[0])),
      ),
    forgetUnknown: (before, after) =>
      withStoreFailure(() => transaction(({ run }) => forgetSome(run, before, after))),
  };
}

/** Within a transaction. */
async function forgetSome(run: Read, before: number, after: number): Promise<ForgottenCalls> {
  const [row] = await run(CALL_STATEMENTS.lastOfSome, [after]);
  const next = row && Number(row[0]);
  const gone = await run(CALL_STATEMENTS.forgetUnknown, [after, next ?? Number.MAX_SAFE_INTEGER, before]);
  return { count: gone.length, next };
}

/** Within a transaction. */
async function keepReport(run: Read, report: CallReport): Promise<ReportedAs | undefined> {
  const before = await findSame(run, report);
  const numberKey = report.numberKey ?? null;
  if (before === undefined) {
    if (!report.mayBegin) return undefined;
    const call = newCall(report);
    await run(INSERT, [...boundByCall(call, CALL_COLUMNS), numberKey]);
    return { call, news: 'call' };
  }
  const call = withReport(before, report);
  await change(run, call);
  if (numberKey !== null && call.phone === report.phone) await run(ADD_KEY, [call.callId, numberKey]);
  return { call, news: call.state === before.state ? 'none' : 'state' };
}

async function findSame(run: Read, report: CallReport): Promise<KeptCall | undefined> {
  const { source, sourceCallId, account, at } = report;
  if (sourceCallId === undefined) return undefined;
  await run(LOCK, [`call ${source} ${account} ${sourceCallId}`]);
  const since = at - SAME_CALL_MS;
  const bound = [source, sourceCallId, Number(account), since, begunNumber(report)];
  const [row] = await run(CALL_STATEMENTS.same, bound);
  return row && callOfRow(row);
}

async function change(run: Read, call: KeptCall): Promise<void> {
  await run(UPDATE, [call.callId, ...boundByCall(call, CHANGED_COLUMNS)]);
}

function chosen(
  choice: CallChoice,
): readonly [page: string, count: string, bound: (string | number | null)[]] {
  if ('leadId' in choice) return [CALL_STATEMENTS.lead, CALL_STATEMENTS.countLead, [choice.leadId]];
  if ('account' in choice)
    return [CALL_STATEMENTS.account, CALL_STATEMENTS.countAccount, [Number(choice.account)]];
  const { numberKey, scope, isOthers = false } = choice;
  const key = comparedText(numberKey);
  if (scope === 'every list') return [CALL_STATEMENTS.number, CALL_STATEMENTS.countNumber, [key]];
  const bound = [key, listsOf(scope), String(isOthers)];
  return [CALL_STATEMENTS.numberInLists, CALL_STATEMENTS.countNumberInLists, bound];
}
