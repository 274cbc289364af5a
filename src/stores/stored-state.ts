import { type CustomValue, type FurtherNumber, LEAD_TEXT_FIELDS } from '../core/lead.ts';
import { CUSTOM_PREFIX, type LeadState, valueOf, withoutNulls } from '../core/lead-state.ts';
import { customJsonOf, furtherJsonOf, furtherNumbersOf } from './rows.ts';

/** Stored as the state has them. */
const PLAIN_COLUMNS = ['list_id', ...LEAD_TEXT_FIELDS, 'last_local_call_time'] as const;

/** Every column of a lead's row but its id and when it was changed. */
export const STATE_COLUMNS = [...PLAIN_COLUMNS, 'is_customer', 'custom', 'further_numbers'];

type Row = Readonly<Record<string, unknown>>;

/** @param row with STATE_COLUMNS */
export function stateOf(row: Row): LeadState {
  const custom = row.custom === null ? {} : (JSON.parse(row.custom as string) as Record<string, CustomValue>);
  const numbers = furtherNumbersOf(row.further_numbers as string | null);
  return withoutNulls([
    ...PLAIN_COLUMNS.map((column) => [column, row[column] as string | number | null] as const),
    ['is_customer', row.is_customer === 1 || row.is_customer === true],
    ['numbers', numbers.length === 0 ? null : numbers],
    ...Object.entries(custom).map(([label, value]) => [CUSTOM_PREFIX + label, value] as const),
  ]);
}

/** In the order of STATE_COLUMNS; `is_customer` is 0 or 1. */
export function valuesOf(state: LeadState): readonly (string | number | null)[] {
  const custom = Object.entries(state)
    .filter(([field]) => field.startsWith(CUSTOM_PREFIX))
    .map(([field, value]) => [field.slice(CUSTOM_PREFIX.length), value as CustomValue] as const);
  return [
    ...PLAIN_COLUMNS.map((column) => valueOf(state, column) as string | number | null),
    valueOf(state, 'is_customer') === true ? 1 : 0,
    customJsonOf(custom),
    furtherJsonOf((valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[]),
  ];
}

/** `YYYY-MM-DD HH:MM:SS`, UTC. @param at milliseconds of the wall clock */
export function dateTimeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
