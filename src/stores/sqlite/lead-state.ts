import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

import { type CustomValue, type FurtherNumber, LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import { CUSTOM_PREFIX, type LeadState, valueOf, withoutNulls } from '../../core/lead-state.ts';
import type { Country } from '../../core/phone.ts';
import { createLeadNumbers, type NumberedLead, SELECT_NUMBERED } from './lead-numbers.ts';
import { customJsonOf, furtherJsonOf, furtherNumbersOf } from './rows.ts';

/** Stored as the state has them. */
const PLAIN_COLUMNS = ['list_id', ...LEAD_TEXT_FIELDS, 'last_local_call_time'] as const;

/** Every column of a lead's row but its id and when it was changed. */
const STATE_COLUMNS = [...PLAIN_COLUMNS, 'is_customer', 'custom', 'further_numbers'];

type Row = Readonly<Record<string, SQLOutputValue>>;

function stateOf(row: Row): LeadState {
  const custom = row.custom === null ? {} : (JSON.parse(String(row.custom)) as Record<string, CustomValue>);
  const numbers = furtherNumbersOf(row.further_numbers as string | null);
  return withoutNulls([
    ...PLAIN_COLUMNS.map((column) => [column, row[column] as string | number | null] as const),
    ['is_customer', row.is_customer === 1],
    ['numbers', numbers.length === 0 ? null : numbers],
    ...Object.entries(custom).map(([label, value]) => [CUSTOM_PREFIX + label, value] as const),
  ]);
}

/** In the order of STATE_COLUMNS. */
function valuesOf(state: LeadState): readonly SQLInputValue[] {
  const custom = Object.entries(state)
    .filter(([field]) => field.startsWith(CUSTOM_PREFIX))
    .map(([field, value]) => [field.slice(CUSTOM_PREFIX.length), value as CustomValue] as const);
  return [
    ...PLAIN_COLUMNS.map((column) => valueOf(state, column) as string | number | null),
    valueOf(state, 'is_customer') === true ? 1 : 0,
    customJsonOf(custom),
    furtherJsonOf((valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[]),
  ];
}

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

/** `YYYY-MM-DD HH:MM:SS`, UTC. @param at milliseconds of the wall clock */
export function dateTimeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
