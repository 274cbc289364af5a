import { LEAD_FIELDS, LEAD_TEXT_FIELDS, type Lead, type LeadTextField } from '../../lead/lead.ts';
import type { Row } from './dialer-connection.ts';
import type { Table } from './schema.ts';
import { quoteName, textOf } from './sql-text.ts';

/** What a statement selects of a lead: the documented fields, where its custom values are, whether it is a customer. */
export const LEAD_WIDTH = LEAD_FIELDS.length + 2;
const ENTRY_LIST = LEAD_FIELDS.length;
const CUSTOMER = ENTRY_LIST + 1;

/** A lead as the dialer has it. */
export interface DialerLead {
  readonly lead: Lead;
  /** The list whose custom table holds its values; 0: that of the lead itself. */
  readonly entryListId: number;
  readonly isCustomer: boolean;
}

/**
 * The columns behind a documented answer, named one by one: a new column is never public by itself. What this
 * version of the dialer does not have is null.
 *
 * @param customers whether `c` is joined, GOautodial's customers
 */
export function leadColumns(list: Table, customers: boolean): string {
  const columns = LEAD_FIELDS.map((field) => (list.columns.has(field) ? `l.${quoteName(field)}` : 'NULL'));
  columns.push(
    list.columns.has('entry_list_id') ? 'l.entry_list_id' : 'NULL',
    customers ? 'c.lead_id' : 'NULL',
  );
  return columns.join(', ');
}

/** @param from where the lead's columns begin; undefined: no lead was joined */
export function dialerLeadOf(row: Row, from = 0): DialerLead | undefined {
  const leadId = row[from];
  if (leadId === null || leadId === undefined) return undefined;
  const texts = {} as Record<LeadTextField, string | null>;
  for (const [at, field] of LEAD_TEXT_FIELDS.entries()) texts[field] = textOf(row[from + 2 + at]);
  return {
    lead: { lead_id: Number(leadId), list_id: Number(row[from + 1] ?? 0), ...texts },
    entryListId: Number(row[from + ENTRY_LIST] ?? 0),
    isCustomer: row[from + CUSTOMER] !== null,
  };
}
