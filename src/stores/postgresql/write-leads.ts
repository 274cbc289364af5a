import type { Country } from '../../core/phone.ts';
import type { Read } from '../network/connector.ts';
import type { StoredValue } from '../import-values.ts';
import type { NumberedLead } from '../number-keys.ts';
import { boundByChange, type KeptChange } from '../record-rows.ts';
import { STATE_COLUMNS } from '../stored-state.ts';
import { copyLine } from './copy-text.ts';
import { LEAD_STATEMENTS, type NumberRow, numberRowsOf } from './lead-rows.ts';
import { arrayOf, quoted } from './rows.ts';
import type { Session } from './transactions.ts';

/** A lead as it is to be stored. */
export interface WholeLead {
  readonly leadId: number;
  /** In the order of STATE_COLUMNS; `is_customer` is 0 or 1. */
  readonly values: readonly StoredValue[];
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly modifyDate: string;
  /** By which it is found, where that is known already. */
  readonly numbers?: readonly NumberRow[] | undefined;
}

/** Where a column is in the values of a lead. */
export const AT = Object.fromEntries(STATE_COLUMNS.map((column, at) => [column, at])) as Readonly<
  Record<string, number>
>;

const LEAD_COLUMNS = ['lead_id', ...STATE_COLUMNS.map(quoted), 'modify_date'];
const NUMBER_COLUMNS = [
  ...['lead_id', 'key', 'part', 'reading', 'number', 'list_id', 'last_local_call_time', 'modify_date'],
];
const CHANGE_COLUMNS = [
  ...['lead_id', 'at', 'user_name', 'endpoint', 'request_id', 'import_id', 'undoes', 'before', 'after'],
  ...['modify_date', 'external_ids'],
];
const CHANGED = LEAD_COLUMNS.slice(1);

/** The statements that write many leads: a test reads the query plan of each. */
export const BULK_STATEMENTS = {
  stage: 'CREATE TEMP TABLE IF NOT EXISTS staged_leads (LIKE leads) ON COMMIT DELETE ROWS',
  update: `UPDATE leads SET (${CHANGED.join(', ')}) = ROW (${CHANGED.map((column) => `staged.${column}`).join(', ')})
    FROM staged_leads AS staged WHERE leads.lead_id = staged.lead_id`,
  removeNumbers: 'DELETE FROM lead_numbers WHERE lead_id = ANY ($1::bigint[])',
  /** First: else the trigger of each lead would write it anew. */
  noteHighest: `UPDATE meta SET value = $1::text WHERE name = 'highest_removed_lead' AND value::bigint < $1::bigint`,
  remove: 'DELETE FROM leads WHERE lead_id = ANY ($1::bigint[])',
  states: `SELECT leads.lead_id, ${LEAD_STATEMENTS.columns},
    (SELECT json_agg(json_build_array(source, list_id, external_id))::text FROM external_ids
     WHERE external_ids.lead_id = leads.lead_id)
    FROM leads WHERE leads.lead_id = ANY ($1::bigint[])`,
} as const;

/** What decides by which numbers a lead is found. */
export function numberedOf({ leadId, values, modifyDate }: WholeLead): NumberedLead {
  const text = (column: string) => (values[AT[column] ?? -1] ?? null) as string | null;
  return {
    leadId,
    listId: Number(values[0]),
    phone_number: text('phone_number'),
    alt_phone: text('alt_phone'),
    address3: text('address3'),
    country_code: text('country_code'),
    furtherNumbers: text('further_numbers'),
    lastLocalCallTime: text('last_local_call_time'),
    modifyDate,
  };
}

const leadLine = ({ leadId, values, modifyDate }: WholeLead) => copyLine([leadId, ...values, modifyDate]);

/**
 * Adds leads whose ids are free, with their numbers; without their words. In a transaction. All is sent before anything is waited
 * for, so that the server works while this process goes on.
 */
export async function addLeads(
  session: Session,
  leads: readonly WholeLead[],
  country: Country,
): Promise<void> {
  await Promise.all([
    session.copy('leads', LEAD_COLUMNS, leads.map(leadLine).join('')),
    addNumbers(session, leads, country),
  ]);
}

/** Writes leads that are there, in the same way. */
export async function changeLeads(
  session: Session,
  leads: readonly WholeLead[],
  country: Country,
): Promise<void> {
  if (leads.length === 0) return;
  await Promise.all([
    session.copy('staged_leads', LEAD_COLUMNS, leads.map(leadLine).join('')),
    session.run(BULK_STATEMENTS.update, []),
    session.run(BULK_STATEMENTS.removeNumbers, [arrayOf(leads.map(({ leadId }) => leadId))]),
    addNumbers(session, leads, country),
  ]);
}

function addNumbers(session: Session, leads: readonly WholeLead[], country: Country): Promise<void> {
  let lines = '';
  for (const lead of leads) {
    const { leadId, listId, lastLocalCallTime, modifyDate } = numberedOf(lead);
    for (const row of lead.numbers ?? numberRowsOf(numberedOf(lead), country))
      lines += copyLine([leadId, ...row, listId, lastLocalCallTime, modifyDate]);
  }
  return session.copy('lead_numbers', NUMBER_COLUMNS, lines);
}

/** Removes leads with all that follows from them. In a transaction. */
export async function removeLeads(run: Read, leadIds: readonly number[]): Promise<void> {
  if (leadIds.length === 0) return;
  await run(BULK_STATEMENTS.noteHighest, [leadIds.reduce((a, b) => Math.max(a, b))]);
  await run(BULK_STATEMENTS.remove, [arrayOf(leadIds)]);
}

/** A change, with the external ids of a lead that is removed, as JSON. */
export interface BulkChange extends KeptChange {
  readonly externalIds?: string | null;
}

/** Adds changes, in their order. In a transaction. */
export async function addChanges(session: Session, changes: readonly BulkChange[]): Promise<void> {
  const line = (change: BulkChange) =>
    copyLine([...boundByChange(change).slice(0, -1), change.externalIds ?? null]);
  await session.copy('lead_changes', CHANGE_COLUMNS, changes.map(line).join(''));
}
