import type { PhoneColumn } from '../../lead/lead.ts';
import type { Finding } from '../../lead/lead-store.ts';
import { customInfoOf, type CustomFields, type ListCustom } from './custom-fields.ts';
import type { Parameter, Row } from './parameter.ts';
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

/** Custom values that came with a lead, if they are the right ones. */
export interface GuessedCustom {
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
  complete(found: DialerLead | undefined, guess?: GuessedCustom): Promise<Finding | undefined>;
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
  async function readCustom(
    leadId: number,
    fields: CustomFields | undefined,
    guess: GuessedCustom | undefined,
  ): Promise<Finding['custom']> {
    guess?.note(leadId, fields);
    if (fields === undefined) return null;
    if (guess?.fields === fields) return customInfoOf(fields, guess.row, guess.from);
    const [row] = await read(fields.statement, [wholeNumber(leadId)]);
    return row === undefined ? null : customInfoOf(fields, row);
  }

  async function readLead(leadId: number, fields: CustomFields | undefined): Promise<Finding | undefined> {
    const { statements } = await knowledge.facts();
    const [row = []] = await read(statements.leadAndCustom(fields), [wholeNumber(leadId)]);
    const found = dialerLeadOf(row);
    if (found === undefined) return undefined;
    const custom = fields === undefined ? null : customInfoOf(fields, row, LEAD_WIDTH);
    return { leadId, lead: found.lead, custom, isCustomer: found.isCustomer };
  }

  async function addCustomer<Part>(part: Promise<Part>, leadId: number): Promise<[Part, boolean]> {
    if (isCustomerElsewhere === undefined) return [await part, false];
    return Promise.all([part, isCustomerElsewhere(leadId)]);
  }

  return {
    async complete(found, guess) {
      if (found === undefined) return undefined;
      const { lead, entryListId } = found;
      const lists = { entryListId, listId: lead.list_id };
      const [custom, elsewhere] = await addCustomer(
        withCustomFields(knowledge, lists, (fields) => readCustom(lead.lead_id, fields, guess)),
        lead.lead_id,
      );
      return { leadId: lead.lead_id, lead, custom, isCustomer: found.isCustomer || elsewhere };
    },

    async fetch(winner) {
      if (winner === undefined) return undefined;
      const { column, matches, leadId } = winner;
      const [finding, elsewhere] = await addCustomer(
        withCustomFields(knowledge, winner, (fields) => readLead(leadId, fields)),
        leadId,
      );
      if (finding === undefined) return undefined;
      return { ...finding, isCustomer: finding.isCustomer || elsewhere, foundBy: { column, matches } };
    },
  };
}

function withCustomFields<Result>(
  knowledge: Knowledge,
  lists: ListsOfLead,
  work: (fields: CustomFields | undefined) => Promise<Result>,
): Promise<Result> {
  return retryAfterLearning(
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
  knowledge: Knowledge,
  { entryListId, listId }: ListsOfLead,
): ListCustom | Promise<ListCustom> {
  if (entryListId === 0) return knowledge.custom(listId);
  const first = knowledge.custom(entryListId);
  if (first instanceof Promise) {
    return first.then((custom) => (custom === 'no table' ? knowledge.custom(listId) : custom));
  }
  return first === 'no table' ? knowledge.custom(listId) : first;
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
