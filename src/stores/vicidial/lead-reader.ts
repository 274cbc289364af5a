import type { LookupResult } from '../../core/lead-store.ts';
import type { PhoneColumn } from '../../core/lead.ts';
import { customInfoOf, type CustomFields } from './custom-fields.ts';
import { dialerLeadOf, LEAD_WIDTH, type DialerLead } from './lead-row.ts';
import type { SchemaCache } from './schema-cache.ts';
import { wholeNumber, type Read, type Row } from './sql.ts';

/** A lead that has the number, and how many have it. */
export interface Winner {
  readonly column: PhoneColumn;
  readonly matches: number;
  readonly leadId: number;
  readonly listId: number;
  /** The list through which it came, whose custom table counts first; 0: none. */
  readonly entryListId: number;
}

/** Custom values that came with a lead, if the prediction was right. */
export interface PredictedCustom {
  readonly fields: CustomFields | undefined;
  readonly row: Row;
  /** Where the values begin in the row. */
  readonly from: number;
}

/** The second step of a lookup: reads what is still missing of a lead that was found. */
export interface LeadReader {
  /** Adds the custom values, by a statement if they did not come with the lead. */
  complete(found: DialerLead | undefined, predicted?: PredictedCustom): Promise<LookupResult | undefined>;
  /** Reads all of a lead of which only the id is known. */
  fetch(winner: Winner | undefined): Promise<LookupResult | undefined>;
}

/**
 * @param isCustomerElsewhere asks GOautodial's database on another server; left out: it is on the dialer's, or nowhere
 */
export function createLeadReader(
  read: Read,
  cache: SchemaCache,
  isCustomerElsewhere: (leadId: number) => Promise<boolean> = () => Promise.resolve(false),
): LeadReader {
  function readCustom(
    { lead: { lead_id: leadId, list_id: listId }, entryListId }: DialerLead,
    predicted: PredictedCustom | undefined,
  ): Promise<LookupResult['custom']> {
    const lists = listsOf(entryListId, listId);
    return cache.use(async ({ prediction }) => {
      const fields = await customFieldsOf(cache, lists);
      prediction.note(leadId, fields);
      if (fields === undefined) return null;
      if (predicted?.fields === fields) return customInfoOf(fields, predicted.row, predicted.from);
      const [row] = await read(fields.statement, [wholeNumber(leadId)]);
      return row === undefined ? null : customInfoOf(fields, row);
    }, lists);
  }

  function readLead({ leadId, entryListId, listId }: Winner): Promise<LookupResult | undefined> {
    const lists = listsOf(entryListId, listId);
    return cache.use(async ({ statements }) => {
      const fields = await customFieldsOf(cache, lists);
      const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
      const found = dialerLeadOf(row);
      if (found === undefined) return undefined;
      const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
      return { leadId, lead: found.lead, custom, isCustomer: found.isCustomer };
    }, lists);
  }

  return {
    async complete(found, predicted) {
      if (found === undefined) return undefined;
      const { lead } = found;
      const leadId = lead.lead_id;
      const [custom, isCustomer] = await Promise.all([
        readCustom(found, predicted),
        isCustomerElsewhere(leadId),
      ]);
      return { leadId, lead, custom, isCustomer: found.isCustomer || isCustomer };
    },

    async fetch(winner) {
      if (winner === undefined) return undefined;
      const { column, matches, leadId } = winner;
      const [found, isCustomer] = await Promise.all([readLead(winner), isCustomerElsewhere(leadId)]);
      if (found === undefined) return undefined;
      return { ...found, isCustomer: found.isCustomer || isCustomer, foundBy: { column, matches } };
    },
  };
}

/** The lists that may hold a lead's custom values, in the order in which they count. */
function listsOf(entryListId: number, listId: number): readonly number[] {
  return entryListId > 0 ? [entryListId, listId] : [listId];
}

async function customFieldsOf(
  cache: SchemaCache,
  lists: readonly number[],
): Promise<CustomFields | undefined> {
  for (const list of lists) {
    const custom = await cache.custom(list);
    if (custom !== 'no table') return custom === 'no fields' ? undefined : custom;
  }
  return undefined;
}
