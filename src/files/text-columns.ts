import { LEAD_TEXT_FIELDS, type LeadTextField } from '../core/lead.ts';
import type { ColumnPlan, NameColumns, TextColumn, TextSource } from './column-plan.ts';
import { type FileField, isFileField } from './file-field.ts';
import { type AddressPart, isPhoneMeaning } from './meaning.ts';
import { columnsOf, type PlanContext } from './plan-context.ts';

/** Columns that were put together already. */
export interface TextParts {
  /** The columns of numbers. */
  readonly numbers: readonly number[];
  /** Rows have a second number. */
  readonly hasTwo: boolean;
  readonly names: NameColumns | undefined;
  readonly addresses: ColumnPlan['addresses'];
  readonly email: number | undefined;
  readonly hasFurtherEmails: boolean;
}

/** Which field each part of an address is. */
export const ADDRESS_FIELDS: Readonly<Record<AddressPart, LeadTextField>> = {
  street: 'address1',
  street2: 'address2',
  street3: 'address3',
  city: 'city',
  state: 'state',
  postal: 'postal_code',
  country: 'country_code',
};

/** True for a field that is text; the others are ids, moments and yes or no. */
export function isTextField(field: FileField): field is LeadTextField {
  return (LEAD_TEXT_FIELDS as readonly string[]).includes(field);
}

/** Fields with their sources, and the column by which they are ordered; the first source of a field counts. */
class Texts {
  readonly #found = new Map<LeadTextField, { readonly at: number; readonly source: TextSource }>();

  add(field: LeadTextField, at: number | undefined, source: TextSource): void {
    if (at !== undefined && !this.#found.has(field)) this.#found.set(field, { at, source });
  }

  inOrder(): readonly TextColumn[] {
    return [...this.#found.entries()]
      .sort(([, a], [, b]) => a.at - b.at)
      .map(([field, { source }]) => ({ field, source }));
  }
}

/** The texts of a lead that the file has, in the order of their first columns. */
export function planTexts(context: PlanContext, parts: TextParts): readonly TextColumn[] {
  const texts = new Texts();
  const [first, second = first] = parts.numbers;
  texts.add('phone_number', first, { is: 'number', place: 0 });
  if (parts.hasTwo) texts.add('alt_phone', second, { is: 'number', place: 1 });
  const { email, hasFurtherEmails } = parts;
  if (email !== undefined)
    texts.add('email', email, hasFurtherEmails ? { is: 'e-mail' } : { is: 'cell', at: email });
  addNames(context, parts.names, texts);
  addStreet(context, texts);
  addCells(context, texts);
  addAddresses(parts.addresses, texts);
  addBirthParts(context, texts);
  return texts.inOrder();
}

/** Fields that are one cell. */
function addCells(context: PlanContext, texts: Texts): void {
  for (const [at, role] of context.roles.entries()) {
    if (role?.is !== 'known' || !isFileField(role.meaning) || !isTextField(role.meaning)) continue;
    if (isPhoneMeaning(role.meaning) || role.meaning === 'email') continue;
    texts.add(role.meaning, at, sourceOf(context, role.meaning, at));
  }
}

function addNames(context: PlanContext, names: NameColumns | undefined, texts: Texts): void {
  const surnames = [...columnsOf(context, 'paternal'), ...columnsOf(context, 'maternal')];
  if (names === undefined) {
    texts.add('last_name', surnames[0], { is: 'joined', cells: surnames });
    return;
  }
  const { first, last, whole, company, companyPart } = names;
  const firstAt = first ?? whole ?? (companyPart === 'first' ? company : undefined);
  const lastAt = last[0] ?? whole ?? (companyPart === 'last' ? company : undefined);
  texts.add('first_name', firstAt, { is: 'name', part: 'first' });
  texts.add('last_name', lastAt, { is: 'name', part: 'last' });
}

function addStreet(context: PlanContext, texts: Texts): void {
  const [street] = columnsOf(context, 'address1');
  const numbers = columnsOf(context, 'street number');
  if (street === undefined || numbers.length === 0) return;
  texts.add('address1', street, { is: 'joined', cells: [street, ...numbers] });
}

function addAddresses(addresses: ColumnPlan['addresses'], texts: Texts): void {
  for (const address of addresses) {
    for (const [name, field] of Object.entries(ADDRESS_FIELDS)) {
      const part = name as AddressPart;
      texts.add(field, address[part], { is: 'address', part });
    }
  }
}

function addBirthParts(context: PlanContext, texts: Texts): void {
  const [year] = columnsOf(context, 'birth year');
  const [month] = columnsOf(context, 'birth month');
  const [day] = columnsOf(context, 'birth day');
  if (month === undefined || day === undefined) return;
  texts.add('date_of_birth', year ?? month, { is: 'date parts', year, month, day });
}

function sourceOf({ isOwn, samples }: PlanContext, field: LeadTextField, at: number): TextSource {
  if (field === 'date_of_birth') return { is: 'date', at };
  if (isOwn) return { is: 'cell', at };
  if (field === 'country_code') return { is: 'country', at };
  if (field !== 'gender') return { is: 'cell', at };
  // H and M are hombre and mujer; with F, M is a man.
  const letters = new Set(samples.valuesOf(at).map((value) => value.toUpperCase()));
  return { is: 'gender', at, isMujer: letters.has('H') && !letters.has('F') };
}
