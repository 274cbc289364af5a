import { DAY_MS } from '../../core/days.ts';
import { type ErasedRows, NO_LEAD, type PersonStore } from '../../core/person-store.ts';
import type { Country, PhoneNumber } from '../../core/phone.ts';
import type { Read } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import { CALL_COLUMNS, OF_NOBODY } from '../call-rows.ts';
import { callOfRow } from './calls.ts';
import { CALLED_PARTS, createErasedHash, HIDDEN_NAME, NOTHING_ERASED, SAME_TIME_MS } from '../erased-rows.ts';
import {
  isNamedByNumber,
  keysOfState,
  longTails,
  wantedNumber,
  type WantedNumbers,
  withNumber,
} from '../person-numbers.ts';
import { cleanTables, SERVED_BYTES } from './clean-tables.ts';
import type { Database } from './database.ts';
import { readKeptLead } from './kept-leads.ts';
import { newestChange } from './lead-changes.ts';
import { lockLeads } from './leads-lock.ts';
import { findNumbers, numbersOf } from './person-search.ts';
import { arrayOf, comparedText } from './rows.ts';
import { findUntouched } from './untouched-leads.ts';

const counted = (sql: string) => `WITH gone AS (${sql} RETURNING 1) SELECT count(*) FROM gone`;
const rowsOf = (table: string) => counted(`DELETE FROM ${table} WHERE lead_id = ANY ($1::bigint[])`);

/** What is deleted of leads, in this order. */
const ROWS = {
  /** The key of a request that is sent again is known by what it made, and when: it may be an id of a lead or of a note. */
  idempotencyKeys: counted(`DELETE FROM idempotency_keys AS asked USING (
      SELECT lead_id AS id, at FROM lead_changes WHERE lead_id = ANY ($1::bigint[])
      UNION ALL SELECT note_id, at FROM notes WHERE lead_id = ANY ($1::bigint[])) AS done
    WHERE asked.result_id = done.id AND asked.at BETWEEN done.at - ${SAME_TIME_MS} AND done.at + ${SAME_TIME_MS}`),
  numbers: rowsOf('lead_numbers'),
  notes: rowsOf('notes'),
  changes: rowsOf('lead_changes'),
  externalIds: rowsOf('external_ids'),
  dailyReads: rowsOf('daily_leads'),
  calls: rowsOf('calls'),
  /** With their words, which a trigger takes along. */
  leads: rowsOf('leads'),
} as const;

