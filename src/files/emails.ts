import type { Cells } from './cells.ts';
import { repairText } from './words.ts';

/** `a@x.mx, b@x.mx` */
export function hasSeveralEmails(value: string): boolean {
  return (value.match(/@/g)?.length ?? 0) > 1;
}

/**
 * The addresses of a row in their order. A cell is several where every part has a sign @; each counts once, whatever its
 * letter case.
 */
export function splitEmails(cells: Cells, columns: readonly number[]): readonly string[] {
  const found: string[] = [];
  for (const at of columns) {
    const cell = cells[at] ?? null;
    // One column with one address, which nearly every file has: as it stands.
    if (columns.length === 1 && (cell === null || !hasSeveralEmails(cell))) {
      return cell === null ? [] : [repairText(cell)];
    }
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
