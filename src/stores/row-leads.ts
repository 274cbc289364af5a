import type { ImportRow, OnDuplicate } from '../core/lead-archive.ts';
import { foldName } from '../core/person-names.ts';

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

/** What decides who a row is, of the leads of a store with what the import's rows have written so far. */
export interface KnownLeads {
  /** First, middle and last name as one. */
  nameOf(leadId: number): string;
  /** The line of the file that named the lead first; undefined: none has. */
  lineOf(leadId: number): number | undefined;
  /** The lead that another system knows by an id. */
  leadWithKey(source: string, listId: number, externalId: string): number | undefined;
  /** Whether another system knows the lead. */
  hasKey(leadId: number, source: string): boolean;
}

const SETTLE =
  'if they are one person, --on-duplicate update; if two, --on-duplicate add; or name the column that tells people apart with --key COLUMN';

/**
 * Finds out who a row is. Nobody is overwritten by accident: a lead of another name, which no earlier row of the file has
 * named, is somebody else, and the row is not taken without a word that settles it.
 */
export function createRowLeads(leads: KnownLeads, onDuplicate: OnDuplicate) {
  const nameOf = (leadId: number) => leads.nameOf(leadId);

  function shown(leadId: number): string {
    const name = nameOf(leadId);
    return name === '' ? `lead ${leadId}, who has no name` : `${name} (lead ${leadId})`;
  }

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
    const unmet = candidates.filter((leadId) => leads.lineOf(leadId) === undefined);
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
      const known = leads.leadWithKey(source, row.listId, row.externalId ?? '');
      if (known !== undefined) return { is: 'known', leadIds: [known] };
      const name = foldName(person.name);
      const same = candidates.filter(
        (leadId) => foldName(nameOf(leadId)) === name && !leads.hasKey(leadId, source),
      );
      return same.length === 1 ? { is: 'known', leadIds: same } : { is: 'new' };
    },
  };
}

function written(name: string): string {
  return name === '' ? 'without a name' : name;
}

/** Why a row is not taken whose lead an earlier row of the file has written. @param line of that row */
export function contradiction(row: ImportRow, line: number): string {
  return row.leadId === undefined
    ? `line ${line} has the same list and number with other values; --on-duplicate add keeps both`
    : `line ${line} has the same lead_id ${row.leadId} with other values`;
}