/** The statements of an erasure: a test reads the query plan of each. */
export const ERASURE_STATEMENTS = {
  ...ROWS,
  /** Of live pop, as JSON: those of the leads, and all with a number, which may be a person's however it is written. */
  lastCalls: `DELETE FROM last_calls WHERE call LIKE '%"phone":%'
    OR substring(call FROM '"leadId":([0-9]{1,15})[,}]')::bigint = ANY ($1::bigint[])`,
  callsOfNumbers: counted(`DELETE FROM calls WHERE number_key = ANY ($1::text[]) AND ${OF_NOBODY}`),
  countCalls: `SELECT count(*) FROM calls WHERE number_key = $1 AND ${OF_NOBODY}`,
  callsOf: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls WHERE number_key = $1 AND ${OF_NOBODY} ORDER BY call_number DESC`,
  /** Numbers that other leads have, too. */
  shared: `SELECT asked FROM unnest($1::text[]) AS asked WHERE EXISTS
    (SELECT 1 FROM lead_numbers WHERE key = asked AND lead_id <> ALL ($2::bigint[]))`,
  largeCalls: 'DELETE FROM large_calls',
  /** Who changes one of them waits, and is then told that it is gone. */
  lock: 'SELECT lead_id FROM leads WHERE lead_id = ANY ($1::bigint[]) ORDER BY lead_id FOR UPDATE',
  calledBy: `SELECT DISTINCT key FROM lead_numbers WHERE lead_id = ANY ($1::bigint[]) AND part IN (${CALLED_PARTS})`,
  secret: `SELECT value FROM meta WHERE name = 'erasure_secret'`,
  keepNumbers: `INSERT INTO erased_numbers SELECT unnest($1::text[]), $2::bigint
    ON CONFLICT (number_hash) DO UPDATE SET at = excluded.at`,
  forgetNumbers: 'DELETE FROM erased_numbers WHERE at < $1',
  importNames: 'SELECT import_id, file_name FROM imports',
  hideImports: 'UPDATE imports SET file_name = $1 WHERE import_id = ANY ($2::bigint[])',
  note: `INSERT INTO erased_leads SELECT unnest($1::bigint[]), $2::bigint, true, $3::boolean
    ON CONFLICT (lead_id) DO UPDATE SET at = excluded.at, in_files = true, is_wish = excluded.is_wish`,
  uncleaned: 'SELECT lead_id FROM erased_leads WHERE in_files ORDER BY lead_id',
  setClean: 'UPDATE erased_leads SET in_files = false WHERE in_files AND lead_id = ANY ($1::bigint[])',
  forgetLeads: 'DELETE FROM erased_leads WHERE NOT in_files AND (NOT is_wish OR at <= $1)',
} as const;

/**
 * People in the store: found, shown and erased.
 *
 * @param erasedDays for so long an import knows the numbers of whoever was erased; 0: not at all
 */
export function createPersonStore(database: Database, erasedDays: number): PersonStore {
  const { country, transaction } = database;
  // On connections that no lookup waits for, where a statement may take its time.
  const read: Read = (sql, parameters) => transaction(({ run }) => run(sql, parameters));
  const uncleaned = async () =>
    (await read(ERASURE_STATEMENTS.uncleaned, [])).map(([leadId]) => Number(leadId));
  return {
    find: (phone) => withStoreFailure(() => findNumbers(read, country, wantedNumber(phone))),
    read: (leadId) => withStoreFailure(() => transaction(({ run }) => readKeptLead(run, country, leadId))),
    findRelated: (leadIds) =>
      withStoreFailure(async () =>
        findNumbers(read, country, await numbersOf(read, country, leadIds), leadIds),
      ),
    findUntouched: (...asked) => withStoreFailure(() => findUntouched(read, ...asked)),
    countCalls: ({ key }) =>
      withStoreFailure(async () => {
        const [row] = await read(ERASURE_STATEMENTS.countCalls, [comparedText(key)]);
        return Number(row?.[0]);
      }),
    callsOf: ({ key }) =>
      withStoreFailure(async () =>
        (await read(ERASURE_STATEMENTS.callsOf, [comparedText(key)])).map(callOfRow),
      ),
    erase: (leadIds, at, why, phone) =>
      withStoreFailure(() =>
        transaction(({ run }) =>
          eraseLeads(run, { country, erasedDays, leadIds, at, isWish: why === 'wish', phone }),
        ),
      ),
    uncleaned: () => withStoreFailure(uncleaned),
    cleanFiles: (isServing = false) =>
      withStoreFailure(async () => {
        const erased = await uncleaned();
        const cleaned = await cleanTables(database, isServing ? { mostBytes: SERVED_BYTES } : {});
        if (cleaned.left.length > 0) return cleaned;
        await transaction(async ({ run }) => {
          // Not those that somebody has erased meanwhile.
          await run(ERASURE_STATEMENTS.setClean, [arrayOf(erased)]);
          await run(ERASURE_STATEMENTS.forgetLeads, [Date.now() - erasedDays * DAY_MS]);
        });
        return cleaned;
      }),
  };
}

interface Erasure {
  readonly country: Country;
  readonly erasedDays: number;
  readonly leadIds: readonly number[];
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly isWish: boolean;
  /** Of somebody who has no lead. */
  readonly phone: PhoneNumber | undefined;
}

/** Within a transaction. */
async function eraseLeads(run: Read, erasure: Erasure): Promise<ErasedRows> {
  const { country, erasedDays, leadIds, at, isWish, phone } = erasure;
  const ids = arrayOf(leadIds);
  // Nobody brings a removed lead back meanwhile.
  await lockLeads(run);
  const stored = await run(ERASURE_STATEMENTS.lock, [ids]);
  await run(ERASURE_STATEMENTS.forgetNumbers, [at - erasedDays * DAY_MS]);
  if (erasedDays > 0 && isWish) await keepNumbers(run, erasure, new Set(stored.map(([id]) => Number(id))));
  const ofLeads = await numbersOf(run, country, leadIds);
  const known = phone === undefined ? ofLeads : withNumber(ofLeads, phone);
  const importNames = await hideImports(run, known);
  const calls = await eraseCalls(run, known, isWish ? undefined : ids);
  const erased: ErasedRows = { ...NOTHING_ERASED, importNames };
  const counts: Partial<Record<keyof ErasedRows, number>> = {};
  for (const [name, sql] of Object.entries(ROWS) as [keyof typeof ROWS, string][])
    counts[name] = Number((await run(sql, [ids]))[0]?.[0]);
  const noted = leadIds.length === 0 && phone !== undefined ? arrayOf([NO_LEAD]) : ids;
  await run(ERASURE_STATEMENTS.note, [noted, at, String(isWish)]);
  await run(ERASURE_STATEMENTS.lastCalls, [ids]);
  await run(ERASURE_STATEMENTS.largeCalls, []);
  return { ...erased, ...counts, calls: calls + (counts.calls ?? 0) };
}

/**
 * Calls of numbers, and of nobody.
 *
 * @param only where no leads beside these have the number: the calls may be theirs. Undefined: whoever has it
 * @returns how many there were
 */
async function eraseCalls(run: Read, numbers: WantedNumbers, only: string | undefined): Promise<number> {
  const keys = [...numbers.keys].flatMap((key) => comparedText(key) ?? []);
  const rows = only === undefined ? [] : await run(ERASURE_STATEMENTS.shared, [arrayOf(keys), only]);
  const shared = new Set(rows.map(([key]) => String(key)));
  const own = keys.filter((key) => !shared.has(key));
  return Number((await run(ERASURE_STATEMENTS.callsOfNumbers, [arrayOf(own)]))[0]?.[0]);
}

/** So that an import knows them: those by which the leads are called, or were before they were removed. */
async function keepNumbers(
  run: Read,
  { country, leadIds, at, phone }: Erasure,
  stored: ReadonlySet<number>,
): Promise<void> {
  const keys = (await run(ERASURE_STATEMENTS.calledBy, [arrayOf(leadIds)])).map(([key]) => String(key));
  for (const leadId of leadIds) {
    if (stored.has(leadId)) continue;
    const last = await newestChange(run, leadId);
    keys.push(...keysOfState(last?.before ?? {}, country));
  }
  if (phone !== undefined) keys.push(phone.key);
  const [secret] = await run(ERASURE_STATEMENTS.secret, []);
  const hashes = [...new Set(keys)].map(createErasedHash(String(secret?.[0])));
  await run(ERASURE_STATEMENTS.keepNumbers, [arrayOf(hashes), at]);
}

/** Names of imported files that are a person's number. @returns how many there were */
async function hideImports(run: Read, numbers: WantedNumbers): Promise<number> {
  const tails = longTails(numbers);
  const named = (await run(ERASURE_STATEMENTS.importNames, []))
    .filter(([, name]) => isNamedByNumber(String(name), tails))
    .map(([importId]) => Number(importId));
  if (named.length > 0) await run(ERASURE_STATEMENTS.hideImports, [HIDDEN_NAME, arrayOf(named)]);
  return named.length;
}
