import type { DatabaseSync } from 'node:sqlite';

import type { Country } from '../../core/phone.ts';
import { eachKey, type NumberedLead } from '../number-keys.ts';

/** Reads NumberedLead; a condition comes behind it. */
export const SELECT_NUMBERED = `SELECT lead_id AS leadId, list_id AS listId, phone_number, alt_phone, address3, country_code,
  further_numbers AS furtherNumbers, last_local_call_time AS lastLocalCallTime, modify_date AS modifyDate FROM leads`;

/** Keeps the rows of lead_numbers as the leads are. */
export function createLeadNumbers(database: DatabaseSync, country: Country) {
  const insert = database.prepare('INSERT OR IGNORE INTO lead_numbers VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM lead_numbers WHERE lead_id = ?');
  return {
    /** Of a lead that has none yet. */
    add(lead: NumberedLead): void {
      const { leadId, listId, lastLocalCallTime, modifyDate } = lead;
      eachKey(lead, country, (key, part, reading, number) => {
        insert.run(leadId, key, part, reading, number, listId, lastLocalCallTime, modifyDate);
      });
    },
    remove: (leadId: number) => void remove.run(leadId),
  };
}
