import type { DatabaseSync } from 'node:sqlite';

import { DAY_MS } from '../../core/days.ts';
import { type ErasedRows, NO_LEAD, type PersonStore } from '../../core/person-store.ts';
import { CALL_COLUMNS, callOf, OF_NOBODY } from '../call-rows.ts';
import { CALLED_PARTS, HIDDEN_NAME, NOTHING_ERASED, SAME_TIME_MS } from '../erased-rows.ts';
import {
  isNamedByNumber,
  keysOfState,
  longTails,
  type WantedNumbers,
  withNumber,
} from '../person-numbers.ts';
import { cleanFiles } from './clean-files.ts';
import type { PersonConnection } from './connection.ts';
import { createErasedNumbers } from './erased-numbers.ts';
import { createKeptLeads } from './kept-leads.ts';
import { createLeadChanges } from './lead-changes.ts';
import { createLeadStates } from './lead-state.ts';
import { createPersonSearch, type PersonSearch } from './person-search.ts';
import { createUntouched } from './untouched-leads.ts';
import { writeWhole, writeWithRetry } from './transactions.ts';

/**
 * People in a store's file: found, shown and erased. In a state file beside a dialer there are no leads, but what was kept of
 * those that somebody read.
 *
 * @param erasedDays for so long an import knows the numbers of whoever was erased; 0: not at all
 */
export function createPersonStore(connection: PersonConnection, erasedDays: number): PersonStore {
  const { database, readBatch } = connection;
  const search = createPersonSearch(connection);
  const uncleaned = database.prepare('SELECT lead_id FROM erased_leads WHERE in_files = 1 ORDER BY lead_id');
  const setClean = database.prepare('UPDATE erased_leads SET in_files = 0');
  const forget = database.prepare('DELETE FROM erased_leads WHERE is_wish = 0 OR at <= ?');
  const erase = createErasure(connection, search, erasedDays);
  const read = createKeptLeads(connection, search);
  const findUntouched = createUntouched(database);
  const countCalls = database.prepare(
    `SELECT count(*) AS count FROM calls WHERE number_key = ? AND ${OF_NOBODY}`,
  );
  const callsOf = database.prepare(
    `SELECT ${CALL_COLUMNS.join(', ')} FROM calls WHERE number_key = ? AND ${OF_NOBODY} ORDER BY call_number DESC`,
  );
  return {
    find: (phone) => readBatch.read(() => search.find(phone)),
    read: (leadId) => readBatch.read(() => read(leadId)),
    findRelated: (leadIds) => readBatch.read(() => search.findOthers(search.numbersOf(leadIds), leadIds)),
    findUntouched: (lists, before, page) => readBatch.read(() => findUntouched(lists, before, page)),
    countCalls: ({ key }) => readBatch.read(() => Number(countCalls.get(key)?.count)),
    callsOf: ({ key }) => readBatch.read(() => callsOf.all(key).map(callOf)),
    erase: (leadIds, at, why, phone) =>
      writeWithRetry(connection, () => {
        // From now on what this connection deletes is overwritten with zeros.
        database.exec('PRAGMA secure_delete = ON');
        return writeWhole(database, () => erase(leadIds, at, why, phone));
      }),
    uncleaned: () => readBatch.read(() => uncleaned.all().map(({ lead_id: leadId }) => Number(leadId))),
    async cleanFiles() {
      const cleaned = await cleanFiles(connection);
      if (cleaned.left.length > 0) return cleaned;
      await writeWithRetry(connection, () => {
        setClean.run();
        forget.run(Date.now() - erasedDays * DAY_MS);
      });
      return cleaned;
    },
  };
}

