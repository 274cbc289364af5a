import type { LookupResult } from '../../core/lead-store.ts';
import { type CustomField, LEAD_FIELDS, type ListScope } from '../../core/lead.ts';
import type { Row } from '../network/connector.ts';
import { customInfoOf, LeadResult } from '../rows.ts';

/**
 * A text as parameter; null, which equals nothing, for one that no stored text can be: PostgreSQL keeps neither U+0000 nor
 * halves of characters.
 */
export function comparedText(text: string): string | null {
  return text.isWellFormed() && !text.includes('\0') ? text : null;
}

/** An array as PostgreSQL reads it. */
export function arrayOf(values: readonly (string | number | boolean | null)[]): string {
  const written = values.map((value) =>
    typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : String(value ?? 'NULL'),
  );
  return `{${written.join(',')}}`;
}

/** A restriction to lists as it is bound and stored; null where there is none. */
export function listsOf(scope: ListScope): string | null {
  return scope === 'every list' ? null : arrayOf(scope);
}

/** @param array as PostgreSQL writes it: `{1,2}`; null: every list */
export function scopeOf(array: unknown): ListScope {
  if (array === null) return 'every list';
  const ids = (array as string).slice(1, -1);
  return ids === '' ? [] : ids.split(',').map(Number);
}

/** A name of a column; `user` is a word of SQL. */
export const quoted = (column: string) => `"${column}"`;

/** The custom fields of a lead's list, where the lead has values: a JSON array of labels in their order. */
const FIELDS = `CASE WHEN leads.custom IS NOT NULL THEN
  (SELECT json_agg(label ORDER BY position) FROM custom_fields AS field WHERE field.list_id = leads.list_id) END AS fields`;

/** What its list masks, as stored. */
const MASKS = '(SELECT masked FROM lists WHERE lists.list_id = leads.list_id) AS masks';

/**
 * Leads with `documented`: the documented fields, named one by one, so that a new column is never public by itself. Pulled up into
 * the statement, its row costs less than a row of a subquery for each lead.
 */
export const FOUND_LEADS = `leads CROSS JOIN LATERAL (
    SELECT ${LEAD_FIELDS.map((field) => `leads.${quoted(field)}`).join(', ')}) AS documented`;

/**
 * What a lookup reads of FOUND_LEADS. The documented fields come as one text, which PostgreSQL writes as `JSON.stringify` does: for
 * each column of its own the server describes it, and this process reads it and writes it again.
 */
export const FOUND_COLUMNS: readonly string[] = [
  'row_to_json(documented)::text AS documented',
  'leads.lead_id',
  'leads.list_id',
  'leads.is_customer::integer',
  'leads.custom',
  'leads.further_numbers',
  MASKS,
  FIELDS,
];

/** How many columns FOUND_COLUMNS are. */
export const FOUND_WIDTH = FOUND_COLUMNS.length;

/**
 * A lead as it was found.
 *
 * @param from where FOUND_COLUMNS begin in the row
 * @returns undefined where no lead was joined
 */
export function foundLead(row: Row, from: number, foundBy?: LookupResult['foundBy']): LeadResult | undefined {
  if (row[from] === null || row[from] === undefined) return undefined;
  const found = new LeadResult(row.slice(from, from + FOUND_WIDTH));
  if (found.customJson !== null)
    found.custom = customInfoOf(found.customJson, fieldsOf(row[from + FOUND_WIDTH - 1]));
  if (foundBy !== undefined) found.foundBy = foundBy;
  return found;
}

function fieldsOf(json: unknown): readonly Pick<CustomField, 'label'>[] {
  return json === null ? [] : (JSON.parse(json as string) as readonly string[]).map((label) => ({ label }));
}
