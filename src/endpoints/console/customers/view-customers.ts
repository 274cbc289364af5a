import { hash } from 'node:crypto';

import type { LookupResult } from '../../../core/lead-store.ts';
import { COUNTED_MATCHES, writeMatches } from '../../../core/lead.ts';
import { joinName } from '../../../core/person-names.ts';
import type { ListSettings } from '../../../core/record-store.ts';
import type { IsAsRead } from '../../../service/record-work.ts';
import type { Asked } from './asked.ts';
import type { CustomersWords } from './customers-words.ts';
import type { FoundPage } from './find-customers.ts';

/** A customer in the table. */
interface CustomerRow {
  readonly id: string;
  /** As a form sends who is meant, and as what the admin has seen them. */
  readonly chosen: string;
  readonly name: string;
  readonly phone: string;
  readonly list: string;
  readonly status: string;
  readonly kind: string;
}

export function viewFound(
  page: FoundPage,
  asked: Asked,
  lists: readonly ListSettings[],
  words: CustomersWords,
) {
  const { matches, next, isIndexing, total = 0 } = page;
  const names = new Map(lists.map(({ listId, name }) => [listId, listName(listId, name)]));
  const rows = matches.map((one) => viewRow(one, names, words));
  const isFiltered = asked.status !== '' || asked.customer !== '';
  const notes = [
    ...(rows.length > 0 ? [] : [next === undefined ? words.nobody : words.nobodyYet]),
    ...(isIndexing ? [words.indexing] : []),
    ...(isFiltered && total > COUNTED_MATCHES ? [words.onlyBest] : []),
  ];
  return {
    summary: summaryOf(page, words),
    notes,
    rows,
    shown: rows.map(({ chosen }) => chosen).join(','),
    all: words.all(String(rows.length)),
    next,
    isFirst: asked.from === '',
  };
}

function summaryOf({ matches, total, offset }: FoundPage, words: CustomersWords): string {
  if (total === undefined) return words.newest(String(matches.length));
  const count = words.count(writeMatches(total));
  if (matches.length === 0 || total <= matches.length) return count;
  return words.part(String(offset + 1), String(offset + matches.length), count);
}

function viewRow(
  result: LookupResult,
  names: ReadonlyMap<number, string>,
  words: CustomersWords,
): CustomerRow {
  const { leadId, lead, isCustomer } = result;
  return {
    id: String(leadId),
    chosen: `${leadId}.${markOf(result)}`,
    name: nameOf(result, words),
    phone: lead.phone_number ?? '',
    list: names.get(lead.list_id) ?? String(lead.list_id),
    status: lead.status ?? '',
    kind: isCustomer ? words.yes : words.no,
  };
}

export function nameOf(
  { leadId, lead }: Pick<LookupResult, 'leadId' | 'lead'>,
  words: CustomersWords,
): string {
  const name = joinName([lead.first_name, lead.middle_initial, lead.last_name]);
  return name === '' ? words.lead(String(leadId)) : name;
}

export function listName(listId: number, name: string | null | undefined): string {
  return name ? `${name} (${listId})` : String(listId);
}

/** Stands for what of a customer the table shows. */
function markOf({ lead, isCustomer }: Pick<LookupResult, 'lead' | 'isCustomer'>): string {
  const { list_id, first_name, middle_initial, last_name, phone_number, status } = lead;
  const seen = [list_id, first_name, middle_initial, last_name, phone_number, status, isCustomer];
  return hash('sha256', JSON.stringify(seen), 'base64url').slice(0, 12);
}

/** Somebody whom a form means, and whether they still are what was seen. */
export interface ChosenLead {
  readonly leadId: number;
  readonly isAsRead: IsAsRead;
}

/** Reads `CustomerRow.chosen`. */
export function chosenLeads(sent: readonly string[]): readonly ChosenLead[] {
  return [...new Set(sent)].flatMap((text) => {
    const [, id = '', mark = ''] = /^(\d{1,10})\.([\w-]{12})$/.exec(text) ?? [];
    return id === '' ? [] : [{ leadId: Number(id), isAsRead: (current) => markOf(current) === mark }];
  });
}
