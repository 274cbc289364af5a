import type { SQLInputValue, StatementSync } from 'node:sqlite';

import { readFitting } from '../../core/answer-size.ts';
import { countedPart, type LeadFilter, type LeadStore, type TextPage } from '../../core/lead-store.ts';
import { COUNTED_MATCHES, countedMatches, type ListScope, type MasksOf } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { TextQuery } from '../../core/text-query.ts';
import { createHiddenFields, isFoundBy, SELECT_MASKS } from '../hidden-words.ts';
import { textsOf } from '../list-rows.ts';
import { IS_INDEXING } from './search-queue.ts';
import { listWord } from '../search-text.ts';
import type { LeadResult, LeadRow } from '../rows.ts';
import { hasBeginnings, hasWords, rankTexts, type SearchedText } from '../text-ranking.ts';
import type { createSearchTexts } from './search-text.ts';

/** Beginnings of words up to this length are in the index, so that their leads are read one by one (010-search.sql). */
const INDEXED_LETTERS = 8;
/** Of so many leads that share the beginning of a longer word, so few have all of it that those are read by themselves. */
const FEW = 100;
/** Where so many have the very words, others that have them are older, and behind what anybody reads. */
const MANY = 250;

/** The statements of a search by words. */
const TEXT_STATEMENTS = {
  /** The newest leads. */
  matches: `SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ${COUNTED_MATCHES + 1}`,
  texts: 'SELECT lead_id, text FROM search_texts WHERE lead_id IN (SELECT value FROM json_each(?))',
  lists: 'SELECT list_id FROM lists WHERE list_id IN (SELECT value FROM json_each(?))',
} as const;

interface TextReads {
  /** Its rows come as arrays. */
  readonly prepare: (sql: string) => StatementSync;
  readonly read: (leadId: number, scope: ListScope) => LeadResult | undefined;
  readonly texts: ReturnType<typeof createSearchTexts>;
  /** Those of some leads that are wanted, in their order. */
  readonly filtered: (leadIds: readonly number[], filter: LeadFilter) => readonly number[];
  /** Leads with a number, the winner first, and no more than are counted. */
  readonly leadsWithNumber: (phone: PhoneNumber, scope: ListScope) => readonly number[];
}

/** What a search is given. */
type Asked = Parameters<NonNullable<LeadStore['searchText']>>;

/** What was found, and whether there may be more. */
interface Hits {
  readonly texts: readonly SearchedText[];
  readonly isMore: boolean;
}

/**
 * Searches leads by words. The index gives the newest COUNTED_MATCHES of those that have all words; these are put in order
 * (text-ranking.ts). Where there are more, those with the very words come before all others, however old they are.
 */
export function createTextSearch({ prepare, read, texts, filtered, leadsWithNumber }: TextReads) {
  const { match, textsOfLeads, existing, isIndexing } = createIndexReads(prepare);
  const seenBy = createSeenTexts(prepare, texts);

  /** @returns undefined: there is no such list */
  function withinLists(scope: ListScope): string | undefined {
    if (scope === 'every list') return '';
    const words = existing(scope).map((listId) => quoted(listWord(listId)));
    return words.length === 0 ? undefined : `(${words.join(' OR ')})`;
  }

  /** Leads that have each word as the beginning of one of theirs. */
  function byBeginnings(words: readonly string[], within: string, seen: SeenTexts): Hits {
    const isLast = (at: number) => at === words.length - 1;
    const find = (lettersOf: (word: string) => number) =>
      match(within, ...words.map((word, at) => beginning(word, isLast(at), lettersOf(word))));
    const found = find(() => INDEXED_LETTERS);
    const isMore = found.length > COUNTED_MATCHES;
    const all = seen(textsOfLeads(found), words);
    const begun = all.filter((text) => hasBeginnings(text, words));
    if (!isMore || begun.length > FEW) return { texts: begun, isMore };
    // To ask for all of a word that nearly each of them has would read every lead with it, and leave nothing out.
    const isCommon = (word: string) =>
      all.filter((text) => hasBeginnings(text, [word])).length > all.length / 2;
    const foundByAll = find((word) => (isCommon(word) ? INDEXED_LETTERS : Infinity));
    return {
      texts: seen(textsOfLeads(foundByAll), words).filter((text) => hasBeginnings(text, words)),
      isMore: foundByAll.length > COUNTED_MATCHES,
    };
  }

  function byWords(words: readonly string[], within: string, seen: SeenTexts): Hits {
    const found = byBeginnings(words, within, seen);
    if (!found.isMore || found.texts.filter((text) => hasWords(text, words)).length >= MANY) return found;
    const whole = seen(textsOfLeads(match(within, ...words.map(quoted))), words);
    return { texts: [...whole, ...found.texts], isMore: true };
  }

  /** Leads that have the number and the words beside it, by these; without any as a lookup orders them. */
  function byNumber({ number }: TextQuery, scope: ListScope, seen: SeenTexts): readonly number[] {
    if (number === undefined) return [];
    const leadIds = leadsWithNumber(number.phone, scope);
    const { otherWords } = number;
    if (otherWords.length === 0) return leadIds;
    return rankTexts(
      seen(textsOfLeads(leadIds), otherWords).filter((text) => hasBeginnings(text, otherWords)),
      otherWords,
    );
  }

  return (...[query, scope, wanted, masks, filter = {}]: Asked): TextPage => {
    const within = withinLists(scope);
    const seen = masks === undefined ? asTheyAre : seenBy(masks);
    const found = within === undefined ? NOTHING : byWords(query.words, within, seen);
    const ranked = rankTexts(found.texts, query.words);
    const leadIds = filtered([...new Set([...byNumber(query, scope, seen), ...ranked])], filter);
    const { offset, limit } = countedPart(wanted);
    return {
      total: countedMatches(found.isMore ? Infinity : leadIds.length),
      ...readFitting(leadIds.slice(offset, offset + limit), (leadId) => read(leadId, scope)),
      isIndexing: isIndexing(),
    };
  };
}

