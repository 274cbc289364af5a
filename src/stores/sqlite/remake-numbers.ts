import type { DatabaseSync } from 'node:sqlite';

import { type Country, PHONE_RULES_VERSION } from '../../core/phone.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { NumberedLead } from '../number-keys.ts';
import { createLeadNumbers, SELECT_NUMBERED } from './lead-numbers.ts';
import { writeWhole } from './transactions.ts';

/**
 * With the order of winners in it, so that neither the winner nor the first page of a number that thousands of leads share
 * needs a look at all of them (shared-numbers.ts). It is made last, when the numbers are there: that is four times as quick.
 */
export const CREATE_NUMBER_INDEX = `CREATE INDEX IF NOT EXISTS lead_numbers_by_key
  ON lead_numbers (key, part, reading, list_id, number, last_local_call_time, modify_date)`;

const RULES = 'phone_rules';
const DONE = 'phone_rules_done';
const BATCH = 20_000;

/** Whether the numbers of a store were made by other rules than today's. */
export function hasOldNumbers(database: DatabaseSync): boolean {
  return Number(readMeta(database, RULES) ?? 0) !== PHONE_RULES_VERSION;
}

/**
 * Makes the keys of all numbers anew where the rules have changed (PHONE_RULES_VERSION): a batch at a time, so that it goes on
 * where it was killed.
 */
export function remakeNumbers(database: DatabaseSync, country: Country, log: LogStoreEvent): void {
  const numbers = createLeadNumbers(database, country);
  const batch = database.prepare(`${SELECT_NUMBERED} WHERE lead_id > ? ORDER BY lead_id LIMIT ${BATCH}`);
  const removeRange = database.prepare('DELETE FROM lead_numbers WHERE lead_id > ? AND lead_id <= ?');
  const count = Number(database.prepare('SELECT count(*) AS count FROM leads').get()?.count);
  /** @returns how many leads; 0: there are no more */
  const remakeBatch = () => {
    const after = Number(readMeta(database, DONE) ?? 0);
    const leads = batch.all(after) as unknown as readonly NumberedLead[];
    const last = leads.at(-1)?.leadId;
    if (last === undefined) return 0;
    removeRange.run(after, last);
    for (const lead of leads) numbers.add(lead);
    writeMeta(database, DONE, String(last));
    return leads.length;
  };
  let done = 0;
  for (let made = writeWhole(database, remakeBatch); made > 0; made = writeWhole(database, remakeBatch)) {
    done += made;
    if (count > BATCH) {
      log({ level: 'info', message: `making the numbers of the leads comparable: ${done} of ${count}` });
    }
  }
  writeWhole(database, () => {
    database.exec(CREATE_NUMBER_INDEX);
    database.prepare('DELETE FROM meta WHERE name = ?').run(DONE);
    writeMeta(database, RULES, String(PHONE_RULES_VERSION));
  });
}

function readMeta(database: DatabaseSync, name: string): string | undefined {
  return database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value as string | undefined;
}

function writeMeta(database: DatabaseSync, name: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(name, value);
}
