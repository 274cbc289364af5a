import type { PhoneColumn } from '../../lead/lead.ts';
import type { Finding } from '../../lead/lead-store.ts';
import { customInfoOf, type CustomFields } from './custom-fields.ts';
import type { Parameter } from './parameter.ts';
import { retryAfterLearning, type Knowledge } from './knowledge.ts';
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

/** The second step of a lookup: what is still missing of a lead that was found. */
export interface LeadReader {
  /** Its custom values, if its list has any. */
  complete(found: DialerLead | undefined): Promise<Finding | undefined>;
  /** All of a lead of which only the id is known. */
  fetch(winner: Winner | undefined): Promise<Finding | undefined>;
}

/**
 * @param isCustomerElsewhere asks GOautodial's database on another server; undefined: it is on the dialer's, or nowhere
 */
export function createLeadReader(
  read: Read,
  knowledge: Knowledge,
  isCustomerElsewhere: ((leadId: number) => Promise<boolean>) | undefined,
): LeadReader {
  return {
    async complete(found) {
      if (found === undefined) return undefined;
      const { lead, entryListId } = found;
      const [custom, elsewhere] = await Promise.all([
        withCustomFields(knowledge, { entryListId, listId: lead.list_id }, async (fields) => {
          if (fields === undefined) return null;
          const [row] = await read(fields.statement, [wholeNumber(lead.lead_id)]);
          return row === undefined ? null : customInfoOf(fields, row);
        }),
        isCustomerElsewhere?.(lead.lead_id),
      ]);
      return { lead, custom, isCustomer: found.isCustomer || elsewhere === true };
    },

    async fetch(winner) {
      if (winner === undefined) return undefined;
      const [finding, elsewhere] = await Promise.all([
        withCustomFields(knowledge, winner, async (fields) => {
          const { statements } = await knowledge.facts();
          const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(winner.leadId)]);
          const found = dialerLeadOf(row);
          if (found === undefined) return undefined;
          const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
          return { lead: found.lead, custom, isCustomer: found.isCustomer };
        }),
        isCustomerElsewhere?.(winner.leadId),
      ]);
      if (finding === undefined) return undefined;
      const { column, matches } = winner;
      return {
        ...finding,
        isCustomer: finding.isCustomer || elsewhere === true,
        foundBy: { column, matches },
      };
    },
  };
}

function withCustomFields<Result>(
  knowledge: Knowledge,
  lists: ListsOfLead,
  work: (fields: CustomFields | undefined) => Promise<Result>,
): Promise<Result> {
  return retryAfterLearning(
    async () => work(await customFieldsOf(knowledge, lists)),
    () => learn(knowledge, lists),
  );
}

async function customFieldsOf(
  knowledge: Knowledge,
  { entryListId, listId }: ListsOfLead,
): Promise<CustomFields | undefined> {
  const first = entryListId > 0 ? await knowledge.custom(entryListId) : 'no table';
  const custom = first === 'no table' ? await knowledge.custom(listId) : first;
  return typeof custom === 'string' ? undefined : custom;
}

/** A list is learnt by what is known of the dialer, so that comes first. */
async function learn(knowledge: Knowledge, { entryListId, listId }: ListsOfLead): Promise<void> {
  await knowledge.learnFacts();
  const lists = entryListId > 0 ? [entryListId, listId] : [listId];
  await Promise.all(lists.map((list) => knowledge.learnCustom(list)));
}

/** The connector sends what is beyond 31 bits as a fraction, unless it is told that it is whole. */
export function wholeNumber(id: number): Parameter {
  return id < 2 ** 31 ? id : BigInt(id);
}
