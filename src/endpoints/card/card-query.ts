/** Whose card somebody wants to see, as it stands in the page's address. */
export interface Wanted {
  readonly phone: string | undefined;
  readonly lead: string | undefined;
  /** How many people have the number, where one of them was chosen. */
  readonly of: number | undefined;
}

/** An answer to a navigation from another site has led here already. */
const AGAIN = 'again';

/** What stands in a page's query: `phone`, `lead`, or `q`, which somebody typed. Of repeated names the first counts. */
export function readWanted(query: URLSearchParams): Wanted {
  const typed = query.get('q')?.trim() ?? '';
  const of = Number(query.get('of') ?? '');
  const given = {
    phone: textOf(query.get('phone')),
    lead: textOf(query.get('lead')),
    of: Number.isSafeInteger(of) && of > 1 ? of : undefined,
  };
  return typed === '' || isAnybody(given) ? given : { ...readTyped(typed), of: undefined };
}

/** `#` is a lead's id, and so is what is too short for a telephone number. */
function readTyped(typed: string): Pick<Wanted, 'phone' | 'lead'> {
  const marked = typed.startsWith('#') ? typed.slice(1).trim() : '';
  const id = marked === '' ? /^\d{1,5}$/.exec(typed)?.[0] : marked;
  return id === undefined ? { phone: typed, lead: undefined } : { phone: undefined, lead: id };
}

/** Without spaces alone; a leading one may be a `+` that was lost on the way (src/core/phone.ts). */
function textOf(value: string | null): string | undefined {
  return value === null || value.trim() === '' ? undefined : value;
}

export function isAnybody({ phone, lead }: Pick<Wanted, 'phone' | 'lead'>): boolean {
  return phone !== undefined || lead !== undefined;
}

/** As names and values of a query or of a form. */
export function pairsOf({ phone, lead, of }: Wanted): [name: string, value: string][] {
  const pairs = [
    ['lead', lead],
    ['phone', phone],
    ['of', of === undefined ? undefined : String(of)],
  ] as const;
  return pairs.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
}

/** The address of the card; of the empty one for nobody. */
export function cardPath(wanted: Wanted): string {
  const query = new URLSearchParams(pairsOf(wanted)).toString();
  return query === '' ? '/card' : `/card?${query}`;
}

/** The same address, marked. */
export function cardPathAgain(wanted: Wanted): string {
  const path = cardPath(wanted);
  return `${path}${path.includes('?') ? '&' : '?'}${AGAIN}=1`;
}

export function isAgain(query: URLSearchParams): boolean {
  return query.has(AGAIN);
}

/** What the search field shows. */
export function searchedOf({ phone, lead }: Wanted): string {
  return (phone ?? (lead === undefined ? '' : `#${lead}`)).trim();
}
