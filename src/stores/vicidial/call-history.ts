import { hash } from 'node:crypto';

import type { CallState } from '../../core/reported-call.ts';
import { isDialerAccount } from '../../auth/lockout.ts';
import {
  type DialerCall,
  type DialerCallback,
  type DialerHappening,
  type DialerNote,
  type LeadHistory,
  MOST_HISTORY,
} from '../../core/lead-history.ts';

import { withStoreFailure } from '../network/pool.ts';
import {
  type HistoryTables,
  MOST_SORTED,
  readDoNotCall,
  RULE_TABLES,
  visibleCalls,
} from './history-rules.ts';
import { givenTexts, quoteName, type Read, type Row, textOf, wholeNumber } from './rows.ts';
import { createCached, retryAfterRefresh } from './schema-cache.ts';
import { byIndex, canFindBy, readTables } from './schema.ts';
import { createStatusNames, type NameOfStatus } from './status-names.ts';

/** The tables that only a history needs. */
export const HISTORY_TABLES = [
  'vicidial_log',
  'vicidial_closer_log',
  'vicidial_call_notes',
  'vicidial_callbacks',
  'vicidial_statuses',
  'vicidial_campaign_statuses',
  'vicidial_campaigns',
  'vicidial_dnc',
  'vicidial_campaign_dnc',
] as const;

/** What is read of each table, in this order; a column that this version has not is null. The first two begin each entry. */
const COLUMNS = {
  vicidial_log: ['uniqueid', 'call_date', 'length_in_sec', 'status', 'user', 'campaign_id', 'phone_number'],
  vicidial_closer_log: [
    'closecallid',
    'call_date',
    'length_in_sec',
    'status',
    'user',
    'campaign_id',
    'phone_number',
    'uniqueid',
  ],
  vicidial_call_notes: ['notesid', 'call_date', 'call_notes', 'vicidial_id'],
  vicidial_callbacks: [
    'callback_id',
    'entry_time',
    'callback_time',
    'status',
    'user',
    'recipient',
    'comments',
  ],
} as const;
type HistoryLog = keyof typeof COLUMNS;
const TIMES: ReadonlySet<string> = new Set(['call_date', 'entry_time', 'callback_time']);
/** As the dialer calls those states of a call. */
const GOES_ON: Readonly<Record<string, CallState>> = { QUEUE: 'ringing', INCALL: 'answered' };

/**
 * Reads a lead's past, as the dialer's own screens do: calls out and in, notes and callbacks, by the index on `lead_id` that each
 * table has. What our account may not read is not there.
 *
 * @param database of the dialer
 */
export function createLeadHistory(read: Read, database: string) {
  const tables = createCached<HistoryTables>(() =>
    readTables(read, database, [...new Set([...HISTORY_TABLES, ...RULE_TABLES])]),
  );
  const statusNames = createStatusNames(read, () => tables.get());

  const { readLog, readNotes } = createReadLogs(read);

  async function readNow(
    found: HistoryTables,
    leadId: number,
    user: string | undefined,
    most: number,
  ): Promise<LeadHistory> {
    const visible = await visibleCalls(read, found, leadId, user);
    const calls = visible === Infinity ? most : visible;
    const [outbound, inbound, callbacks, nameOf, doNotCall, ofAll] = await Promise.all([
      readLog('vicidial_log', found, leadId, calls),
      readLog('vicidial_closer_log', found, leadId, calls),
      readLog('vicidial_callbacks', found, leadId, most),
      statusNames(),
      readDoNotCall(read, found, leadId),
      visible === Infinity ? readNotes(found, leadId, most, 'all') : undefined,
    ]);
    const known = [
      ...outbound.entries.map((cells) => callOf(leadId, cells, 'outbound', nameOf)),
      ...inbound.entries.map((cells) => callOf(leadId, cells, 'inbound', nameOf)),
    ].sort(newestFirst);
    const shown = known.slice(0, visible);
    const notes = ofAll ?? (await readNotes(found, leadId, most, shown));
    const entries: DialerHappening[] = [
      ...shown.map(({ call }) => call),
      ...notesOf(notes.entries, shown),
      ...callbacks.entries.map(callbackOf),
    ];
    entries.sort((one, other) => other.at - one.at);
    const count = Math.min(visible, outbound.total + inbound.total);
    const total = count + notes.total + callbacks.total;
    return { entries, total, calls: count, ...(doNotCall !== undefined && { doNotCall }) };
  }

  /**
   * @param user who is to see it; undefined: no user of the dialer
   * @param most so many of the newest entries are there, and so many of the newest calls
   */
  return (leadId: number, user: string | undefined, most: number): Promise<LeadHistory> =>
    withStoreFailure(() => retryAfterRefresh(tables, (found) => readNow(found, leadId, user, most)));
}

