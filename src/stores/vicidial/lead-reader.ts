import type { PhoneColumn } from '../../core/lead.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import { andThen } from '../../core/and-then.ts';
import { customInfoOf, type CustomFields, type ListCustom } from './custom-fields.ts';
import type { Parameter, Row } from './parameter.ts';
import { retryAfterRefresh, type SchemaCache } from './schema-cache.ts';
import { dialerLeadOf, LEAD_WIDTH, type DialerLead } from './lead-row.ts';
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
  /** Told which were right. */
  readonly note: (leadId: number, fields: CustomFields | undefined) => void;
}

/** The second step of a lookup: what is still missing of a lead that was found. */
export interface LeadReader {
  /**
   * Its custom values, if its list has any.
   *
   * @param guess where its custom values were expected, and the row in which they then are
   */
  complete(found: DialerLead | undefined, guess?: PredictedCustom): Found;
  /** All of a lead of which only the id is known. */
  fetch(winner: Winner | undefined): Found;
}

/** At once, where nothing more has to be read. */
export type Found = LookupResult | undefined | Promise<LookupResult | undefined>;

/**
 * @param isCustomerElsewhere asks GOautodial's database on another server; undefined: it is on the dialer's, or nowhere
 */
export function createLeadReader(
  read: Read,
  knowledge: SchemaCache,
  isCustomerElsewhere: ((leadId: number) => Promise<boolean>) | undefined,
): LeadReader {
  function readCustom(
    leadId: number,
    fields: CustomFields | undefined,
    guess: PredictedCustom | undefined,
  ): LookupResult['custom'] | Promise<LookupResult['custom']> {
    guess?.note(leadId, fields);
    if (fields === undefined) return null;
    if (guess?.fields === fields) return customInfoOf(fields, guess.row, guess.from);
    return read(fields.statement, [wholeNumber(leadId)]).then(([row]) =>
      row === undefined ? null : customInfoOf(fields, row),
    );
  }

  async function readLead(
    leadId: number,
    fields: CustomFields | undefined,
  ): Promise<LookupResult | undefined> {
    const { statements } = await knowledge.snapshot();
    const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
    const found = dialerLeadOf(row);
    if (found === undefined) return undefined;
    const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
    return { leadId, lead: found.lead, custom, isCustomer: found.isCustomer };
  }

  return {
    complete(found, guess) {
      if (found === undefined) return undefined;
      const { lead, entryListId } = found;
      const leadId = lead.lead_id;
      const custom = withCustomFields(knowledge, { entryListId, listId: lead.list_id }, (fields) =>
        readCustom(leadId, fields, guess),
      );
      return withCustomer(custom, isCustomerElsewhere?.(leadId), (values, elsewhere) => ({
        leadId,
        lead,
        custom: values,
        isCustomer: found.isCustomer || elsewhere,
      }));
    },

    fetch(winner) {
      if (winner === undefined) return undefined;
      const { column, matches, leadId } = winner;
      const lead = withCustomFields(knowledge, winner, (fields) => readLead(leadId, fields));
      return withCustomer(lead, isCustomerElsewhere?.(leadId), (found, elsewhere) =>
        found === undefined
          ? undefined
          : { ...found, isCustomer: found.isCustomer || elsewhere, foundBy: { column, matches } },
      );
    },
  };
}

/** @param elsewhere beside the rest of the lead, where customers are on a server of their own */
function withCustomer<Part, Result>(
  part: Part | Promise<Part>,
  elsewhere: Promise<boolean> | undefined,
  put: (part: Part, isCustomer: boolean) => Result,
): Result | Promise<Result> {
  if (elsewhere === undefined) return andThen(part, (there) => put(there, false));
  return Promise.all([part, elsewhere]).then(([there, isCustomer]) => put(there, isCustomer));
}

function withCustomFields<Result>(
  knowledge: SchemaCache,
  lists: ListsOfLead,
  work: (fields: CustomFields | undefined) => Result | Promise<Result>,
): Result | Promise<Result> {
  return retryAfterRefresh(
    customOf(knowledge, lists),
    async () => {
      await learn(knowledge, lists);
      return customOf(knowledge, lists);
    },
    (custom) => work(typeof custom === 'string' ? undefined : custom),
  );
}

/** At once where the lists are remembered. */
function customOf(
  knowledge: SchemaCache,
  { entryListId, listId }: ListsOfLead,
): ListCustom | Promise<ListCustom> {
  if (entryListId === 0) return knowledge.custom(listId);
  return andThen(knowledge.custom(entryListId), (custom) =>
    custom === 'no table' ? knowledge.custom(listId) : custom,
  );
}

/** A list is learnt by what is known of the dialer, so that comes first. */
async function learn(knowledge: SchemaCache, { entryListId, listId }: ListsOfLead): Promise<void> {
  await knowledge.refresh();
  const lists = entryListId > 0 ? [entryListId, listId] : [listId];
  await Promise.all(lists.map((list) => knowledge.refreshCustom(list)));
}

/** The connector sends what is beyond 31 bits as a fraction, unless it is told that it is whole. */
export function wholeNumber(id: number): Parameter {
  return id < 2 ** 31 ? id : BigInt(id);
}
