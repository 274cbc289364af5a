import type { LeadState } from '../../core/lead-state.ts';
import { NUMBER_MATCHES } from '../../core/lead.ts';
import type { PersonTrace } from '../../core/person-store.ts';
import type { Country } from '../../core/phone.ts';
import type { Read } from '../network/connector.ts';
import {
  type FoundMatches,
  hasNumber,
  keysOfState,
  longTails,
  noteMatch,
  speaksOf,
  traceOf,
  wantedNumbers,
  type WantedNumbers,
} from '../person-numbers.ts';
import { idRanges } from './id-ranges.ts';
import { newestChange } from './lead-changes.ts';
import { readState } from './lead-rows.ts';
import { arrayOf, comparedText } from './rows.ts';

/** The server looks at the digits of each text, so that only what may have a number in it is sent: $3 are patterns. */
const hasDigits = (text: string) => `regexp_replace(${text}, '[^0-9]+', '', 'g') LIKE ANY ($3::text[])`;
/** $4: digits of other scripts, whose numbers only we can read. */
const mayHold = (text: string) => `(${hasDigits(text)} OR ${text} ~ $4)`;

/** The statements that look for numbers: a test reads the query plan of each. */
export const PERSON_SEARCH_STATEMENTS = {
  byKey: 'SELECT lead_id, part FROM lead_numbers WHERE key = ANY ($1::text[])',
  changes: `SELECT lead_id, before, after FROM lead_changes
    WHERE change_id > $1 AND change_id <= $2 AND (${mayHold('before')} OR ${mayHold('after')})`,
  notes: `SELECT lead_id, text FROM notes WHERE note_id > $1 AND note_id <= $2 AND ${hasDigits('text')}`,
  comments: `SELECT lead_id, comments FROM leads WHERE lead_id > $1 AND lead_id <= $2 AND ${hasDigits('comments')}`,
  keysOf: 'SELECT DISTINCT key FROM lead_numbers WHERE lead_id = ANY ($1::bigint[])',
  formerOf: 'SELECT before FROM lead_changes WHERE lead_id = ANY ($1::bigint[]) AND before IS NOT NULL',
} as const;

/**
 * The leads in which one of the numbers is found, the lowest id first: by the index, and by reading every change, note and comment.
 *
 * @param read on connections that no lookup waits for
 * @param except leads that are left out
 */
export async function findNumbers(
  read: Read,
  country: Country,
  wanted: WantedNumbers,
  except: readonly number[] = [],
): Promise<readonly PersonTrace[]> {
  const found: FoundMatches = new Map();
  const keys = [...wanted.keys].flatMap((key) => comparedText(key) ?? []);
  for (const [leadId, part] of await read(PERSON_SEARCH_STATEMENTS.byKey, [arrayOf(keys)]))
    noteMatch(found, Number(leadId), NUMBER_MATCHES[Number(part)] ?? 'further');
  await findFormer(read, country, wanted, found);
  await findMentions(read, longTails(wanted), found);
  const traces: PersonTrace[] = [];
  for (const leadId of [...found.keys()].sort((a, b) => a - b)) {
    const trace = except.includes(leadId) ? undefined : await readTrace(read, leadId, found);
    if (trace !== undefined) traces.push(trace);
  }
  return traces;
}

async function findFormer(
  read: Read,
  country: Country,
  wanted: WantedNumbers,
  found: FoundMatches,
): Promise<void> {
  const bound = [patternsOf(wanted.tails), otherDigits()] as const;
  for await (const range of idRanges(read, 'lead_changes', 'change_id'))
    for (const [leadId, ...states] of await read(PERSON_SEARCH_STATEMENTS.changes, [...range, ...bound]))
      if (states.some((json) => hasNumber(json, wanted, country))) noteMatch(found, Number(leadId), 'former');
}

async function findMentions(read: Read, tails: readonly string[], found: FoundMatches): Promise<void> {
  if (tails.length === 0) return;
  const texts = [
    ['note', 'notes', 'note_id', PERSON_SEARCH_STATEMENTS.notes],
    ['comments', 'leads', 'lead_id', PERSON_SEARCH_STATEMENTS.comments],
  ] as const;
  for (const [match, table, column, sql] of texts)
    for await (const range of idRanges(read, table, column)) {
      const rows = await read(sql, [...range, patternsOf(tails)]);
      const speaking = rows.filter(([, text]) => speaksOf(String(text), tails));
      for (const [leadId] of speaking) noteMatch(found, Number(leadId), match);
    }
}

const patternsOf = (tails: readonly string[]) => arrayOf(tails.map((tail) => `%${tail}%`));

let otherDigitsClass: string | undefined;

/** The decimal digits but 0 to 9, as a class of a regular expression of PostgreSQL, which knows them only by some locales. */
function otherDigits(): string {
  if (otherDigitsClass !== undefined) return otherDigitsClass;
  let [ranges, first] = ['', -1];
  for (let at = 0x80; at <= 0x1_ff_ff; at += 1) {
    const isDigit = /\p{Nd}/u.test(String.fromCodePoint(at));
    if (isDigit && first < 0) first = at;
    if (isDigit || first < 0) continue;
    ranges += `${String.fromCodePoint(first)}-${String.fromCodePoint(at - 1)}`;
    first = -1;
  }
  otherDigitsClass = `[${ranges}]`;
  return otherDigitsClass;
}

async function readTrace(read: Read, leadId: number, found: FoundMatches): Promise<PersonTrace | undefined> {
  const stored = (await readState(read, leadId))?.state;
  const state = stored ?? (await newestChange(read, leadId))?.before;
  return state && traceOf(leadId, state, stored === undefined, found.get(leadId));
}

/** All numbers that leads have or had. */
export async function numbersOf(
  read: Read,
  country: Country,
  leadIds: readonly number[],
): Promise<WantedNumbers> {
  const ids = [arrayOf(leadIds)];
  const keys = (await read(PERSON_SEARCH_STATEMENTS.keysOf, ids)).map(([key]) => String(key));
  const former = await read(PERSON_SEARCH_STATEMENTS.formerOf, ids);
  const formerKeys = former.flatMap(([json]) => keysOfState(JSON.parse(String(json)) as LeadState, country));
  return wantedNumbers([...keys, ...formerKeys]);
}
