import type { LeadFilter } from '../../../core/lead-store.ts';
import { MAX_LEAD_ID, MAX_LIST_ID } from '../../../core/lead.ts';

/** What the form of the search says, as it was typed. */
export interface Asked {
  readonly text: string;
  readonly list: string;
  readonly status: string;
  readonly customer: '' | 'yes' | 'no';
  /** Where the page begins: how many come before it, or an id below which it is; empty: at the beginning. */
  readonly from: string;
}

/** What a field takes. */
const LONGEST = 200;

export function askedIn(form: URLSearchParams): Asked {
  const text = (name: string) => (form.get(name) ?? '').trim().slice(0, LONGEST);
  const customer = text('customer');
  return {
    text: text('text'),
    list: text('list'),
    status: text('status'),
    customer: customer === 'yes' || customer === 'no' ? customer : '',
    from: text('from'),
  };
}

export function filterOf({ status, customer }: Asked): LeadFilter {
  return {
    status: status === '' ? undefined : status,
    isCustomer: customer === '' ? undefined : customer === 'yes',
  };
}

/** @returns undefined: every list; of what is no id none */
export function listsOf({ list }: Asked): readonly number[] | undefined {
  if (list === '') return undefined;
  const listId = wholeIn(list, MAX_LIST_ID);
  return listId === undefined ? [] : [listId];
}

export function fromOf({ from }: Asked): number | undefined {
  return wholeIn(from, MAX_LEAD_ID);
}

/** `#14246` is the lead of that id. @returns undefined: it is another search; `no id`: it cannot be one */
export function leadIdOf({ text }: Pick<Asked, 'text'>): number | 'no id' | undefined {
  return text.startsWith('#') ? (wholeIn(text.slice(1), MAX_LEAD_ID) ?? 'no id') : undefined;
}

/** @returns undefined: it is no whole number from 1 to `most` */
export function wholeIn(text: string | null, most: number): number | undefined {
  const value = /^\d{1,14}$/.test(text ?? '') ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}
