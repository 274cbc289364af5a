import { assignRoles } from './assign-roles.ts';
import { buildPlan } from './build-plan.ts';
import type { ColumnPlan } from './column-plan.ts';
import type { ColumnRole } from './column-role.ts';
import { ColumnSamples, type FileContent, UNKNOWN_CONTENT } from './column-samples.ts';
import { FILE_FIELDS } from './file-field.ts';
import type { HeaderFlags } from './header-flags.ts';
import { isPhoneMeaning } from './meaning.ts';
import { suggestionFor } from './suggestions.ts';

export type { ColumnPlan } from './column-plan.ts';

/** Beyond this many, unknown columns are only counted: the file is probably no list of leads. */
const SHOWN_UNKNOWN = 20;

/**
 * Finds out what each column is: by the flags, by the program that wrote the file, by the names that people use, and where
 * a name may mean two things by the values below it. Columns that nobody knows become custom fields.
 *
 * @param hasList whether `--list` gives the list of rows that name none
 * @param content what is known of the cells
 * @returns the plan, or every problem at once, each a clause that says what settles it
 */
export function planColumns(
  header: readonly string[],
  flags: HeaderFlags,
  hasList: boolean,
  content: FileContent = UNKNOWN_CONTENT,
): { readonly plan: ColumnPlan } | { readonly problems: readonly string[] } {
  const samples = new ColumnSamples(content);
  const { roles, unknown, ...rest } = assignRoles(header, flags, samples);
  const problems = [
    ...rest.problems,
    ...unknownProblems(unknown, flags.strict === true),
    ...doubleCustomProblems(header, roles),
  ];
  if (!roles.some((role) => role?.is === 'known' && isPhoneMeaning(role.meaning))) {
    problems.push(noPhone(header, samples));
  }
  if (!hasField(roles, 'list_id') && !hasList) {
    problems.push('no column holds the list; give one list for all rows with --list ID');
  }
  if (problems.length > 0) return { problems };
  return { plan: buildPlan(header, roles, samples, rest) };
}

function hasField(roles: readonly (ColumnRole | undefined)[], field: string): boolean {
  return roles.some((role) => role?.is === 'known' && role.meaning === field);
}

/** An address of e-mail, or the digits of a number: what stands in a lead, and in no column's name. */
const VALUE = /@|(?:\d\D{0,2}){6}\d/;

/** Where a name is a value, the header line is missing; with `--strict` each name must be settled. */
function unknownProblems(names: readonly string[], isStrict: boolean): readonly string[] {
  const problems: string[] = [];
  const value = names.find((name) => VALUE.test(name));
  if (value !== undefined) {
    problems.push(
      `the first line must hold the names of the columns, and "${value}" is none; if it is a lead, put a line such as "phone_number,first_name,last_name" before it`,
    );
  }
  if (names.length === 0 || !isStrict) return problems;
  const shown = names.slice(0, SHOWN_UNKNOWN).map((name) => `"${name}"`);
  const more = names.length > SHOWN_UNKNOWN ? ` and ${names.length - SHOWN_UNKNOWN} more` : '';
  const [what, settle] = names.length === 1 ? ['column', 'settle it'] : ['columns', 'settle each'];
  problems.push(
    `unknown ${what} ${shown.join(', ')}${more}; ${settle} with --map "NAME=FIELD", --custom "NAME" or --ignore "NAME" (fields: ${FILE_FIELDS.join(', ')})`,
  );
  for (const name of names) {
    const close = suggestionFor(name);
    if (close !== undefined) problems.push(`"${name}" may be ${close}`);
  }
  return problems;
}

function noPhone(header: readonly string[], samples: ColumnSamples): string {
  const close = header.flatMap((name) => {
    const suggestion = suggestionFor(name, 'phone_number');
    return suggestion === undefined ? [] : [`; is it "${name.trim()}"?`];
  });
  const full = [...header.keys()].filter((at) => samples.areNumbers(at));
  const looks = full.map((at) => `; "${(header[at] ?? '').trim()}" holds what looks like numbers`);
  return `no column holds the phone number; name the one that does with --map "COLUMN=phone_number"${close[0] ?? looks[0] ?? ''}`;
}

/** Two columns for one custom field of one list. */
function doubleCustomProblems(
  header: readonly string[],
  roles: readonly (ColumnRole | undefined)[],
): readonly string[] {
  const problems: string[] = [];
  const taken = new Map<string, string>();
  const everywhere = new Set(
    roles.map((role) => (role?.is === 'custom' && role.lists === undefined ? role.field.label : undefined)),
  );
  for (const [at, role] of roles.entries()) {
    if (role?.is !== 'custom') continue;
    const name = (header[at] ?? '').trim();
    const { label } = role.field;
    const lists = role.lists === undefined || everywhere.has(label) ? ['*'] : [...role.lists];
    for (const key of lists.map((list) => `${list}:${label}`)) {
      const first = taken.get(key);
      taken.set(key, first ?? name);
      if (first === undefined) continue;
      problems.push(
        `columns "${first}" and "${name}" both mean the custom field ${label}; leave one out with --ignore "${name}"`,
      );
      break;
    }
  }
  return problems;
}
