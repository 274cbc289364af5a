import type { DatabaseSync } from 'node:sqlite';

import type { LeadState } from '../../core/lead-state.ts';
import { NUMBER_MATCHES } from '../../core/lead.ts';
import type { PersonTrace } from '../../core/person-store.ts';
import {
  type FoundMatches,
  hasNumber,
  keysOfState,
  longTails,
  noteMatch,
  speaksOf,
  traceOf,
  wantedNumber,
  wantedNumbers,
  type WantedNumbers,
} from '../person-numbers.ts';
import type { PersonConnection } from './connection.ts';
import { createLeadChanges } from './lead-changes.ts';
import { createLeadStates } from './lead-state.ts';

export type PersonSearch = ReturnType<typeof createPersonSearch>;

/** Finds numbers in all that is kept of leads: their numbers by the index, what they were by reading every change and note. */
export function createPersonSearch(connection: PersonConnection) {
  const { database, country } = connection;
  const byKey = database.prepare('SELECT lead_id, part FROM lead_numbers WHERE key = ?');
  const keysOf = database.prepare('SELECT DISTINCT key FROM lead_numbers WHERE lead_id = ?');
  const changesOf = database.prepare('SELECT before FROM lead_changes WHERE lead_id = ?');
  const allChanges = database.prepare('SELECT lead_id, before, after FROM lead_changes');
  const readTrace = createTraces(connection);

  function findAll(wanted: WantedNumbers, except: readonly number[]): readonly PersonTrace[] {
    const found: FoundMatches = new Map();
    for (const key of wanted.keys)
      for (const row of byKey.all(key))
        noteMatch(found, Number(row.lead_id), NUMBER_MATCHES[Number(row.part)] ?? 'further');
    for (const { lead_id: leadId, before, after } of allChanges.iterate())
      if ([before, after].some((json) => hasNumber(json, wanted, country)))
        noteMatch(found, Number(leadId), 'former');
    findMentions(database, longTails(wanted), found);
    const others = [...found.keys()].filter((leadId) => !except.includes(leadId));
    return others.sort((a, b) => a - b).flatMap((leadId) => readTrace(leadId, found) ?? []);
  }

  return {
    /** The leads in which a number is found, the lowest id first. @param phone its comparable form, and its digits */
    find: (phone: { readonly key: string; readonly digits: string }) => findAll(wantedNumber(phone), []),
    /** All numbers that leads have or had. */
    numbersOf(leadIds: readonly number[]): WantedNumbers {
      const keys = leadIds.flatMap((leadId) => [
        ...keysOf.all(leadId).map(({ key }) => String(key)),
        ...changesOf
          .all(leadId)
          .flatMap(({ before }) =>
            typeof before === 'string' ? keysOfState(JSON.parse(before) as LeadState, country) : [],
          ),
      ]);
      return wantedNumbers(keys);
    },
    /** Leads beside these in which one of the numbers is found. */
    findOthers: findAll,
  };
}

function findMentions(database: DatabaseSync, tails: readonly string[], found: FoundMatches): void {
  if (tails.length === 0) return;
  const texts = [
    ['note', 'SELECT lead_id, text FROM notes'],
    ['comments', 'SELECT lead_id, comments AS text FROM leads WHERE comments IS NOT NULL'],
  ] as const;
  for (const [match, sql] of texts)
    for (const { lead_id: leadId, text } of database.prepare(sql).iterate())
      if (speaksOf(String(text), tails)) noteMatch(found, Number(leadId), match);
}

/** @returns describes a lead in which something was found; undefined: nothing is known of it any more */
function createTraces({ database, country }: PersonConnection) {
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  return (leadId: number, found: FoundMatches): PersonTrace | undefined => {
    const stored = states.read(leadId)?.state;
    const state = stored ?? changes.last(leadId)?.before;
    return state && traceOf(leadId, state, stored === undefined, found.get(leadId));
  };
}
