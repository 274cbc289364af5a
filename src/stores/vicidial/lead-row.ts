import { LEAD_FIELDS, type Lead } from '../../core/lead.ts';
import { quoteName, type Row, textOf } from './sql.ts';
import type { Table } from './schema.ts';

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
 * @param leadId the lead's id, or an expression that is null where the lead is not to be seen
 */
export function leadColumns(list: Table, customers: boolean, leadId = 'l.lead_id'): string {
  const columns = LEAD_FIELDS.slice(1).map((field) =>
    list.columns.has(field) ? `l.${quoteName(field)}` : 'NULL',
  );
  const entryList = list.columns.has('entry_list_id') ? 'l.entry_list_id' : 'NULL';
  return [leadId, ...columns, entryList, customers ? 'c.lead_id' : 'NULL'].join(', ');
}

/** @param from where the lead's columns begin; undefined: no lead was joined */
export function dialerLeadOf(row: Row, from = 0): DialerLead | undefined {
  const leadId = row[from];
  if (leadId === null || leadId === undefined) return undefined;
  return {
    lead: leadOf(Number(leadId), row, from),
    entryListId: Number(row[from + ENTRY_LIST] ?? 0),
    isCustomer: row[from + CUSTOMER] !== null,
  };
}

/** Written out: every lead has one shape, which is quicker to make and to turn into JSON. */
function leadOf(leadId: number, row: Row, from: number): Lead {
  return {
    lead_id: leadId,
    list_id: Number(row[from + 1] ?? 0),
    title: textOf(row[from + 2]),
    first_name: textOf(row[from + 3]),
    middle_initial: textOf(row[from + 4]),
    last_name: textOf(row[from + 5]),
    phone_number: textOf(row[from + 6]),
    alt_phone: textOf(row[from + 7]),
    email: textOf(row[from + 8]),
    address1: textOf(row[from + 9]),
    address2: textOf(row[from + 10]),
    address3: textOf(row[from + 11]),
    city: textOf(row[from + 12]),
    state: textOf(row[from + 13]),
    province: textOf(row[from + 14]),
    postal_code: textOf(row[from + 15]),
    country_code: textOf(row[from + 16]),
    gender: textOf(row[from + 17]),
    date_of_birth: textOf(row[from + 18]),
    status: textOf(row[from + 19]),
    user: textOf(row[from + 20]),
    comments: textOf(row[from + 21]),
  };
}
