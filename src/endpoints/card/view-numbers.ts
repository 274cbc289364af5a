import type { Numbering } from '../../service/services.ts';
import { PHONE_COLUMNS, type Lead, type PhoneColumn } from '../../core/lead.ts';
import { phoneForms } from '../../core/phone-forms.ts';
import type { Country } from '../../core/phone.ts';
import type { Words } from './words.ts';

export interface NumberView {
  readonly label: string;
  /** In the form of the country. */
  readonly shown: string;
  /** `tel:` with the international form; undefined where nothing can be dialled. */
  readonly href: string | undefined;
  /** What a copy button gives. */
  readonly copied: string;
  /** Whether it is the number that was asked for. */
  readonly isMatched: boolean;
}

export interface NumbersContext extends Numbering {
  readonly matched: PhoneColumn | undefined;
}

/** The lead's numbers, the one that was asked for first. */
export function viewNumbers(lead: Lead, context: NumbersContext, words: Words): readonly NumberView[] {
  // A second number that has no index is not searched, but it is one.
  const shown = PHONE_COLUMNS.filter((column) => column !== 'address3' || hasThirdPhone(context));
  const numbers = shown.flatMap((column) => {
    const stored = lead[column]?.trim() ?? '';
    if (stored === '') return [];
    return [viewNumber(stored, context.country, words[column], column === context.matched)];
  });
  return numbers.sort((one, other) => Number(other.isMatched) - Number(one.isMatched));
}

/** Whether `address3` holds a number and not a part of the address. */
export function hasThirdPhone({ columns }: Pick<Numbering, 'columns'>): boolean {
  return columns.includes('address3');
}

function viewNumber(stored: string, country: Country, label: string, isMatched: boolean): NumberView {
  const forms = phoneForms(stored, country);
  if (forms !== undefined) {
    const { e164, national } = forms;
    return { label, shown: national, href: `tel:${e164}`, copied: e164, isMatched };
  }
  const digits = stored.replace(/[^0-9+*]/g, '');
  const href = digits === '' ? undefined : `tel:${digits}`;
  return { label, shown: stored, href, copied: stored, isMatched };
}
