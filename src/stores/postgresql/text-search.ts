import { countedPart, type LeadPage, type LeadStore, type TextPage } from '../../core/lead-store.ts';
import { COUNTED_MATCHES, countedMatches, type ListScope, type MasksOf } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { TextQuery } from '../../core/text-query.ts';
import { createHiddenFields, isFoundBy, SELECT_MASKS } from '../hidden-words.ts';
import { textsOf } from '../list-rows.ts';
import type { Read, Row } from '../network/connector.ts';
import { listWord } from '../search-text.ts';
import { hasBeginnings, hasWords, rankTexts, type SearchedText } from '../text-ranking.ts';
import { filtered } from './look-through.ts';
import { arrayOf } from './rows.ts';
import { INDEX_STATEMENTS, textOf } from './search-index.ts';

/** So many of the newest leads are looked through first: of words that more than a few have, they have enough. */
const NEWEST = 20_000;
const MOST = COUNTED_MATCHES + 1;
/** Leads that are read together: they may have long values. */
const LEADS_AT_ONCE = 100;

/** The statements of a search by words: a test reads the query plan of each. */
export const TEXT_STATEMENTS = {
  newest: `SELECT lead_id FROM (SELECT lead_id, words FROM search_texts ORDER BY lead_id DESC LIMIT ${NEWEST}) AS newest
    WHERE words @@ $1::tsquery LIMIT ${MOST}`,
  /** By the index of words alone, which has all leads of a word before the newest are known. */
  all: `SELECT leads_with_words($1::tsquery, ${MOST})`,
  texts: 'SELECT lead_id, text FROM search_texts WHERE lead_id = ANY ($1::bigint[])',
  lists: 'SELECT list_id FROM lists WHERE list_id = ANY ($1::bigint[])',
  isIndexing: 'SELECT EXISTS (SELECT 1 FROM search_queue)',
} as const;

/** Where so many have the very words, others that have them are older, and behind what anybody reads. */
const MANY = 250;

interface TextReads {
  readonly read: Read;
  /** Leads in this order, as many as an answer may hold. */
  readonly readPage: (
    leadIds: readonly number[],
    scope: ListScope,
  ) => Promise<Pick<LeadPage, 'matches' | 'isCut'>>;
  /** Leads with a number, the winner first, and no more than are counted. */
  readonly leadsWithNumber: (phone: PhoneNumber, scope: ListScope) => Promise<readonly number[]>;
}

/** What a search is given. */
type Asked = Parameters<NonNullable<LeadStore['searchText']>>;

/** What was found, and whether there may be more. */
interface Hits {
  readonly texts: readonly SearchedText[];
  readonly isMore: boolean;
}

const NOTHING: Hits = { texts: [], isMore: false };

/**
 * Searches leads by words, as the embedded store does: of those that have all words, the newest COUNTED_MATCHES are put in order
 * (text-ranking.ts). Where there are more, those with the very words come before all others, however old they are.
 */
export function createTextSearch({ read, readPage, leadsWithNumber }: TextReads) {
  const { match, storedTexts, withinLists } = createIndexReads(read);

  async function byWords(words: readonly string[], within: string, seen: SeenTexts): Promise<Hits> {
    const found = await match([within, ...words.map((word, at) => beginning(word, at === words.length - 1))]);
    const texts = await seen(found, words);
    if (found.length <= COUNTED_MATCHES) return { texts, isMore: false };
    if (texts.filter((text) => hasWords(text, words)).length >= MANY) return { texts, isMore: true };
    const whole = await seen(await match([within, ...words.map(quoted)]), words);
    return { texts: [...whole, ...texts], isMore: true };
  }

  /** Leads that have the number and the words beside it, by these; without any as a lookup orders them. */
  async function byNumber(
    { number }: TextQuery,
    scope: ListScope,
    seen: SeenTexts,
  ): Promise<readonly number[]> {
    if (number === undefined) return [];
    const leadIds = await leadsWithNumber(number.phone, scope);
    const { otherWords } = number;
    if (otherWords.length === 0) return leadIds;
    const texts = await seen(await storedTexts(leadIds), otherWords);
    return rankTexts(
      texts.filter((text) => hasBeginnings(text, otherWords)),
      otherWords,
    );
  }

  return async (...[query, scope, wanted, masks, filter = {}]: Asked): Promise<TextPage> => {
    const [within, seen] = await Promise.all([
      withinLists(scope),
      masks === undefined ? asTheyAre : seenTexts(read, masks),
    ]);
    const [found, numbered, [indexing]] = await Promise.all([
      within === undefined ? NOTHING : byWords(query.words, within, seen),
      byNumber(query, scope, seen),
      read(TEXT_STATEMENTS.isIndexing, []),
    ]);
    const all = [...new Set([...numbered, ...rankTexts(found.texts, query.words)])];
    const leadIds = await filtered(read, all, filter);
    const { offset, limit } = countedPart(wanted);
    return {
      total: countedMatches(found.isMore ? Infinity : leadIds.length),
      isIndexing: indexing?.[0] === true,
      ...(await readPage(leadIds.slice(offset, offset + limit), scope)),
    };
  };
}

