import type { DatabaseSync } from 'node:sqlite';

import { type LeadState, valueOf } from '../../core/lead-state.ts';
import { type FurtherNumber, NUMBER_MATCHES, PHONE_COLUMNS } from '../../core/lead.ts';
import type { PersonMatch, PersonTrace } from '../../core/person-store.ts';
import { type Country, storedKeys } from '../../core/phone.ts';
import type { Connection } from './connection.ts';
import { createLeadChanges } from './lead-changes.ts';
import { BLOCK_END, countryNamed } from './lead-numbers.ts';
import { createLeadStates } from './lead-state.ts';
import { foldName, joinName } from './row-leads.ts';

/** So many last digits of a number are looked for in a text, whatever stands between them. */
const TAIL = 7;

/** Digits that the search of a text, which looks for 0 to 9, would not see. */
const OTHER_DIGITS = /(?![0-9])\p{Nd}/u;

/** What was found, by lead. */
type Found = Map<number, Set<PersonMatch>>;

/** Numbers that are looked for. */
interface Wanted {
  readonly keys: ReadonlySet<string>;
  readonly tails: readonly string[];
}

export type PersonSearch = ReturnType<typeof createPersonSearch>;

/** Finds numbers in all that is kept of leads: their numbers by the index, what they were by reading every change and note. */
export function createPersonSearch(connection: Connection) {
  const { database, country } = connection;
  const keysIn = (state: LeadState) => keysOfState(state, country);
  const byKey = database.prepare('SELECT lead_id, part FROM lead_numbers WHERE key = ?');
  const keysOf = database.prepare('SELECT DISTINCT key FROM lead_numbers WHERE lead_id = ?');
  const changesOf = database.prepare('SELECT before FROM lead_changes WHERE lead_id = ?');
  const allChanges = database.prepare('SELECT lead_id, before, after FROM lead_changes');
  const traceOf = createTraces(connection);

  function findFormer({ keys, tails }: Wanted, found: Found): void {
    for (const { lead_id: leadId, before, after } of allChanges.iterate()) {
      for (const json of [before, after]) {
        if (typeof json !== 'string' || !mayHold(json, tails)) continue;
        if (keysIn(JSON.parse(json) as LeadState).some((key) => keys.has(key)))
          note(found, Number(leadId), 'former');
      }
    }
  }

  function findAll(wanted: Wanted): Found {
    const found: Found = new Map();
    for (const key of wanted.keys)
      for (const row of byKey.all(key))
        note(found, Number(row.lead_id), NUMBER_MATCHES[Number(row.part)] ?? 'further');
    findFormer(wanted, found);
    findMentions(database, wanted.tails, found);
    return found;
  }

  return {
    /** The leads in which a number is found, the lowest id first. @param phone its comparable form, and its digits */
    find({ key, digits }: { readonly key: string; readonly digits: string }): readonly PersonTrace[] {
      const found = findAll({ keys: new Set([key]), tails: tailsOf([key, digits]) });
      return [...found.keys()].sort((a, b) => a - b).flatMap((leadId) => traceOf(leadId, found) ?? []);
    },
    keysIn,
    /** The comparable forms of all numbers that leads have or had. */
    numbersOf(leadIds: readonly number[]): ReadonlySet<string> {
      const keys = leadIds.flatMap((leadId) => [
        ...keysOf.all(leadId).map(({ key }) => String(key)),
        ...changesOf
          .all(leadId)
          .flatMap(({ before }) =>
            typeof before === 'string' ? keysIn(JSON.parse(before) as LeadState) : [],
          ),
      ]);
      return new Set(keys.filter((key) => !key.endsWith(BLOCK_END)));
    },
    /** Leads beside these in which one of the numbers is found. */
    findOthers(keys: ReadonlySet<string>, leadIds: readonly number[]): readonly PersonTrace[] {
      const found = findAll({ keys, tails: tailsOf([...keys]) });
      const others = [...found.keys()].filter((leadId) => !leadIds.includes(leadId));
      return others.sort((a, b) => a - b).flatMap((leadId) => traceOf(leadId, found) ?? []);
    },
  };
}

/** The comparable forms of the numbers in a state, or in some of its fields. */
function keysOfState(state: LeadState, country: Country): readonly string[] {
  const own = valueOf(state, 'country_code');
  const ownCountry = typeof own === 'string' ? countryNamed(own) : undefined;
  const further = (valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[];
  const numbers = [
    ...PHONE_COLUMNS.map((column) => valueOf(state, column)),
    ...further.map(({ number }) => number),
  ];
  return numbers.flatMap((number) => {
    if (typeof number !== 'string' || number === '') return [];
    const keys = storedKeys(number, country, ownCountry, { internalNumbers: true });
    return keys === undefined ? [] : [keys.own, ...(keys.byDefault === undefined ? [] : [keys.byDefault])];
  });
}

function note(found: Found, leadId: number, match: PersonMatch): void {
  const matches = found.get(leadId);
  if (matches === undefined) found.set(leadId, new Set([match]));
  else if (match !== 'former' || matches.size === 0) matches.add(match);
}

/** The last digits of each number; of a shorter one all of them. */
function tailsOf(numbers: readonly string[]): readonly string[] {
  const tails = numbers.map((number) => number.replace(/\D/g, '').slice(-TAIL));
  return [...new Set(tails.filter((tail) => tail.length > 1))];
}

/** Whether the digits of a text, without what stands between them, hold one of these. */
function mayHold(text: string, tails: readonly string[]): boolean {
  if (OTHER_DIGITS.test(text)) return true;
  const digits = text.replace(/\D+/g, '');
  return tails.some((tail) => digits.includes(tail));
}

/** A number in a text: digits with at most two signs between two of them. */
const NUMBERS_IN_TEXT = /\d(?:[\s().+/-]{0,2}\d){6,}/g;

/** Whether a text that people wrote speaks of one of the numbers. */
function speaksOf(text: string, tails: readonly string[]): boolean {
  return (text.match(NUMBERS_IN_TEXT) ?? []).some((number) => mayHold(number, tails));
}

/** Texts that speak of a number. An internal one is too short to be told from others. */
function findMentions(database: DatabaseSync, tails: readonly string[], found: Found): void {
  const long = tails.filter((tail) => tail.length === TAIL);
  if (long.length === 0) return;
  const texts = [
    ['note', 'SELECT lead_id, text FROM notes'],
    ['comments', 'SELECT lead_id, comments AS text FROM leads WHERE comments IS NOT NULL'],
  ] as const;
  for (const [match, sql] of texts)
    for (const { lead_id: leadId, text } of database.prepare(sql).iterate())
      if (speaksOf(String(text), long)) note(found, Number(leadId), match);
}

/** @returns tells of a lead in which something was found; undefined: nothing is known of it any more */
function createTraces({ database, country }: Connection) {
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  return (leadId: number, found: Found): PersonTrace | undefined => {
    const stored = states.read(leadId)?.state;
    const state = stored ?? changes.last(leadId)?.before;
    if (state === undefined) return undefined;
    const texts = ['first_name', 'middle_initial', 'last_name'].map((field) => valueOf(state, field));
    const name = joinName(texts as readonly (string | null)[]);
    return {
      leadId,
      listId: Number(valueOf(state, 'list_id')),
      name,
      comparedName: foldName(name),
      isRemoved: stored === undefined,
      matches: [...(found.get(leadId) ?? [])],
    };
  };
}
