import { hash } from 'node:crypto';

import { type LeadState, valueOf } from '../core/lead-state.ts';
import type { Endpoint } from '../core/lookup-event.ts';
import { type Country, storedKeys } from '../core/phone.ts';
import type { LeadChange, LeadNote, WriteRefusal } from '../core/record-store.ts';
import { countryNamed } from './number-keys.ts';

type Row = Readonly<Record<string, unknown>>;

export const CHANGED: WriteRefusal = { refused: 'changed' };

/** For so long a request that is sent again is known. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

/** So many keys that are over are forgotten with each new one: of a day's millions all at once would hold up everybody. */
export const FORGOTTEN_AT_ONCE = 100;

/** As an idempotency key is stored. */
export const digestOfKey = (key: string) => hash('sha256', key, 'base64url');

/** The number that no other lead of the list should have, with its comparable form; undefined: it has none. */
export function sharedKeyOf(
  state: LeadState,
  country: Country,
): { readonly number: string; readonly key: string } | undefined {
  const [number, own] = [valueOf(state, 'phone_number'), valueOf(state, 'country_code')];
  if (typeof number !== 'string') return undefined;
  const ownCountry = typeof own === 'string' ? countryNamed(own) : undefined;
  const key = storedKeys(number, country, ownCountry, { internalNumbers: true })?.own;
  return key === undefined ? undefined : { number, key };
}

/** What is kept of a change, besides what people see. */
export interface KeptChange extends Omit<LeadChange, 'type' | 'changeId'> {
  readonly leadId: number;
  /** Of the lead before. */
  readonly modifyDate?: string | undefined;
  /** Keeps the external ids that the lead has now: it is removed. */
  readonly keepsExternalIds?: boolean;
}

/** What both engines bind to add a change: its columns from `lead_id` to `modify_date`, then whether it keeps external ids. */
export function boundByChange(change: KeptChange): (string | number | null)[] {
  return [
    change.leadId,
    change.at,
    change.user,
    change.endpoint,
    change.requestId ?? null,
    change.importId ?? null,
    change.undoes ?? null,
    jsonOf(change.before),
    jsonOf(change.after),
    change.modifyDate ?? null,
    change.keepsExternalIds === true ? 1 : 0,
  ];
}

/** As a state is stored. */
function jsonOf(state: LeadState | undefined): string | null {
  return state === undefined ? null : JSON.stringify(state);
}

/** @param row of the table lead_changes */
export function changeOf(row: Row): LeadChange {
  const [before, after] = [row.before, row.after].map((json) =>
    typeof json === 'string' ? (JSON.parse(json) as LeadState) : undefined,
  );
  return {
    type: 'change',
    changeId: Number(row.change_id),
    at: Number(row.at),
    user: row.user_name as string,
    endpoint: row.endpoint as Endpoint,
    ...(before && { before }),
    ...(after && { after }),
    ...(typeof row.request_id === 'string' && { requestId: row.request_id }),
    ...(typeof row.import_id === 'number' && { importId: row.import_id }),
    ...(typeof row.undoes === 'number' && { undoes: row.undoes }),
  };
}

/** @param row of the table notes */
export function noteOf(row: Readonly<Record<string, unknown>>): LeadNote {
  return {
    type: 'note',
    noteId: Number(row.note_id),
    at: Number(row.at),
    user: String(row.user_name),
    endpoint: String(row.endpoint) as Endpoint,
    text: String(row.text),
  };
}