function createIndexReads(read: Read) {
  const ids = (rows: readonly Row[]) => rows.map(([id]) => Number(id));

  async function match(parts: readonly string[]): Promise<readonly SearchedText[]> {
    const query = parts.filter((part) => part !== '').join(' & ');
    const newest = await read(TEXT_STATEMENTS.newest, [query]);
    return storedTexts(ids(newest.length === MOST ? newest : await read(TEXT_STATEMENTS.all, [query])));
  }

  async function storedTexts(leadIds: readonly number[]): Promise<readonly SearchedText[]> {
    const rows = await read(TEXT_STATEMENTS.texts, [arrayOf(leadIds)]);
    return rows.map(([leadId, text]) => ({ leadId: Number(leadId), words: String(text).split(' ') }));
  }

  /** @returns undefined: there is no such list */
  async function withinLists(scope: ListScope): Promise<string | undefined> {
    if (scope === 'every list') return '';
    const lists = ids(await read(TEXT_STATEMENTS.lists, [arrayOf(scope)]));
    return lists.length === 0 ? undefined : `(${lists.map((id) => quoted(listWord(id))).join(' | ')})`;
  }

  return { match, storedTexts, withinLists };
}

/** Of texts that were found for some words, those that are found by what somebody sees of them, as far as that goes. */
type SeenTexts = (
  texts: readonly SearchedText[],
  words: readonly string[],
) => Promise<readonly SearchedText[]>;

const asTheyAre: SeenTexts = (texts) => Promise.resolve(texts);

/** Searches of somebody who sees fields masked: by the words of these nobody is found. */
async function seenTexts(read: Read, masks: MasksOf): Promise<SeenTexts> {
  const lists = await read(SELECT_MASKS, []);
  const hiddenOf = createHiddenFields(
    masks,
    new Map(lists.map(([listId, masked]) => [Number(listId), textsOf(masked)])),
  );

  async function wordsWithoutHidden(texts: readonly SearchedText[]): Promise<ReadonlyMap<number, string>> {
    const words = new Map<number, string>();
    for (let at = 0; at < texts.length; at += LEADS_AT_ONCE) {
      const some = new Map(texts.slice(at, at + LEADS_AT_ONCE).map((text) => [text.leadId, hiddenOf(text)]));
      for (const row of await read(INDEX_STATEMENTS.some, [arrayOf([...some.keys()])])) {
        const leadId = Number(row[0]);
        words.set(leadId, textOf(row, some.get(leadId)));
      }
    }
    return words;
  }

  return async (found, wanted) => {
    const seen = await wordsWithoutHidden(found.filter((text) => hiddenOf(text).size > 0));
    return found.flatMap((text) => {
      if (hiddenOf(text).size === 0) return text;
      const words = seen.get(text.leadId)?.split(' ') ?? [];
      return isFoundBy(words, wanted) ? { leadId: text.leadId, words } : [];
    });
  };
}

/** A word as the index takes it: letters and digits alone, or the sign of a list before digits. */
function quoted(word: string): string {
  return `'${word}'`;
}

/** A single letter is an initial, unless somebody is just typing a word. */
function beginning(word: string, isLast: boolean): string {
  return word.length === 1 && !isLast ? quoted(word) : `${quoted(word)}:*`;
}