/** Reads the newest entries of a lead in one log. */
function createReadLogs(read: Read) {
  /** @param which of its entries; all where nothing is said */
  async function readLog(
    log: HistoryLog,
    found: HistoryTables,
    leadId: number,
    most: number,
    which: Condition = ALL,
  ): Promise<ReadLog> {
    const table = found.get(log);
    if (!canFindBy(table, 'lead_id') || which.columns.some((column) => !table.columns.has(column)))
      return NONE;
    const wanted = COLUMNS[log].map((column, at) => {
      if (!table.columns.has(column)) return `NULL AS c${at}`;
      return `${TIMES.has(column) ? `UNIX_TIMESTAMP(${column})` : quoteName(column)} AS c${at}`;
    });
    const from = `FROM ${log} ${byIndex(table, 'lead_id')} WHERE lead_id = ?${which.sql}`;
    // An index on lead_id has no order of time.
    const rows = await read(
      `SELECT entries.*, (SELECT COUNT(*) FROM (SELECT 1 ${from} LIMIT ${MOST_HISTORY}) counted)
        FROM (SELECT ${wanted.join(', ')} ${from} LIMIT ${MOST_SORTED}) entries ORDER BY c1 DESC, c0 DESC LIMIT ?`,
      [...[0, 1].flatMap(() => [wholeNumber(leadId), ...which.values]), Math.min(most, MOST_HISTORY)],
    );
    const [first] = rows;
    return { total: Number(textOf(first?.[wanted.length]) ?? 0), entries: rows.map(cellsOf) };
  }

  /** Of calls that are shown; where all are, those of no known call, too. */
  function readNotes(
    found: HistoryTables,
    leadId: number,
    most: number,
    ofCalls: readonly KnownCall[] | 'all',
  ) {
    if (ofCalls === 'all') return readLog('vicidial_call_notes', found, leadId, most, WITH_TEXT);
    const values = ofCalls.flatMap(({ names }) => names);
    const isOfThem = ` AND vicidial_id IN (${values.map(() => '?').join(', ')})`;
    return readLog('vicidial_call_notes', found, leadId, most, {
      columns: [...WITH_TEXT.columns, 'vicidial_id'],
      sql: WITH_TEXT.sql + (values.length === 0 ? ' AND 0' : isOfThem),
      values,
    });
  }

  return { readLog, readNotes };
}

/** Which entries of a log are read, beside those of the lead. */
interface Condition {
  /** Without these there is none. */
  readonly columns: readonly string[];
  /** Behind the condition of the lead. */
  readonly sql: string;
  readonly values: readonly string[];
}

const ALL: Condition = { columns: [], sql: '', values: [] };
const WITH_TEXT: Condition = { columns: ['call_notes'], sql: " AND call_notes <> ''", values: [] };

/** The newest entries of a log, and how many there are, as far as they are counted (MOST_HISTORY). */
interface ReadLog {
  readonly total: number;
  readonly entries: readonly Cells[];
}

const NONE: ReadLog = { total: 0, entries: [] };

type Cells = readonly (string | undefined)[];

function cellsOf(row: Row): Cells {
  return row.map((value) => textOf(value) ?? undefined);
}

interface KnownCall {
  readonly call: DialerCall;
  /** By which notes name it. */
  readonly names: readonly string[];
}

function newestFirst(one: KnownCall, other: KnownCall): number {
  return other.call.at - one.call.at;
}

function callOf(
  leadId: number,
  cells: Cells,
  direction: DialerCall['direction'],
  nameOf: NameOfStatus,
): KnownCall {
  const [id = '', began, length, status = '', user = '', line, phone, uniqueId] = cells;
  const at = millisecondsOf(began) ?? 0;
  const state = GOES_ON[status] ?? 'ended';
  return {
    names: [id, ...(uniqueId === undefined ? [] : [uniqueId])],
    call: {
      ...{
        type: 'call',
        callId: callIdOf(direction, id),
        source: 'dialer',
        sourceCallId: id,
        account: '',
        leadId,
      },
      user: isDialerAccount(user) ? '' : user,
      ...{ at, startedAt: at },
      ...{ state, direction },
      ...givenTexts({ phone, line }),
      ...(state === 'ended' && length !== undefined && { endedAt: at + 1_000 * Number(length) }),
      ...(state === 'ended' && givenTexts({ outcome: nameOf(status, line) })),
    },
  };
}

/** As long as the ids of calls that are kept here, and the same each time. */
function callIdOf(direction: DialerCall['direction'], id: string): string {
  return hash('sha256', `dialer\0${direction}\0${id}`, 'base64url').slice(0, 12);
}

function notesOf(notes: readonly Cells[], calls: readonly KnownCall[]): readonly DialerNote[] {
  const callOfName = new Map(calls.flatMap(({ names, call }) => names.map((name) => [name, call] as const)));
  return notes.map(([id, written, text = '', callName]): DialerNote => {
    const call = callOfName.get(callName ?? '');
    const at = millisecondsOf(written) ?? call?.at ?? 0;
    return { type: 'note', noteId: Number(id), at, user: call?.user ?? '', endpoint: 'dialer', text };
  });
}

function callbackOf(cells: Cells): DialerCallback {
  const [id, entered, due, status = '', user, recipient, text] = cells;
  const dueAt = millisecondsOf(due);
  return {
    type: 'callback',
    callbackId: Number(id),
    at: millisecondsOf(entered) ?? dueAt ?? 0,
    ...(dueAt !== undefined && { due: dueAt }),
    status,
    ...(recipient === 'USERONLY' && user !== undefined && { user }),
    ...givenTexts({ text }),
  };
}

function millisecondsOf(seconds: string | undefined): number | undefined {
  return seconds === undefined || Number(seconds) === 0 ? undefined : Math.round(1_000 * Number(seconds));
}
