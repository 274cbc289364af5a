import type { Principal } from '../auth/principal.ts';
import { type LeadState, stateOf } from '../core/lead-state.ts';
import type { KeptCall } from '../core/call-store.ts';
import type { LookupResult } from '../core/lead-store.ts';
import type { PhoneNumber } from '../core/phone.ts';
import type { FieldDefinition, ListSettings, NotePage } from '../core/record-store.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import { type OwnCallPorts, readOwnCall } from './own-call.ts';
import { isVisible, type RecordPorts } from './record-work.ts';
import { type LookupRecord, problemOf } from './work.ts';

/** What the card of somebody who may change customers needs beyond what it shows. */
export interface CardEditing {
  /** Of the customer that is shown; undefined: none is. */
  readonly record?: EditedRecord;
  /** The last call of whoever sees the card with whom it shows: they may write down what it was about. Undefined: there is none. */
  readonly call?: KeptCall | undefined;
}

export interface EditedRecord {
  readonly leadId: number;
  /** The customer as it is now, by field. */
  readonly state: LeadState;
  /** Those that the user may see: the customer can be moved to them. */
  readonly lists: readonly ListSettings[];
  /** Those of its list; empty: any. */
  readonly statuses: readonly string[];
  /** The custom fields of its list. */
  readonly fields: readonly FieldDefinition[];
  /** The newest ones. */
  readonly notes: NotePage;
}

/** So many notes a card shows. */
const NOTES = 3;

/**
 * Reads what is needed to change what a card shows: nothing for users without the right `edit`, and of stores whose leads
 * are changed elsewhere. A card that cannot be changed is better than none; why not is recorded.
 */
export function createReadEditing(ports: RecordPorts & OwnCallPorts) {
  const { recordsFor, scopeOf } = ports;

  async function read(
    principal: Principal,
    shown: LookupResult | 'nobody',
    phone: PhoneNumber | undefined,
  ): Promise<CardEditing | undefined> {
    const records = recordsFor(principal);
    if (records === undefined) return undefined;
    if (shown === 'nobody') return { call: await readOwnCall(ports, principal, { phone }) };
    const scope = await scopeOf(principal);
    const { leadId, lead } = shown;
    // Begun in the same tick, so that an embedded store reads them all from one view.
    const [all, stored, fields, notes, call] = await Promise.all([
      records.lists(),
      records.read(leadId, scope),
      records.fields(lead.list_id),
      records.notes(leadId, { offset: 0, limit: NOTES }),
      readOwnCall(ports, principal, { leadId, phone }),
    ]);
    if (stored === undefined) return undefined;
    const { statuses = [] } = all.find(({ listId }) => listId === lead.list_id) ?? {};
    const lists = all.filter(({ listId }) => isVisible(scope, listId));
    const record = { leadId, state: stateOf(stored.customer), lists, statuses, fields, notes };
    return { record, call };
  }

  /**
   * @param shown the customer; `nobody`: there is none with the number; undefined: something else is shown
   * @param phone the number that was asked for
   */
  return async (
    principal: Principal,
    shown: LookupResult | 'nobody' | undefined,
    phone: PhoneNumber | undefined,
  ): Promise<{ readonly editing?: CardEditing | undefined; readonly failed: readonly LookupRecord[] }> => {
    if (shown === undefined || (principal.rights & RIGHT_BIT.edit) === 0) return { failed: [] };
    try {
      return { editing: await read(principal, shown, phone), failed: [] };
    } catch (cause) {
      return { failed: [{ query: undefined, outcome: { problem: problemOf(cause) } }] };
    }
  };
}
