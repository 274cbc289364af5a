import { type PageTable, writePage } from './write-page.ts';
import type { DescribedPerson, KeptLead, PersonTrace } from '../core/person-store.ts';
import { DIALER_PLACES, type DialerPlace } from '../core/dialer-places.ts';
import type { KeptCall } from '../core/call-store.ts';
import { callEntry, documentOf } from './lead-document.ts';
import type { PersonWords } from './person-words.ts';
import { ENGLISH } from './person-words-en.ts';
import { SPANISH } from './person-words-es.ts';

export const PERSON_WORDS = { en: ENGLISH, es: SPANISH } as const;
export type PersonLanguage = keyof typeof PERSON_WORDS;

/** What a page says of a person. */
export interface ShownPerson extends Omit<DescribedPerson, 'elsewhere'> {
  readonly domain: string | undefined;
  readonly leadIds: readonly number[];
  /** It is for the operator, who must find the tables of a dialer. */
  readonly namesTables?: boolean;
}

/** The same as texts. */
export interface PersonDocument {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly tables: readonly PageTable[];
}

/** @param at when it is written */
export function personDocument(person: ShownPerson, at: Date, words: PersonWords): PersonDocument {
  const { domain, leadIds, leads, calls, related, reads, older, namesTables = false } = person;
  const { columns } = words;
  const tables = (leads ?? []).flatMap((lead) => tablesOf(lead, words));
  const others =
    leads === undefined
      ? (Object.keys(DIALER_PLACES) as DialerPlace[]).map((place) =>
          words.inDialer(
            namesTables ? DIALER_PLACES[place][0] : undefined,
            leadIds,
            words.dialerPlaces[place],
          ),
        )
      : [...related.map((trace) => writeTrace(trace, words)), ...words.elsewhere];
  return {
    title: words.title(domain, leadIds),
    sentences: [words.written(at.toISOString()), ...(older > 0 ? [words.olderReads(older)] : []), ...others],
    tables: [
      ...tables,
      ...(calls.length === 0 ? [] : [callTable(calls, words)]),
      {
        heading: words.readAndChanged,
        columns: [columns.time, columns.user, columns.from, columns.endpoint, columns.what],
        rows: reads.map((record) => readRow(record, words)),
      },
    ],
  };
}

/** The page that a person is handed, to read and print. */
export function personPage(person: ShownPerson, at: Date, words: PersonWords): string {
  const { title, sentences, tables } = personDocument(person, at, words);
  return writePage(title, sentences, tables, { language: words.language, none: words.none });
}

function tablesOf(lead: KeptLead, words: PersonWords): readonly PageTable[] {
  const { columns } = words;
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
}

function callTable(calls: readonly KeptCall[], words: PersonWords): PageTable {
  const { columns } = words;
  const rows = calls.map((call) => callEntry(call, words)).map(({ at, by, what }) => [at, by, what]);
  return { heading: words.calls, columns: [columns.time, columns.by, columns.what], rows };
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
