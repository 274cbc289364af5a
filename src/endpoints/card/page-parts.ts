import type { AccountWords } from './account-words.ts';
import type { Wanted } from './card-query.ts';
import type { Attempt } from './edit-groups.ts';
import type { Reader } from '../pages/reader.ts';
import type { Notice } from '../pages/notice.ts';
import type { Words } from './language.ts';

/** What a form sends along. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** For whom a page is made, and about whom. */
export interface ViewContext {
  readonly reader: Reader;
  readonly words: Words;
  readonly wanted: Wanted;
  /** The address of another card, for the session that reads the page. */
  readonly addressOf: (wanted: Wanted) => string;
}

/** Somebody among several. */
export interface PersonView {
  readonly name: string;
  readonly isCustomer: boolean;
  /** Nobody is to call them. */
  readonly doNotCall: boolean;
  /** That the last call with the number was theirs, and when. */
  readonly called?: string | undefined;
  /** Facts that tell them from the others. */
  readonly about: readonly string[];
}

/** The form for a customer with a number that nobody has. */
export interface NewCustomerPage {
  readonly template: 'new-customer';
  readonly phone: string;
  /** What was typed, and what is wrong, by field. */
  readonly texts: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, string>>;
  readonly taken: Attempt['taken'];
  readonly lists: readonly { readonly id: string; readonly label: string; readonly isChosen: boolean }[];
  /** By which a form that is sent twice is known. */
  readonly once: string;
  readonly back: string;
}

/** To whom a number is added. */
export interface AttachPage {
  readonly template: 'attach';
  readonly title: string;
  /** What the button says. */
  readonly add: string;
  /** The number, as it came. */
  readonly phone: string;
  /** What somebody typed to find the customer. */
  readonly who: string;
  /** Those who were found; `id` of the lead. */
  readonly people: readonly (PersonView & { readonly id: string; readonly isChosen: boolean })[];
  /** How many more there are. */
  readonly more: string | undefined;
  readonly notice: Notice | undefined;
  readonly back: string;
}

/** Somebody's own account. */
export interface AccountPage {
  readonly template: 'account';
  readonly words: AccountWords;
  readonly isDialer: boolean;
  readonly wrong: string | undefined;
  readonly done: string | undefined;
  readonly sessions: readonly {
    /** Browser and network; empty: nobody knows. */
    readonly where: string;
    readonly seen: string | undefined;
    readonly digest: string;
    readonly label: string;
    readonly isThis: boolean;
    /** What the button that ends it says to whoever does not see where it stands. */
    readonly end: string;
  }[];
}
