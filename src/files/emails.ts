import type { Cells } from './cells.ts';

/** `a@x.mx, b@x.mx` */
export function hasSeveralEmails(value: string): boolean {
  return value.indexOf('@') !== value.lastIndexOf('@');
}

/** So many addresses of a row are kept. */
const MOST_EMAILS = 50;

/** The addresses of a row. */
export interface RowEmails {
  /** In their order. */
  readonly kept: readonly string[];
  /** The first one that is not kept, because there are too many; undefined: all are kept. */
  readonly firstLeftOut: string | undefined;
  readonly leftOut: number;
}

/**
 * The addresses of a row in their order, at most 50. A cell is several where every part has a sign @; each counts once,
 * whatever its letter case.
 */
export function splitEmails(cells: Cells, columns: readonly number[]): RowEmails {
  const found = new Map<string, string>();
  for (const at of columns) {
    const cell = cells[at] ?? null;
    for (const address of partsOf(cell?.trim() ?? '')) {
      const known = address.toLowerCase();
      if (!found.has(known)) found.set(known, address);
    }
  }
  const all = [...found.values()];
  return {
    kept: all.slice(0, MOST_EMAILS),
    firstLeftOut: all[MOST_EMAILS],
    leftOut: Math.max(0, all.length - MOST_EMAILS),
  };
}

function partsOf(text: string): readonly string[] {
  if (text === '') return [];
  const parts = text.split(/\s*(?::::|[,;|\s])\s*/).filter((part) => part !== '');
  return parts.every((part) => part.includes('@')) ? parts : [text];
}
