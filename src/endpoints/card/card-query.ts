/** Whose card is wanted, and what of it. */
export interface Wanted {
  readonly phone?: string | undefined;
  readonly lead?: string | undefined;
  /** Words by which somebody is searched, such as a name. */
  readonly text?: string | undefined;
  /** How many people have the number, where one of them was chosen. */
  readonly of?: number | undefined;
  /** Undefined: the card. */
  readonly view?: View | undefined;
  /** Of the timeline: how many entries come before the page. */
  readonly offset?: number | undefined;
  /** To whom a number is to be added, as somebody typed it. */
  readonly who?: string | undefined;
  /** What was just done to the customer. */
  readonly done?: Done | undefined;
}

/** `new`: a form for a customer with the number; `attach`: to whom the number is added; `timeline`: what happened. */
const VIEWS = ['new', 'attach', 'timeline'] as const;
export type View = (typeof VIEWS)[number];

const DONE = ['saved', 'undone', 'added', 'noted'] as const;

/** What was done, for the one page that says so. */
export interface Done {
  readonly what: (typeof DONE)[number];
  /** By which it is undone. */
  readonly changeId?: number | undefined;
  /** Milliseconds of the wall clock. */
  readonly at: number;
}

/**
 * Reads a query or a form: `phone`, `lead`, or `q`, which somebody typed. A dialer's own names are `phone_number` and `lead_id`.
 * Of repeated names the first counts. Beside the lead that was chosen, `q` says by which words it was found.
 */
export function readWanted(query: URLSearchParams): Wanted {
  const typed = query.get('q')?.trim() ?? '';
  const of = Number(query.get('of') ?? '');
  const given = {
    phone: textOf(query.get('phone')) ?? textOf(query.get('phone_number')),
    lead: textOf(query.get('lead')) ?? textOf(query.get('lead_id')),
    of: Number.isSafeInteger(of) && of > 1 ? of : undefined,
  };
  if (typed === '') return given;
  const read = readTyped(typed);
  return isAnybody(given) ? { ...given, text: read.text } : read;
}

/** Reads what only addresses of ours say, too: `pairsOf` wrote it. */
export function readPairs(query: URLSearchParams): Wanted {
  const offset = Number(query.get('offset') ?? '');
  const [what, at = '', changeId] = query.get('done')?.split(' ') ?? [];
  const known = DONE.find((one) => one === what);
  return {
    ...readWanted(query),
    view: VIEWS.find((one) => one === query.get('view')),
    offset: Number.isSafeInteger(offset) && offset > 0 ? offset : undefined,
    who: textOf(query.get('who')),
    done: known && {
      what: known,
      at: Number(at),
      changeId: changeId === undefined ? undefined : Number(changeId),
    },
  };
}

/** `#` marks a lead's id; digits too few for a telephone number are one, too. With a letter it is a name, or whatever else has words. */
export function readTyped(typed: string): Pick<Wanted, 'phone' | 'lead' | 'text'> {
  const marked = typed.startsWith('#') ? typed.slice(1).trim() : '';
  const lead = marked === '' ? /^\d{1,5}$/.exec(typed)?.[0] : marked;
  if (lead !== undefined) return { lead };
  return /\p{L}/u.test(typed) ? { text: typed } : { phone: typed };
}

/** Keeps spaces around a text: a leading one may be a `+` that was lost on the way (src/core/phone.ts). */
function textOf(value: string | null): string | undefined {
  return value === null || value.trim() === '' ? undefined : value;
}

export function isAnybody({ phone, lead, text }: Wanted): boolean {
  return phone !== undefined || lead !== undefined || text !== undefined;
}

/** What leads to the same card again, whatever was seen or done there. */
export function cardOf({ lead, phone, text, of }: Wanted): Wanted {
  return { lead, phone, text, of };
}

/** As names and values of a query or of a form. */
export function pairsOf({ done, ...plain }: Wanted): [name: string, value: string][] {
  const { lead, phone, text: q, of, view, offset, who } = plain;
  const said =
    done && [done.what, done.at, ...(done.changeId === undefined ? [] : [done.changeId])].join(' ');
  const pairs = Object.entries({ lead, phone, q, of, view, offset, who, done: said });
  return pairs.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
}

/** The text of the search field. */
export function searchedOf({ phone, lead, text }: Wanted): string {
  return (phone ?? text ?? (lead === undefined ? '' : `#${lead}`)).trim();
}
