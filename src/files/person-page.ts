import { type PageTable, writePage } from './write-page.ts';
import type { KeptLead, PersonTrace } from '../core/person-store.ts';
import { DIALER_PLACES, type DialerPlace } from '../core/dialer-places.ts';
import { documentOf } from './lead-document.ts';
import type { PersonWords } from './person-words.ts';
import { ENGLISH } from './person-words-en.ts';
import { SPANISH } from './person-words-es.ts';

export const PERSON_WORDS = { en: ENGLISH, es: SPANISH } as const;
export type PersonLanguage = keyof typeof PERSON_WORDS;

/** What a page says of a person. */
interface ShownPerson {
  readonly domain: string | undefined;
  readonly leadIds: readonly number[];
  /** Undefined: they are a dialer's. */
  readonly leads: readonly KeptLead[] | undefined;
  readonly related: readonly PersonTrace[];
  readonly reads: readonly Readonly<Record<string, unknown>>[];
}

/** The page that a person is handed, to read and print. */
export function personPage(
  { domain, leadIds, leads, related, reads }: ShownPerson,
  at: Date,
  words: PersonWords,
): string {
  const { columns } = words;
  const tables = (leads ?? []).flatMap((lead): PageTable[] => {
    const { title, fields, timeline, readers } = documentOf(lead, words);
    return [
      { heading: title, columns: [columns.field, columns.value], rows: fields },
      {
        heading: words.happened(title),
        columns: [columns.time, columns.by, columns.what],
        rows: timeline.map(({ at: when, by, what }) => [when, by, what]),
      },
      { heading: words.readLately(title), columns: [columns.user], rows: readers.map((user) => [user]) },
    ];
  });
  const others =
    leads === undefined
      ? (Object.keys(DIALER_PLACES) as DialerPlace[]).map((place) =>
          words.inDialer(DIALER_PLACES[place][0], leadIds, words.dialerPlaces[place]),
        )
      : [...related.map((trace) => writeTrace(trace, words)), ...words.elsewhere];
  return writePage(
    words.title(domain, leadIds),
    [words.written(at.toISOString()), ...others],
    [
      ...tables,
      {
        heading: words.readAndChanged,
        columns: [columns.time, columns.user, columns.from, columns.endpoint, columns.what],
        rows: reads.map((record) => readRow(record, words)),
      },
    ],
    { language: words.language, none: words.none },
  );
}

function writeTrace({ leadId, name, matches, isRemoved }: PersonTrace, words: PersonWords): string {
  const notes = [
    name === '' ? words.noName : name,
    ...(isRemoved ? [words.removed] : []),
    ...(matches.includes('former') ? [words.formerly] : []),
  ];
  return words.also(
    leadId,
    notes,
    matches.map((match) => words.matches[match]),
  );
}

/** A record of the audit; of words that are not ours as it stands. */
function readRow(record: Readonly<Record<string, unknown>>, words: PersonWords): readonly string[] {
  const { at, user, address, endpoint, action, result } = record;
  const texts = [at, user, address, endpoint, action ?? result].map((value) =>
    typeof value === 'string' ? value : '',
  );
  const [when = '', who = '', from = '', by = '', what = ''] = texts;
  const named = (names: object, name: string) =>
    new Map<string, string>(Object.entries(names)).get(name) ?? name;
  return [when, who, from, named(words.endpoints, by), named(words.acts, what)];
}
