import type { KeptCall } from './call-store.ts';
import type { CleanedFiles, ErasedRows, KeptLead } from './person-store.ts';

/** Who is answered for, by whom, and when. */
interface PersonFacts {
  /** The domain's name; null: there is one alone. */
  readonly domain: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `local:` and the account of the machine, or the name of an admin. */
  readonly by: string;
  readonly leadIds: readonly number[];
}

/** All that is known of a person. */
export interface PersonData {
  /** None beside a dialer. */
  readonly leads: readonly KeptLead[];
  /** Of somebody who has no lead; else they are in the timelines of the leads. */
  readonly calls: readonly KeptCall[];
  /** Records of the audit that name one of the leads, the oldest first. */
  readonly reads: readonly Readonly<Record<string, unknown>>[];
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
}

/** What an erasure did, and what it could not reach. It has no field of a lead but ids. */
export interface ErasureReceipt extends PersonFacts {
  readonly erasureReceipt: 1;
  readonly removed: ErasedRows;
  readonly files: {
    /** Nothing of it is left in the store's files, but for what `remains` says. */
    readonly areClean: boolean;
    /** What was done to them: clauses. */
    readonly done: readonly string[];
    readonly deleted: readonly string[];
    /** Why they are not clean: clauses. */
    readonly left: readonly string[];
  };
  /** What remains, and where: sentences for whoever must go there. */
  readonly remains: readonly string[];
  /** SHA-256 (hexadecimal) of this object as JSON without `digest`. It is in the audit, too. */
  readonly digest: string;
}

/**
 * @param files what came of the store's files
 * @param sha256 in hexadecimal digits
 */
export function receiptOf(
  facts: PersonFacts & Pick<ErasureReceipt, 'removed' | 'remains'>,
  { done, deleted, left, remains: kept }: CleanedFiles,
  sha256: (text: string) => string,
): ErasureReceipt {
  const { domain, at, by, leadIds, removed } = facts;
  const files = { areClean: left.length === 0, done, deleted, left };
  const remains = [...facts.remains, ...kept];
  const receipt = { erasureReceipt: 1, domain, at, by, leadIds, removed, files, remains } as const;
  return { ...receipt, digest: sha256(JSON.stringify(receipt)) };
}

/** What is handed to the person, for programs. */
export function exportOf(
  { domain, at, by, leadIds }: PersonFacts,
  { leads, calls, reads, elsewhere }: PersonData,
): PersonExport {
  return {
    ...{ personExport: 1, at, by, domain, leadIds, leads: leads.map(jsonOfLead) },
    // As they are in a timeline.
    calls: calls.map((call) => ({ type: 'call', ...call, at: new Date(call.startedAt).toISOString() })),
    ...{ reads, elsewhere },
  };
}

export interface PersonExport extends PersonFacts, Omit<PersonData, 'leads' | 'calls'> {
  readonly personExport: 1;
  readonly leads: readonly ReturnType<typeof jsonOfLead>[];
  readonly calls: readonly (KeptCall & { readonly type: 'call'; readonly at: string })[];
}

/** All that is kept of a lead, for programs. Times are ISO 8601, UTC. */
export function jsonOfLead(lead: KeptLead) {
  return {
    leadId: lead.leadId,
    listId: lead.listId,
    listName: lead.listName,
    isRemoved: lead.isRemoved,
    modifyDate: lead.modifyDate,
    fields: lead.state,
    captions: Object.fromEntries(lead.fields.map(({ label, caption }) => [label, caption])),
    externalIds: lead.externalIds,
    timeline: lead.timeline.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
    readers: lead.readers,
  };
}
