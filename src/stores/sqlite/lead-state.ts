import type { DatabaseSync } from 'node:sqlite';

import type { LeadState } from '../../core/lead-state.ts';
import type { Country } from '../../core/phone.ts';
import type { NumberedLead } from '../number-keys.ts';
import { createLeadNumbers, SELECT_NUMBERED } from './lead-numbers.ts';
import { STATE_COLUMNS, stateOf, valuesOf } from '../stored-state.ts';

/** Reads and writes whole leads by their state, with the numbers by which they are found. */
export function createLeadStates(database: DatabaseSync, country: Country) {
  const select = database.prepare(
    `SELECT ${STATE_COLUMNS.join(', ')}, modify_date FROM leads WHERE lead_id = ?`,
  );
  const insert = database.prepare(
    `INSERT INTO leads (lead_id, ${STATE_COLUMNS.join(', ')}, modify_date) VALUES (?${', ?'.repeat(STATE_COLUMNS.length + 1)})`,
  );
  const update = database.prepare(
    `UPDATE leads SET ${STATE_COLUMNS.map((column) => `${column} = ?`).join(', ')}, modify_date = ? WHERE lead_id = ?`,
  );
  const remove = database.prepare('DELETE FROM leads WHERE lead_id = ?');
  const numbered = database.prepare(`${SELECT_NUMBERED} WHERE lead_id = ?`);
  const ids = database.prepare(
    `SELECT coalesce((SELECT max(lead_id) FROM leads), 0) AS lead,
       CAST((SELECT value FROM meta WHERE name = 'highest_removed_lead') AS INTEGER) AS removed`,
  );
  const numbers = createLeadNumbers(database, country);

  function number(leadId: number): void {
    numbers.add(numbered.get(leadId) as unknown as NumberedLead);
  }

  function highestIds(): readonly [lead: number, removed: number] {
    const row = ids.get();
    return [Number(row?.lead), Number(row?.removed)];
  }

  return {
    read(leadId: number): { readonly state: LeadState; readonly modifyDate: string } | undefined {
      const row = select.get(leadId);
      return row === undefined ? undefined : { state: stateOf(row), modifyDate: String(row.modify_date) };
    },
    /** The next id that no lead has or had. */
    freeId: () => 1 + Math.max(...highestIds()),
    /** Whether the id that SQLite would give a new lead was that of one that was removed. */
    isNextIdTaken(): boolean {
      const [lead, removed] = highestIds();
      return removed > lead;
    },
    insert(leadId: number, state: LeadState, modifyDate: string): void {
      insert.run(leadId, ...valuesOf(state), modifyDate);
      number(leadId);
    },
    update(leadId: number, state: LeadState, modifyDate: string): void {
      update.run(...valuesOf(state), modifyDate, leadId);
      numbers.remove(leadId);
      number(leadId);
    },
    /** With its numbers and external ids, which a trigger takes along. */
    remove: (leadId: number) => void remove.run(leadId),
  };
}
