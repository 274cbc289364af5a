import type { LeadState } from '../../core/lead-state.ts';
import type { FurtherNumber } from '../../core/lead.ts';
import type { Country } from '../../core/phone.ts';
import { valueOf } from '../../core/lead-state.ts';
import type { Read, Row } from '../network/connector.ts';
import { eachKey, type NumberedLead } from '../number-keys.ts';
import { furtherJsonOf } from '../rows.ts';
import { STATE_COLUMNS, stateOf, valuesOf } from '../stored-state.ts';
import { arrayOf, quoted } from './rows.ts';

/** No number is longer, as it is written; of what is, its beginning tells spellings apart. */
const LONGEST_SPELLING = 100;

const COLUMNS = STATE_COLUMNS.map(quoted);
/** Behind the lead's id, which is $1; the last one is when it was changed. */
const PLACES = [...STATE_COLUMNS, 'modify_date'].map((column, at) =>
  column === 'is_customer' ? `$${at + 2}::integer::boolean` : `$${at + 2}`,
);

/** The statements that write leads: a test reads the query plan of each. */
export const LEAD_STATEMENTS = {
  columns: [...STATE_COLUMNS, 'modify_date'].map((column) => `leads.${quoted(column)}`).join(', '),
  select: `SELECT ${COLUMNS.join(', ')}, modify_date FROM leads WHERE lead_id = $1`,
  selectToWrite: `SELECT ${COLUMNS.join(', ')}, modify_date FROM leads WHERE lead_id = $1 FOR UPDATE`,
  insert: `INSERT INTO leads (lead_id, ${COLUMNS.join(', ')}, modify_date) VALUES ($1, ${PLACES.join(', ')})`,
  update: `UPDATE leads SET (${COLUMNS.join(', ')}, modify_date) = ROW (${PLACES.join(', ')}) WHERE lead_id = $1`,
  remove: 'DELETE FROM leads WHERE lead_id = $1',
  removeNumbers: 'DELETE FROM lead_numbers WHERE lead_id = $1',
  addNumbers: `INSERT INTO lead_numbers (lead_id, key, part, reading, number, list_id, last_local_call_time, modify_date)
    SELECT $1, asked.*, $6, $7, $8 FROM unnest($2::text[], $3::smallint[], $4::smallint[], $5::text[]) AS asked
    ON CONFLICT DO NOTHING`,
} as const;

export interface StoredState {
  readonly state: LeadState;
  readonly modifyDate: string;
}

/** @param isToWrite whoever else wants to write it waits until the transaction has ended */
export async function readState(
  run: Read,
  leadId: number,
  isToWrite = false,
): Promise<StoredState | undefined> {
  const [row] = await run(isToWrite ? LEAD_STATEMENTS.selectToWrite : LEAD_STATEMENTS.select, [leadId]);
  return row && stateOfRow(row);
}

/** @param row with LEAD_STATEMENTS.columns */
export function stateOfRow(row: Row): StoredState {
  const columns = Object.fromEntries(STATE_COLUMNS.map((column, at) => [column, row[at]]));
  return { state: stateOf(columns), modifyDate: String(row[STATE_COLUMNS.length]) };
}

/** Of a lead: the columns of lead_numbers that follow from its numbers alone. */
export type NumberRow = readonly [key: string, part: number, reading: number, number: string];

/** The rows of lead_numbers of a lead, as far as they follow from its numbers. */
export function numberRowsOf(lead: NumberedLead, country: Country): readonly NumberRow[] {
  const rows: NumberRow[] = [];
  eachKey(lead, country, (key, part, reading, number) => {
    const isThere = rows.some((row) => row[0] === key && row[1] === part);
    if (!isThere) rows.push([key, part, reading, number.slice(0, LONGEST_SPELLING)]);
  });
  return rows;
}

/** Writes whole leads by their state, with the numbers by which they are found; each in a transaction. */
export function createLeadRows(country: Country) {
  async function addNumbers(run: Read, leadId: number, state: LeadState, modifyDate: string): Promise<void> {
    const textOf = (field: string) => valueOf(state, field) as string | null;
    const [listId, lastLocalCallTime] = [valueOf(state, 'list_id') as number, textOf('last_local_call_time')];
    const lead = {
      ...{ leadId, listId, lastLocalCallTime, modifyDate },
      phone_number: textOf('phone_number'),
      alt_phone: textOf('alt_phone'),
      address3: textOf('address3'),
      country_code: textOf('country_code'),
      furtherNumbers: furtherJsonOf((valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[]),
    };
    const rows = numberRowsOf(lead, country);
    if (rows.length === 0) return;
    const columns = [0, 1, 2, 3].map((at) => arrayOf(rows.map((row) => row[at] ?? null)));
    await run(LEAD_STATEMENTS.addNumbers, [leadId, ...columns, listId, lastLocalCallTime, modifyDate]);
  }

  return {
    async insert(run: Read, leadId: number, state: LeadState, modifyDate: string): Promise<void> {
      await run(LEAD_STATEMENTS.insert, [leadId, ...valuesOf(state), modifyDate]);
      await addNumbers(run, leadId, state, modifyDate);
    },
    async update(run: Read, leadId: number, state: LeadState, modifyDate: string): Promise<void> {
      await run(LEAD_STATEMENTS.update, [leadId, ...valuesOf(state), modifyDate]);
      await run(LEAD_STATEMENTS.removeNumbers, [leadId]);
      await addNumbers(run, leadId, state, modifyDate);
    },
  };
}
