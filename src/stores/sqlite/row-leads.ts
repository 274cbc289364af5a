import type { DatabaseSync } from 'node:sqlite';

import type { ImportRow, OnDuplicate } from '../../core/lead-archive.ts';
import type { createImportLines } from './import-tables.ts';

/** Who a row of a file is: a new lead, one that is there, or nobody that can be told for certain. */
export type RowLead = { readonly is: 'new' } | KnownLead;

export type KnownLead =
  | { readonly is: 'known'; readonly leadIds: readonly number[] }
  | { readonly is: 'unclear'; readonly reason: string };

/** A row, as far as it says who it is. */
export interface RowPerson {
  /** Empty: the row names nobody. */
  readonly name: string;
  /** Whether the file has columns for names at all. */
  readonly hasNames: boolean;
  /** As the row writes it. */
  readonly number: string | null;
}

const SETTLE =
  'if they are one person, --on-duplicate update; if two, --on-duplicate add; or name the column that tells people apart with --key COLUMN';

/**
 * Finds out who a row is. Nobody is overwritten by accident: a lead of another name, which no earlier row of the file has
 * named, is somebody else, and the row is not taken without a word that settles it.
 */
export function createRowLeads(
  database: DatabaseSync,
  lines: ReturnType<typeof createImportLines>,
  onDuplicate: OnDuplicate,
) {
  const { nameOf, shown } = createNames(database);
  const idsOf = database.prepare('SELECT source FROM external_ids WHERE lead_id = ? AND source = ?');
  const byKey = database.prepare(
    'SELECT lead_id FROM external_ids WHERE source = ? AND list_id = ? AND external_id = ?',
  );

  /** @param leadId what the row says */
  function ofLeadId(leadId: number, person: RowPerson): KnownLead {
    const stored = foldName(nameOf(leadId));
    const isSame = !person.hasNames || stored === '' || stored === foldName(person.name);
    if (onDuplicate !== 'match' || isSame) return { is: 'known', leadIds: [leadId] };
    return {
      is: 'unclear',
      reason: `lead_id ${leadId} belongs here to ${shown(leadId)}, and the row is ${written(person.name)}; if they are one person, --on-duplicate update; else leave the column out with --ignore lead_id`,
    };
  }

  /** @param candidates the leads of its list with its number */
  function ofNumber(candidates: readonly number[], person: RowPerson): RowLead {
    if (candidates.length === 0) return { is: 'new' };
    if (onDuplicate !== 'match' || !person.hasNames) return { is: 'known', leadIds: candidates };
    const name = foldName(person.name);
    const byName = candidates.filter((leadId) => foldName(nameOf(leadId)) === name);
    if (byName.length > 0) return { is: 'known', leadIds: byName };
    const nameless = name === '' ? [] : candidates.filter((leadId) => nameOf(leadId) === '');
    const unmet = candidates.filter((leadId) => lines.lineOf(leadId) === undefined);
    if (nameless.length === 1 && unmet.length === 1 && nameless[0] === unmet[0]) {
      return { is: 'known', leadIds: nameless };
    }
    const [stranger] = unmet;
    if (stranger === undefined) return { is: 'new' };
    return {
      is: 'unclear',
      reason: `phone_number ${person.number ?? ''} belongs here to ${shown(stranger)}, and the row is ${written(person.name)}; ${SETTLE}`,
    };
  }

  return {
    ofLeadId,
    ofNumber,
    /** By the key of its file; `candidates` as above, of whom one without such a key is taken where the name is the same. */
    ofKey(source: string, row: ImportRow, candidates: readonly number[], person: RowPerson): RowLead {
      const known = byKey.get(source, row.listId, row.externalId ?? '')?.lead_id;
      if (known !== undefined) return { is: 'known', leadIds: [Number(known)] };
      const name = foldName(person.name);
      const same = candidates.filter(
        (leadId) => foldName(nameOf(leadId)) === name && idsOf.get(leadId, source) === undefined,
      );
      return same.length === 1 ? { is: 'known', leadIds: same } : { is: 'new' };
    },
  };
}

/** The names of stored leads. */
function createNames(database: DatabaseSync) {
  const names = database.prepare('SELECT first_name, middle_initial, last_name FROM leads WHERE lead_id = ?');
  names.setReturnArrays(true);

  function nameOf(leadId: number): string {
    const parts = (names.get(leadId) ?? []) as unknown as readonly (string | null)[];
    return joinName(parts);
  }

  function shown(leadId: number): string {
    const name = nameOf(leadId);
    return name === '' ? `lead ${leadId}, who has no name` : `${name} (lead ${leadId})`;
  }

  return { nameOf, shown };
}

/** First, middle and last name as one. */
export function joinName(parts: readonly (string | null)[]): string {
  return parts
    .map((part) => part?.trim() ?? '')
    .filter((part) => part !== '')
    .join(' ');
}

function written(name: string): string {
  return name === '' ? 'without a name' : name;
}

/** As names are compared: without accents, case and signs. */
export function foldName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Why a row is not taken whose lead an earlier row of the file has written. @param line of that row */
export function contradiction(row: ImportRow, line: number): string {
  return row.leadId === undefined
    ? `line ${line} has the same list and number with other values; --on-duplicate add keeps both`
    : `line ${line} has the same lead_id ${row.leadId} with other values`;
}
