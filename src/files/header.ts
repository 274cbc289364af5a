import { LEAD_TEXT_FIELDS, type LeadTextField } from '../core/lead.ts';
import { readCustomHeader, type CustomColumn } from './values.ts';
import { FILE_FIELDS, fieldNamed, normaliseName, REJECT_COLUMNS, type FileField } from './file-field.ts';
import { ESCAPED_COLUMN } from './formulas.ts';
import { applyFlags, type ColumnRole, type HeaderFlags } from './header-flags.ts';

/** Which cell of a row is what. `at` counts from 0. */
export interface ColumnPlan {
  /** How many cells a row must have: up to the last column that has a name. */
  readonly width: number;
  readonly texts: readonly { readonly at: number; readonly field: LeadTextField }[];
  /** The fields that are no text of the lead. */
  readonly others: Readonly<Partial<Record<Exclude<FileField, LeadTextField>, number>>>;
  readonly custom: readonly CustomColumn[];
  /** Columns whose cells count for nothing. */
  readonly ignored: ReadonlySet<number>;
}

/** Beyond this many, unknown columns are only counted: the file is probably no list of leads. */
const SHOWN_UNKNOWN = 20;

/**
 * Finds out what each column is.
 *
 * @param hasList whether `--list` gives the list of rows that name none
 * @returns the plan, or every problem at once, each a clause that says what settles it
 */
export function planColumns(
  header: readonly string[],
  flags: HeaderFlags,
  hasList: boolean,
): { readonly plan: ColumnPlan } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const roles = applyFlags(header, flags, problems);
  const unknown: string[] = [];
  for (const [at, name] of header.entries()) {
    roles[at] ??= roleOf(name);
    if (roles[at] === undefined) unknown.push(name.trim());
  }
  problems.push(...unknownProblems(unknown), ...doubleProblems(header, roles));
  const fields = new Set(roles.map((role) => (role?.is === 'field' ? role.field : undefined)));
  if (!fields.has('phone_number')) {
    problems.push(
      'no column holds the phone number; name the one that does with --map "COLUMN=phone_number"',
    );
  }
  if (!fields.has('list_id') && !hasList) {
    problems.push('no column holds the list; give one list for all rows with --list ID');
  }
  return problems.length > 0 ? { problems } : { plan: planOf(header, roles) };
}

/** What callercard adds to the files that it writes. */
const OWN_COLUMNS: readonly string[] = [...REJECT_COLUMNS, ESCAPED_COLUMN];

function roleOf(name: string): ColumnRole | undefined {
  if (name.trim() === '') return { is: 'unnamed' };
  const custom = readCustomHeader(name);
  if (custom !== undefined) return { is: 'custom', ...custom };
  if (OWN_COLUMNS.includes(normaliseName(name))) return { is: 'ignored' };
  const field = fieldNamed(name);
  return field === undefined ? undefined : { is: 'field', field };
}

/** An address of e-mail, or the digits of a number: what stands in a lead, and in no column's name. */
const VALUE = /@|(?:\d\D{0,2}){6}\d/;

/** Names that are no field's: each must be settled; where one is a value, the header line is missing. */
function unknownProblems(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const problems: string[] = [];
  const value = names.find((name) => VALUE.test(name));
  if (value !== undefined) {
    problems.push(
      `the first line must hold the names of the columns, and "${value}" is none; if it is a lead, put a line such as "phone_number,first_name,last_name" before it`,
    );
  }
  const shown = names.slice(0, SHOWN_UNKNOWN).map((name) => `"${name}"`);
  const more = names.length > SHOWN_UNKNOWN ? ` and ${names.length - SHOWN_UNKNOWN} more` : '';
  const [what, settle] = names.length === 1 ? ['column', 'settle it'] : ['columns', 'settle each'];
  problems.push(
    `unknown ${what} ${shown.join(', ')}${more}; ${settle} with --map "NAME=FIELD", --custom "NAME" or --ignore "NAME" (fields: ${FILE_FIELDS.join(', ')})`,
  );
  return problems;
}

/** Two columns for one field, or for one custom field of one list. */
function doubleProblems(
  header: readonly string[],
  roles: readonly (ColumnRole | undefined)[],
): readonly string[] {
  const problems: string[] = [];
  const taken = new Map<string, string>();
  const everywhere = new Set(
    roles.map((role) => (role?.is === 'custom' && role.lists === undefined ? role.field.label : undefined)),
  );
  for (const [at, role] of roles.entries()) {
    const name = (header[at] ?? '').trim();
    for (const { key, meaning } of claimsOf(role, everywhere)) {
      const first = taken.get(key);
      taken.set(key, first ?? name);
      if (first === undefined) continue;
      const settle =
        first === name
          ? 'rename one of them in the file'
          : `leave one out with --ignore "${name}" or say what it is with --map "${name}=alt_phone" or another field`;
      problems.push(`columns "${first}" and "${name}" both mean ${meaning}; ${settle}`);
      break;
    }
  }
  return problems;
}

function claimsOf(
  role: ColumnRole | undefined,
  everywhere: ReadonlySet<string | undefined>,
): readonly { readonly key: string; readonly meaning: string }[] {
  if (role?.is === 'field') return [{ key: role.field, meaning: role.field }];
  if (role?.is !== 'custom') return [];
  const { label } = role.field;
  const lists = role.lists === undefined || everywhere.has(label) ? ['*'] : [...role.lists];
  return lists.map((list) => ({ key: `${list}:${label}`, meaning: `the custom field ${label}` }));
}

function planOf(header: readonly string[], roles: readonly (ColumnRole | undefined)[]): ColumnPlan {
  const texts: { at: number; field: LeadTextField }[] = [];
  const others: Partial<Record<Exclude<FileField, LeadTextField>, number>> = {};
  const custom: CustomColumn[] = [];
  const ignored = new Set<number>();
  for (const [at, role] of roles.entries()) {
    if (role?.is === 'custom')
      custom.push({ at, header: header[at] ?? '', field: role.field, lists: role.lists });
    else if (role?.is === 'ignored') ignored.add(at);
    else if (role?.is === 'field') {
      if (isTextField(role.field)) texts.push({ at, field: role.field });
      else others[role.field] = at;
    }
  }
  const width = roles.findLastIndex((role) => role?.is !== 'unnamed') + 1;
  return { width, texts, others, custom, ignored };
}

function isTextField(field: FileField): field is LeadTextField {
  return (LEAD_TEXT_FIELDS as readonly string[]).includes(field);
}
