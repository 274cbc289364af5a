import type { SQLInputValue, StatementSync } from 'node:sqlite';

import { countedPart, type Page, type TextPage } from '../../core/lead-store.ts';
import { COUNTED_MATCHES, countedMatches, type ListScope } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { TextQuery } from '../../core/text-query.ts';
import { IS_INDEXING } from './search-queue.ts';
import { listWord } from './search-text.ts';
import type { LeadResult, LeadRow } from './rows.ts';
import { rankTexts, type SearchedText } from './text-ranking.ts';

/** Beginnings of words up to this length are in the index, so that their leads are read one by one (010-search.sql). */
const INDEXED_LETTERS = 8;
/** Of so many leads that share the beginning of a longer word, so few have all of it that those are read by themselves. */
const FEW = 100;

/** The statements of a search by words: a test reads the query plan of each. */
export const TEXT_STATEMENTS = {
  /** The newest leads. */
  matches: `SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ${COUNTED_MATCHES + 1}`,
  texts: 'SELECT lead_id, text FROM search_texts WHERE lead_id IN (SELECT value FROM json_each(?))',
  lists: 'SELECT list_id FROM lists WHERE list_id IN (SELECT value FROM json_each(?))',
} as const;

interface TextReads {
  /** Its rows come as arrays. */
  readonly prepare: (sql: string) => StatementSync;
  readonly read: (leadId: number, scope: ListScope) => LeadResult | undefined;
  /** Leads with a number, the winner first, and no more than are counted. */
  readonly leadsWithNumber: (phone: PhoneNumber, scope: ListScope) => readonly number[];
}

/** What was found, and whether there may be more. */
interface Hits {
  readonly texts: readonly SearchedText[];
  readonly isMore: boolean;
}

/**
 * Searches leads by words. The index gives the newest COUNTED_MATCHES of those that have all words; these are put in order
 * (text-ranking.ts). Where there are more, those with the very words come before all others, however old they are.
 */
export function createTextSearch({ prepare, read, leadsWithNumber }: TextReads) {
  const { match, textsOfLeads, existing, isIndexing } = createIndexReads(prepare);

  /** @returns undefined: there is no such list */
  function withinLists(scope: ListScope): string | undefined {
    if (scope === 'every list') return '';
    const words = existing(scope).map((listId) => quoted(listWord(listId)));
    return words.length === 0 ? undefined : `(${words.join(' OR ')})`;
  }

  /** Leads that have each word as the beginning of one of theirs. */
  function byBeginnings(words: readonly string[], within: string): Hits {
    const isLast = (at: number) => at === words.length - 1;
    const find = (letters: number) =>
      match(within, ...words.map((word, at) => beginning(word, isLast(at), letters)));
    const found = find(INDEXED_LETTERS);
    const isMore = found.length > COUNTED_MATCHES;
    const texts = textsOfLeads(found).filter((text) => hasBeginnings(text, words));
    if (!isMore || texts.length > FEW) return { texts, isMore };
    const all = find(Infinity);
    return { texts: textsOfLeads(all), isMore: all.length > COUNTED_MATCHES };
  }

  function byWords(words: readonly string[], within: string): Hits {
    const found = byBeginnings(words, within);
    if (!found.isMore) return found;
    return { texts: [...textsOfLeads(match(within, ...words.map(quoted))), ...found.texts], isMore: true };
  }

  /** Leads that have the number and the words beside it, by these; without any as a lookup orders them. */
  function byNumber({ number }: TextQuery, scope: ListScope): readonly number[] {
    if (number === undefined) return [];
    const leadIds = leadsWithNumber(number.phone, scope);
    const { otherWords } = number;
    if (otherWords.length === 0) return leadIds;
    return rankTexts(
      textsOfLeads(leadIds).filter((text) => hasBeginnings(text, otherWords)),
      otherWords,
    );
  }

  return (query: TextQuery, scope: ListScope, wanted: Page): TextPage => {
    const within = withinLists(scope);
    const found = within === undefined ? NOTHING : byWords(query.words, within);
    const ranked = rankTexts(found.texts, query.words);
    const leadIds = [...new Set([...byNumber(query, scope), ...ranked])];
    const { offset, limit } = countedPart(wanted);
    return {
      total: countedMatches(found.isMore ? Infinity : leadIds.length),
      matches: leadIds.slice(offset, offset + limit).flatMap((leadId) => read(leadId, scope) ?? []),
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

function hasBeginnings({ words }: SearchedText, wanted: readonly string[]): boolean {
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}
