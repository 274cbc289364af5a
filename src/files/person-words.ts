import type { OperatorAction } from '../core/operator-act.ts';
import type { LeadTextField } from '../core/lead.ts';
import type { AuditAction, Endpoint } from '../core/lookup-event.ts';
import type { PersonMatch } from '../core/person-store.ts';
import type { CallState, Direction } from '../core/reported-call.ts';
import type { DialerPlace } from '../core/dialer-places.ts';

/** What the page of `person export` says, and what is shown of a lead. */
export interface PersonWords {
  /** Of the page, as HTML names it. */
  readonly language: 'en' | 'es';
  /** @param where undefined: there is one domain alone */
  /** @param leadIds none: there are only calls */
  title(where: string | undefined, leadIds: readonly number[]): string;
  /** The heading of the calls of somebody who has no lead. */
  readonly calls: string;
  written(at: string): string;
  /** Nothing is in a table. */
  readonly none: string;
  lead(leadId: number, list: string, isRemoved: boolean): string;
  list(listId: number, name: string | null): string;
  happened(lead: string): string;
  readLately(lead: string): string;
  readonly readAndChanged: string;
  /** The columns of each table. */
  readonly columns: {
    readonly field: string;
    readonly value: string;
    readonly time: string;
    readonly by: string;
    readonly what: string;
    readonly user: string;
    readonly from: string;
    readonly endpoint: string;
  };
  readonly fields: Readonly<
    Record<LeadTextField | 'is_customer' | 'last_local_call_time' | 'numbers' | 'list_id', string>
  >;
  idIn(source: string): string;
  readonly modified: string;
  readonly yes: string;
  readonly no: string;
  readonly nothing: string;
  /** Who brought a lead by a file. */
  readonly importer: string;
  addedByImport(importId: number, fileName: string): string;
  note(text: string): string;
  /** Somebody is to call again. */
  readonly callback: string;
  /** @param details what is known of it: number, line, outcome, note */
  call(direction: Direction | undefined, state: CallState, details: readonly string[]): string;
  /** @param importId undefined: a person did it */
  added(importId: number | undefined): string;
  deleted(importId: number | undefined): string;
  changed(importId: number | undefined, changes: string): string;
  readonly endpoints: Readonly<Record<Endpoint, string>>;
  /** What the audit calls by a word of its own. */
  readonly acts: Readonly<Record<'found' | AuditAction | OperatorAction, string>>;
  /** There are more records of the audit than are shown. */
  olderReads(count: number): string;
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
  /** In another lead. @param notes what is said of it, such as its name */
  also(leadId: number, notes: readonly string[], matches: readonly string[]): string;
  readonly noName: string;
  readonly removed: string;
  readonly formerly: string;
  readonly matches: Readonly<Record<PersonMatch, string>>;
  /** Of a lead of a dialer. @param tables undefined: who reads it is told no table. @param what as `dialerPlaces` says */
  inDialer(tables: string | undefined, leadIds: readonly number[], what: string): string;
  readonly dialerPlaces: Readonly<Record<DialerPlace, string>>;
}