function createIndexReads(prepare: TextReads['prepare']) {
  const matches = prepare(TEXT_STATEMENTS.matches);
  const texts = prepare(TEXT_STATEMENTS.texts);
  const lists = prepare(TEXT_STATEMENTS.lists);
  const indexing = prepare(IS_INDEXING);
  const rows = (statement: StatementSync, ...bound: readonly SQLInputValue[]) =>
    statement.all(...bound) as unknown as readonly LeadRow[];
  const ids = (found: readonly LeadRow[]) => found.map(([id]) => Number(id));
  return {
    /** Leads for which all parts of an expression hold, the newest first. */
    match: (...parts: readonly string[]) =>
      ids(rows(matches, parts.filter((part) => part !== '').join(' AND '))),
    textsOfLeads: (leadIds: readonly number[]): readonly SearchedText[] =>
      rows(texts, JSON.stringify(leadIds)).map(([leadId, text]) => ({
        leadId: Number(leadId),
        words: String(text).split(' '),
      })),
    /** Those of the lists that there are. */
    existing: (scope: readonly number[]) => ids(rows(lists, JSON.stringify(scope))),
    isIndexing: () => rows(indexing)[0]?.[0] === 1,
  };
}

/** Of texts that were found for some words, those that are found by what somebody sees of them, as far as that goes. */
type SeenTexts = (texts: readonly SearchedText[], words: readonly string[]) => readonly SearchedText[];

const asTheyAre: SeenTexts = (texts) => texts;

/** Searches of somebody who sees fields masked: by the words of these nobody is found. */
function createSeenTexts(prepare: TextReads['prepare'], texts: TextReads['texts']) {
  const maskedLists = prepare(SELECT_MASKS);
  return (masks: MasksOf): SeenTexts => {
    texts.forgetFields();
    const lists = maskedLists.all() as unknown as readonly LeadRow[];
    const hiddenOf = createHiddenFields(
      masks,
      new Map(lists.map(([listId, masked]) => [Number(listId), textsOf(masked)])),
    );
    return (found, wanted) =>
      found.flatMap((text) => {
        const hidden = hiddenOf(text);
        if (hidden.size === 0) return text;
        const words = texts.ofLead(text.leadId, hidden)?.split(' ') ?? [];
        return isFoundBy(words, wanted) ? { leadId: text.leadId, words } : [];
      });
  };
}

const NOTHING: Hits = { texts: [], isMore: false };

/** A word as the index takes it: letters and digits alone, or the sign of a list before digits. */
function quoted(word: string): string {
  return `"${word}"`;
}

/** A single letter is an initial, unless somebody is just typing a word. */
function beginning(word: string, isLast: boolean, letters: number): string {
  return word.length === 1 && !isLast ? quoted(word) : `${quoted(cut(word, letters))}*`;
}

/** The index counts characters, not the halves of those beyond 16 bits. */
function cut(word: string, letters: number): string {
  return word.length <= letters ? word : Array.from(word).slice(0, letters).join('');
}
