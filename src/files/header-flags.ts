import { CUSTOM_FIELD_TYPES } from '../core/lead.ts';
import type { ColumnRole } from './column-role.ts';
import { customFieldType } from './values.ts';
import { FILE_FIELDS, isFileField, normaliseName } from './file-field.ts';
import type { FormatName } from './formats/file-format.ts';

/** What the person who imports says about columns, as the flags of `import` bring it. */
export interface HeaderFlags {
  /** `theirs=ours` */
  readonly map: readonly string[];
  /** `column` or `column:TYPE` */
  readonly custom: readonly string[];
  readonly ignore: readonly string[];
  /** The program whose export it is; undefined: as the header says. */
  readonly format?: FormatName | undefined;
  /** Columns that nobody knows are an error. */
  readonly strict?: boolean | undefined;
  /** Columns that nobody knows are left out. */
  readonly ignoreUnknown?: boolean | undefined;
}

/**
 * Gives the columns that the flags name their roles.
 *
 * @param problems what is wrong with the flags is added here
 * @returns one entry for each column; undefined: no flag names it
 */
export function applyFlags(
  header: readonly string[],
  flags: HeaderFlags,
  problems: string[],
): (ColumnRole | undefined)[] {
  const roles: (ColumnRole | undefined)[] = header.map(() => undefined);
  const give = (flag: string, column: string, role: ColumnRole | string) => {
    const found = columnsNamed(header, column);
    if (typeof role === 'string') problems.push(`${flag}: ${role}`);
    else if (found.length === 0) problems.push(`${flag}: the file has no column "${column}"`);
    else if (found.some((at) => roles[at] !== undefined))
      problems.push(`${flag}: another flag names that column`);
    else for (const at of found) roles[at] = role;
  };
  for (const text of flags.map) {
    const cut = text.lastIndexOf('=');
    give(
      `--map "${text}"`,
      text.slice(0, cut < 0 ? text.length : cut),
      fieldRole(cut < 0 ? '' : text.slice(cut + 1)),
    );
  }
  for (const text of flags.custom) {
    const [column, type] = splitType(header, text);
    give(`--custom "${text}"`, column, customRole(column, type));
  }
  for (const column of flags.ignore)
    give(`--ignore "${column}"`, column, { is: 'left out', because: 'flag' });
  return roles;
}

/** Places of the columns of a name: as written, else without accents, case and signs. */
export function columnsNamed(header: readonly string[], column: string): readonly number[] {
  const where = (matches: (cell: string) => boolean) =>
    [...header.keys()].filter((at) => matches(header[at] ?? ''));
  const exact = where((cell) => cell.trim() === column.trim());
  const wanted = normaliseName(column);
  return exact.length > 0 || wanted === '' ? exact : where((cell) => normaliseName(cell) === wanted);
}

function fieldRole(ours: string): ColumnRole | string {
  const field = normaliseName(ours);
  if (isFileField(field)) return { is: 'known', meaning: field, byFlag: true };
  return `after the = must come one of ${FILE_FIELDS.join(', ')}`;
}

/** A colon may be part of the column's name. */
function splitType(header: readonly string[], text: string): readonly [column: string, type: string] {
  const cut = text.lastIndexOf(':');
  if (cut < 0 || columnsNamed(header, text).length > 0) return [text, 'TEXT'];
  return [text.slice(0, cut), text.slice(cut + 1)];
}

function customRole(column: string, typeName: string): ColumnRole | string {
  const type = customFieldType(typeName);
  if (type === undefined) return `a custom field's type is one of ${CUSTOM_FIELD_TYPES.join(', ')}`;
  const label = normaliseName(column);
  if (!/^[a-z0-9_]{1,50}$/.test(label)) {
    return `"${label}" cannot be a custom field's label; rename the column to 1 to 50 letters a-z, digits and _`;
  }
  if (isFileField(label)) return `${label} is a field of every lead; a custom field needs another name`;
  return { is: 'custom', field: { label, type }, lists: undefined, byFlag: true };
}
