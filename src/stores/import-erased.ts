import { dateOf } from '../core/days.ts';
import type { ImportRow } from '../core/lead-archive.ts';
import type { Country } from '../core/phone.ts';
import type { RowImportValues } from './import-values.ts';
import { eachKey, PART } from './number-keys.ts';

/** People who were erased at their wish, as far as an import leaves them out. Both give when that was: milliseconds. */
export interface ErasedPeople {
  byLeadId(leadId: number): number | undefined;
  /** @param keys the comparable forms of numbers */
  byNumbers(keys: readonly string[]): number | undefined;
}

/** The comparable forms of the numbers by which a row's person may be known. */
export function keysOfRow(row: ImportRow, values: RowImportValues, country: Country): readonly string[] {
  const keys: string[] = [];
  eachKey(values.newLeadOf(row.leadId ?? 0, row, ''), country, (key, part) => {
    if (part !== PART.address3 && part !== PART.block) keys.push(key);
  });
  return keys;
}

/**
 * Rows of an import that would bring somebody back who was erased: by one of the numbers, or by the lead's id.
 *
 * @param people undefined: nobody is left out
 * @returns why a row that would become a new lead is not taken; undefined: it is
 */
export function createErasedCheck(
  people: ErasedPeople | undefined,
  values: RowImportValues,
  country: Country,
): (row: ImportRow) => string | undefined {
  if (people === undefined) return () => undefined;
  return (row) => {
    const byId = row.leadId === undefined ? undefined : people.byLeadId(row.leadId);
    const at = byId ?? people.byNumbers(keysOfRow(row, values, country));
    if (at === undefined) return undefined;
    return `was erased at the person's wish on ${dateOf(at)}; --include-erased takes it`;
  };
}
