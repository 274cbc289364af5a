import type { LookupResult } from '../../core/lead-store.ts';
import type { PhoneColumn } from '../../core/lead.ts';
import { customInfoOf, type CustomFields, type ListCustom } from './custom-fields.ts';
import { dialerLeadOf, LEAD_WIDTH, type DialerLead } from './lead-row.ts';
import type { Parameter, Row } from './parameter.ts';
import { retryAfterRefresh, type SchemaCache } from './schema-cache.ts';
import type { Read } from './schema.ts';

/** Where a lead's custom values may be. */
interface ListsOfLead {
  readonly listId: number;
  /** The list through which it came; 0: none. Its custom table counts first. */
  readonly entryListId: number;
}

/** A lead that has the number, and how many have it. */
export interface Winner extends ListsOfLead {
  readonly column: PhoneColumn;
  readonly matches: number;
  readonly leadId: number;
}

/** Custom values that came with a lead, if they are the right ones. */
export interface PredictedCustom {
  readonly fields: CustomFields | undefined;
  readonly row: Row;
  /** Where they begin in the row. */
  readonly from: number;
  /** To be called with the right ones. */
  readonly note: (leadId: number, fields: CustomFields | undefined) => void;
}

/** The second step of a lookup: what is still missing of a lead that was found. */
export interface LeadReader {
  /**
   * Its custom values, if its list has any.
   *
   * @param predicted where its custom values were expected, and the row in which they then are
   */
  complete(found: DialerLead | undefined, predicted?: PredictedCustom): Promise<LookupResult | undefined>;
  /** All of a lead of which only the id is known. */
  fetch(winner: Winner | undefined): Promise<LookupResult | undefined>;
}

/**
 * @param isCustomerElsewhere asks GOautodial's database on another server; undefined: it is on the dialer's, or nowhere
 */
export function createLeadReader(
  read: Read,
  cache: SchemaCache,
  isCustomerElsewhere: (leadId: number) => Promise<boolean> = () => Promise.resolve(false),
): LeadReader {
  async function readCustom(
    leadId: number,
    fields: CustomFields | undefined,
    predicted: PredictedCustom | undefined,
  ): Promise<LookupResult['custom']> {
    predicted?.note(leadId, fields);
    if (fields === undefined) return null;
    if (predicted?.fields === fields) return customInfoOf(fields, predicted.row, predicted.from);
    const [row] = await read(fields.statement, [wholeNumber(leadId)]);
    return row === undefined ? null : customInfoOf(fields, row);
  }

  async function readLead(
    leadId: number,
    fields: CustomFields | undefined,
  ): Promise<LookupResult | undefined> {
    const { statements } = await cache.snapshot();
    const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
    const found = dialerLeadOf(row);
    if (found === undefined) return undefined;
    const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
    return { leadId, lead: found.lead, custom, isCustomer: found.isCustomer };
  }

  return {
    async complete(found, predicted) {
      if (found === undefined) return undefined;
      const { lead, entryListId } = found;
      const leadId = lead.lead_id;
      const [custom, isCustomer] = await Promise.all([
        withCustomFields(cache, { entryListId, listId: lead.list_id }, (fields) =>
          readCustom(leadId, fields, predicted),
        ),
        isCustomerElsewhere(leadId),
      ]);
      return { leadId, lead, custom, isCustomer: found.isCustomer || isCustomer };
    },

    async fetch(winner) {
      if (winner === undefined) return undefined;
      const { column, matches, leadId } = winner;
      const [found, isCustomer] = await Promise.all([
        withCustomFields(cache, winner, (fields) => readLead(leadId, fields)),
        isCustomerElsewhere(leadId),
      ]);
      if (found === undefined) return undefined;
      return { ...found, isCustomer: found.isCustomer || isCustomer, foundBy: { column, matches } };
    },
  };
}

async function withCustomFields<Result>(
  cache: SchemaCache,
  lists: ListsOfLead,
  work: (fields: CustomFields | undefined) => Promise<Result>,
): Promise<Result> {
  return await retryAfterRefresh(
    customOf(cache, lists),
    async () => {
      await refresh(cache, lists);
      return customOf(cache, lists);
    },
    (custom) => work(typeof custom === 'string' ? undefined : custom),
  );
}

async function customOf(cache: SchemaCache, { entryListId, listId }: ListsOfLead): Promise<ListCustom> {
  const custom = entryListId === 0 ? 'no table' : await cache.custom(entryListId);
  return custom === 'no table' ? await cache.custom(listId) : custom;
}

/** A list is read by what is known of the dialer, so that comes first. */
async function refresh(cache: SchemaCache, { entryListId, listId }: ListsOfLead): Promise<void> {
  await cache.refresh();
  const lists = entryListId > 0 ? [entryListId, listId] : [listId];
  await Promise.all(lists.map((list) => cache.refreshCustom(list)));
}

/** The connector sends what is beyond 31 bits as a fraction, unless it is told that it is whole. */
export function wholeNumber(id: number): Parameter {
  return id < 2 ** 31 ? id : BigInt(id);
}