/** @returns deletes leads, within a transaction */
function createErasure(
  connection: PersonConnection,
  search: PersonSearch,
  erasedDays: number,
): (...asked: Parameters<PersonStore['erase']>) => ErasedRows {
  const { database, country } = connection;
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  const numbers = createErasedNumbers(database);
  const keys = database.prepare(
    `SELECT DISTINCT key FROM lead_numbers WHERE lead_id = ? AND part IN (${CALLED_PARTS})`,
  );
  const note = database.prepare('INSERT OR REPLACE INTO erased_leads VALUES (?, ?, 1, ?)');
  const rows = createRowErasure(database);
  const hideImports = createImportNames(database);
  const eraseCalls = createCallErasure(database);

  function keysOf(leadId: number): readonly string[] {
    const last = changes.last(leadId);
    return states.read(leadId) === undefined
      ? keysOfState(last?.before ?? {}, country)
      : keys.all(leadId).map(({ key }) => String(key));
  }

  return (leadIds, at, why, phone): ErasedRows => {
    numbers.forget(erasedDays, at);
    const called = [...leadIds.flatMap(keysOf), ...(phone === undefined ? [] : [phone.key])];
    if (erasedDays > 0 && why === 'wish') numbers.keep(new Set(called), at);
    const ofLeads = search.numbersOf(leadIds);
    const known = phone === undefined ? ofLeads : withNumber(ofLeads, phone);
    if (leadIds.length === 0 && phone !== undefined) note.run(NO_LEAD, at, 1);
    const importNames = hideImports(known);
    const calls = eraseCalls(known, why === 'wish' ? undefined : leadIds);
    const erased = leadIds.map((leadId) => {
      const counts = rows(leadId);
      const isThere = states.read(leadId) !== undefined;
      states.remove(leadId);
      note.run(leadId, at, why === 'wish' ? 1 : 0);
      return { ...counts, leads: isThere ? 1 : 0, importNames: 0 };
    });
    return erased.reduce<ErasedRows>(add, { ...NOTHING_ERASED, importNames, calls });
  };
}

function add(one: ErasedRows, other: ErasedRows): ErasedRows {
  const names = Object.keys(one) as (keyof ErasedRows)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as unknown as ErasedRows;
}

const IS_ITS_TIME = `abs(done.at - asked.at) <= ${SAME_TIME_MS}`;

/**
 * Deletes what is kept beside a lead. The key of a request that is sent again is known by what it made, and when: it may be an
 * id of a lead or of a note.
 */
function createRowErasure(database: DatabaseSync) {
  const erase = {
    idempotencyKeys: `DELETE FROM idempotency_keys AS asked WHERE
      (result_id = ?1 AND EXISTS (SELECT 1 FROM lead_changes AS done WHERE lead_id = ?1 AND ${IS_ITS_TIME})) OR
      EXISTS (SELECT 1 FROM notes AS done WHERE lead_id = ?1 AND note_id = result_id AND ${IS_ITS_TIME})`,
    numbers: 'DELETE FROM lead_numbers WHERE lead_id = ?1',
    notes: 'DELETE FROM notes WHERE lead_id = ?1',
    changes: 'DELETE FROM lead_changes WHERE lead_id = ?1',
    externalIds: 'DELETE FROM external_ids WHERE lead_id = ?1',
    dailyReads: 'DELETE FROM daily_leads WHERE lead_id = ?1',
    calls: 'DELETE FROM calls WHERE lead_id = ?1',
  };
  const statements = Object.entries(erase).map(([name, sql]) => [name, database.prepare(sql)] as const);
  return (leadId: number) =>
    Object.fromEntries(
      statements.map(([name, statement]) => [name, Number(statement.run(leadId).changes)]),
    ) as Record<keyof typeof erase, number>;
}

/** Calls of numbers, and of nobody. */
function createCallErasure(database: DatabaseSync) {
  const erase = database.prepare(`DELETE FROM calls WHERE number_key = ? AND ${OF_NOBODY}`);
  const others = database.prepare(
    'SELECT 1 FROM lead_numbers WHERE key = ? AND lead_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1',
  );
  /** @param only where no leads beside these have the number: the calls may be theirs. Undefined: whoever has it */
  return ({ keys }: WantedNumbers, only?: readonly number[]): number => {
    const isOthers = (key: string) =>
      only !== undefined && others.get(key, JSON.stringify(only)) !== undefined;
    return [...keys].reduce((sum, key) => sum + (isOthers(key) ? 0 : Number(erase.run(key).changes)), 0);
  };
}

/** Names of imported files that are a person's number. @returns how many there were */
function createImportNames(database: DatabaseSync) {
  const names = database.prepare('SELECT import_id, file_name FROM imports');
  const rename = database.prepare('UPDATE imports SET file_name = ? WHERE import_id = ?');
  return (numbers: WantedNumbers): number => {
    const tails = longTails(numbers);
    const named = names.all().filter(({ file_name: name }) => isNamedByNumber(String(name), tails));
    for (const { import_id: importId } of named) rename.run(HIDDEN_NAME, Number(importId));
    return named.length;
  };
}
