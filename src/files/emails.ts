import type { Cells } from './cells.ts';

/** `a@x.mx, b@x.mx` */
export function hasSeveralEmails(value: string): boolean {
  return value.indexOf('@') !== value.lastIndexOf('@');
}

/**
 * The addresses of a row in their order. A cell is several where every part has a sign @; each counts once, whatever its
 * letter case.
 */
export function splitEmails(cells: Cells, columns: readonly number[]): readonly string[] {
  const found: string[] = [];
  for (const at of columns) {
    const cell = cells[at] ?? null;
    for (const address of partsOf(cell?.trim() ?? '')) {
      const isThere = found.some((other) => other.toLowerCase() === address.toLowerCase());
      if (!isThere) found.push(address);
    }
  }
  return found;
}

function partsOf(text: string): readonly string[] {
  if (text === '') return [];
  const parts = text.split(/\s*(?::::|[,;|\s])\s*/).filter((part) => part !== '');
  return parts.every((part) => part.includes('@')) ? parts : [text];
}
