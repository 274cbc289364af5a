import { FILE_FIELDS, type FileField } from './file-field.ts';
import { customHeader, readCustomHeader } from './values.ts';
import type { CustomField } from '../core/lead.ts';

/**
 * The column of an export for the captions of custom fields, which its header has no room for: a JSON object from a custom
 * field's header to its caption, in the first row. In text files the column has no name: version 0.1 refuses names that it
 * does not know, and passes over columns without one.
 */
export const CAPTIONS_COLUMN = 'captions';

/** True for the header that our own export writes: every field, by its own name. */
export function isOwnExport(header: readonly string[]): boolean {
  const names = new Set(header.map((name) => name.trim()));
  return FILE_FIELDS.every((field) => isOptional(field) || names.has(field));
}

/** Older exports, and those of stores without further numbers, have no such column. */
function isOptional(field: FileField): boolean {
  return field === 'further_numbers';
}

/** Where the column of captions is in an export's header; undefined: it has none. */
export function captionsColumn(header: readonly string[]): number | undefined {
  const at = header.findIndex(
    (name, index) =>
      name.trim() === CAPTIONS_COLUMN ||
      (name.trim() === '' && readCustomHeader(header[index + 1] ?? '') !== undefined),
  );
  return at < 0 ? undefined : at;
}

/** A custom field's column. */
interface CaptionedColumn {
  readonly field: CustomField;
  readonly lists: ReadonlySet<number>;
}

/** The cell of CAPTIONS_COLUMN; undefined: no field has a caption. */
export function writeCaptions(columns: readonly CaptionedColumn[]): string | undefined {
  const captions = columns.flatMap(({ field, lists }) =>
    field.caption === undefined ? [] : [[customHeader(field, [...lists]), field.caption]],
  );
  return captions.length === 0 ? undefined : JSON.stringify(Object.fromEntries(captions));
}

/** @returns captions by the header of their column; undefined when the cell is not of that form */
export function readCaptions(cell: string): ReadonlyMap<string, string> | undefined {
  let read: unknown;
  try {
    read = JSON.parse(cell);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return undefined;
  const captions = Object.entries(read).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return new Map(captions);
}
