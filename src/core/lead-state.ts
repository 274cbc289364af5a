import type { Customer, CustomValue, FurtherNumber } from './lead.ts';

/** Before the label of a custom field, so that it is none of the documented ones. */
export const CUSTOM_PREFIX = 'custom_info.';

export type FieldValue = CustomValue | boolean | readonly FurtherNumber[];

/**
 * All that is kept of a lead, by field: the documented ones but its id, `is_customer`, `last_local_call_time`, `numbers` (the
 * further ones) and `custom_info.LABEL`. A field without a value is left out.
 */
export type LeadState = Readonly<Record<string, FieldValue>>;

/** The fields that a change concerns: as they were, and as they are then. Null: without a value. */
export interface FieldChanges {
  readonly before: LeadState;
  readonly after: LeadState;
}

/** The state of a lead as a lookup found it; it knows nothing of the last call. */
export function stateOf({ lead, custom, isCustomer, further = [] }: Customer): LeadState {
  const fields = Object.entries(lead).filter(([field]) => field !== 'lead_id');
  const values = (custom ?? []).map(([label, value]) => [CUSTOM_PREFIX + label, value] as const);
  return withoutNulls([
    ...fields,
    ['is_customer', isCustomer],
    ['numbers', further.length === 0 ? null : further],
    ...values,
  ]);
}

export function withoutNulls(entries: Iterable<readonly [string, FieldValue]>): LeadState {
  return Object.fromEntries([...entries].filter(([, value]) => value !== null));
}

/** What leads from one state to the other. */
export function differences(from: LeadState, to: LeadState): FieldChanges {
  const fields = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (field) => !isSameValue(valueOf(from, field), valueOf(to, field)),
  );
  const pick = (state: LeadState) =>
    Object.fromEntries(fields.map((field) => [field, valueOf(state, field)]));
  return { before: pick(from), after: pick(to) };
}

export function isSameState(one: LeadState, other: LeadState): boolean {
  return Object.keys(differences(one, other).after).length === 0;
}

/** @param values null: the field has none any longer */
export function withValues(state: LeadState, values: LeadState): LeadState {
  return withoutNulls(Object.entries({ ...state, ...values }));
}

/** Null where the field has no value. Whatever a label is, `toString` included, only the state's own counts. */
export function valueOf(state: LeadState, field: string): FieldValue {
  return Object.hasOwn(state, field) ? (state[field] ?? null) : null;
}

export function isSameValue(one: FieldValue, other: FieldValue): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
