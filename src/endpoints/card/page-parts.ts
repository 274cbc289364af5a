import type { Wanted } from './card-query.ts';
import type { Attempt } from './edit-groups.ts';
import type { Reader, Words } from './language.ts';

/** What went wrong, and what to do. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

export interface Link {
  readonly href: string;
  readonly label: string;
}

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
  /** The number, as people write it, and as it came. */
  readonly asked: string;
  readonly phone: string;
  /** What somebody typed to find the customer. */
  readonly who: string;
  /** Those who were found. `title`: what a click does. */
  readonly people: readonly {
    readonly about: Pairs;
    readonly name: string;
    readonly facts: string;
    readonly title: string;
  }[];
  readonly notice: Notice | undefined;
  readonly back: string;
}
