/** Whose card is wanted. */
export interface Wanted {
  readonly phone?: string | undefined;
  readonly lead?: string | undefined;
  /** How many people have the number, where one of them was chosen. */
  readonly of?: number | undefined;
}

/** Reads a query or a form: `phone`, `lead`, or `q`, which somebody typed. Of repeated names the first counts. */
export function readWanted(query: URLSearchParams): Wanted {
  const typed = query.get('q')?.trim() ?? '';
  const of = Number(query.get('of') ?? '');
  const given = {
    phone: textOf(query.get('phone')),
    lead: textOf(query.get('lead')),
    of: Number.isSafeInteger(of) && of > 1 ? of : undefined,
  };
  return typed === '' || isAnybody(given) ? given : readTyped(typed);
}

/** `#` marks a lead's id; digits too few for a telephone number are one, too. */
function readTyped(typed: string): Wanted {
  const marked = typed.startsWith('#') ? typed.slice(1).trim() : '';
  const lead = marked === '' ? /^\d{1,5}$/.exec(typed)?.[0] : marked;
  return { phone: lead === undefined ? typed : undefined, lead, of: undefined };
}

/** Keeps spaces around a text: a leading one may be a `+` that was lost on the way (src/core/phone.ts). */
function textOf(value: string | null): string | undefined {
  return value === null || value.trim() === '' ? undefined : value;
}

export function isAnybody({ phone, lead }: Wanted): boolean {
  return phone !== undefined || lead !== undefined;
}

/** As names and values of a query or of a form. */
export function pairsOf({ phone, lead, of }: Wanted): [name: string, value: string][] {
  const pairs = Object.entries({ lead, phone, of });
  return pairs.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
}

/** The text of the search field. */
export function searchedOf({ phone, lead }: Wanted): string {
  return (phone ?? (lead === undefined ? '' : `#${lead}`)).trim();
}
