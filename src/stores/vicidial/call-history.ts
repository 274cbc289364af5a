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

  async function readLog(log: HistoryLog, found: HistoryTables, leadId: number): Promise<readonly Cells[]> {
    const table = found.get(log);
    if (!canFindBy(table, 'lead_id')) return [];
    const wanted = COLUMNS[log].map((column, at) => {
      if (!table.columns.has(column)) return `NULL AS c${at}`;
      return `${TIMES.has(column) ? `UNIX_TIMESTAMP(${column})` : quoteName(column)} AS c${at}`;
    });
    const readOf = (most: number) =>
      `SELECT ${wanted.join(', ')} FROM ${log} ${byIndex(table, 'lead_id')} WHERE lead_id = ? LIMIT ${most}`;
    // An index on lead_id has no order of time: what is read is put in order with the rest.
    const rows = await read(readOf(MOST_HISTORY), [wholeNumber(leadId)]);
    if (rows.length < MOST_HISTORY) return rows.map(cellsOf);
    // Such as of a number that many share: those are not the newest.
    const newest = `SELECT * FROM (${readOf(MOST_SORTED)}) entries ORDER BY c1 DESC, c0 DESC LIMIT ${MOST_HISTORY}`;
    return (await read(newest, [wholeNumber(leadId)])).map(cellsOf);
  }

  async function readNow(
    found: HistoryTables,
    leadId: number,
    user: string | undefined,
  ): Promise<LeadHistory> {
    const [visible, outbound, inbound, notes, callbacks, nameOf, doNotCall] = await Promise.all([
      visibleCalls(read, found, leadId, user),
      readLog('vicidial_log', found, leadId),
      readLog('vicidial_closer_log', found, leadId),
      readLog('vicidial_call_notes', found, leadId),
      readLog('vicidial_callbacks', found, leadId),
      statusNames(),
      readDoNotCall(read, found, leadId),
    ]);
    const calls = [
      ...outbound.map((cells) => callOf(leadId, cells, 'outbound', nameOf)),
      ...inbound.map((cells) => callOf(leadId, cells, 'inbound', nameOf)),
    ].sort(newestFirst);
    const shown = calls.slice(0, visible);
    const entries: DialerHappening[] = [
      ...shown.map(({ call }) => call),
      ...notesOf(notes, shown, visible === Infinity),
      ...callbacks.map(callbackOf),
    ];
    entries.sort((one, other) => other.at - one.at);
    return { entries, ...(doNotCall !== undefined && { doNotCall }) };
  }

  /** @param user who is to see it; undefined: no user of the dialer */
  return (leadId: number, user: string | undefined): Promise<LeadHistory> =>
    withStoreFailure(() => retryAfterRefresh(tables, (found) => readNow(found, leadId, user)));
}

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

/** Of calls that are shown; where all are, those of no known call, too. */
function notesOf(notes: readonly Cells[], calls: readonly KnownCall[], all: boolean): readonly DialerNote[] {
  const callOfName = new Map(calls.flatMap(({ names, call }) => names.map((name) => [name, call] as const)));
  return notes.flatMap(([id, written, text, callName]): readonly DialerNote[] => {
    const call = callOfName.get(callName ?? '');
    if (text === undefined || text.trim() === '' || (call === undefined && !all)) return [];
    const at = millisecondsOf(written) ?? call?.at ?? 0;
    return [{ type: 'note', noteId: Number(id), at, user: call?.user ?? '', endpoint: 'dialer', text }];
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
