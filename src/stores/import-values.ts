import type { ImportColumns, ImportRow } from '../core/lead-archive.ts';
import type { CustomField, CustomValue, LeadTextField } from '../core/lead.ts';
import { type LeadState, valueOf } from '../core/lead-state.ts';
import { type Country, storedKeys } from '../core/phone.ts';
import { countryNamed, type NumberedLead } from './number-keys.ts';
import { joinName } from '../core/person-names.ts';
import type { RowPerson } from './row-leads.ts';
import { customInfoOf, customJsonOf, furtherJsonOf } from './rows.ts';

/** As a column of a lead holds it; `is_customer` is 0 or 1. */
export type StoredValue = string | number | null;

/** The columns of a lead that a file has, in the order of RowValues. */
export function fileColumnsOf(columns: ImportColumns): readonly string[] {
  return [
    'list_id',
    ...columns.texts,
    ...(columns.isCustomer ? ['is_customer'] : []),
    ...(columns.lastLocalCallTime ? ['last_local_call_time'] : []),
    ...(columns.numbers ? ['further_numbers'] : []),
  ];
}

/** What a row writes, in the order of `fileColumnsOf`. */
export interface RowValues {
  readonly fileValues: readonly StoredValue[];
  /** Of its first number; undefined: it is none that can be compared. */
  readonly key: string | undefined;
}

export type RowImportValues = ReturnType<typeof createRowValues>;

const NAME_FIELDS = ['first_name', 'middle_initial', 'last_name'] as const;
/** First, middle and last name as one. */
export function nameOfState(state: LeadState): string {
  return joinName(NAME_FIELDS.map((field) => valueOf(state, field) as string | null));
}

const INTERNAL = { internalNumbers: true };

/** What the rows of one import write, by the columns of its file. */
export function createRowValues(
  columns: ImportColumns,
  country: Country,
  fieldsOf: (listId: number) => readonly CustomField[],
) {
  const hasNames = NAME_FIELDS.some((field) => columns.texts.includes(field));

  function textOf(row: ImportRow, field: LeadTextField): string | null {
    return row.texts[columns.texts.indexOf(field)] ?? null;
  }

  function keyOf(row: ImportRow): string | undefined {
    const number = textOf(row, 'phone_number');
    if (number === null) return undefined;
    const own = textOf(row, 'country_code');
    return storedKeys(number, country, own === null ? undefined : countryNamed(own), INTERNAL)?.own;
  }

  return {
    of(row: ImportRow): RowValues {
      const fileValues: StoredValue[] = [row.listId, ...row.texts];
      if (columns.isCustomer) fileValues.push(row.isCustomer ? 1 : 0);
      if (columns.lastLocalCallTime) fileValues.push(row.lastLocalCallTime);
      if (columns.numbers) fileValues.push(furtherJsonOf(row.numbers));
      return { fileValues, key: keyOf(row) };
    },

    personOf: (row: ImportRow): RowPerson => ({
      name: joinName(NAME_FIELDS.map((field) => textOf(row, field))),
      hasNames,
      number: textOf(row, 'phone_number'),
    }),

    /** A new lead: what the file does not have is nothing. */
    newLeadOf: (leadId: number, row: ImportRow, modifyDate: string): NumberedLead => ({
      leadId,
      listId: row.listId,
      phone_number: textOf(row, 'phone_number'),
      alt_phone: textOf(row, 'alt_phone'),
      address3: textOf(row, 'address3'),
      country_code: textOf(row, 'country_code'),
      furtherNumbers: columns.numbers ? furtherJsonOf(row.numbers) : null,
      lastLocalCallTime: columns.lastLocalCallTime ? row.lastLocalCallTime : null,
      modifyDate,
    }),

    mergeCustom: (listId: number, changes: ReadonlyMap<string, CustomValue>, json: string | null) =>
      changes.size === 0 && json === null ? null : mergeCustom(fieldsOf(listId), changes, json),
  };
}

/** A lead's custom values as they are stored, in the order of its list's fields, with the row's put in. */
function mergeCustom(
  fields: readonly CustomField[],
  changes: ReadonlyMap<string, CustomValue>,
  json: string | null,
): string | null {
  const stored = new Map(customInfoOf(json, fields));
  return customJsonOf(
    fields.map(({ label }) => [label, (changes.has(label) ? changes.get(label) : stored.get(label)) ?? null]),
  );
}
