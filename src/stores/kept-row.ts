import type { ImportColumns, ImportRow } from '../core/lead-archive.ts';

/** PostgreSQL keeps neither U+0000 nor halves of characters. @returns undefined: it keeps the row */
export function whyNotKept(
  { texts, externalId }: ImportRow,
  { texts: fields, keySource }: ImportColumns,
): string | undefined {
  const isKept = (text: string | null | undefined) =>
    text == null || (!text.includes('\0') && text.isWellFormed());
  const at = texts.findIndex((text) => !isKept(text));
  const field = at >= 0 ? fields[at] : isKept(externalId) ? undefined : keySource;
  return field === undefined
    ? undefined
    : `${field} has U+0000 or half a character, which PostgreSQL does not keep`;
}
