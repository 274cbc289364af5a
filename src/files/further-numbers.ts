import type { FurtherNumber } from '../core/lead.ts';

/** The cell of the column `further_numbers` in our own exports: a JSON array of pairs, label or null and number. */
export function writeFurtherNumbers(numbers: readonly FurtherNumber[]): string | null {
  return numbers.length === 0 ? null : JSON.stringify(numbers.map(({ label, number }) => [label, number]));
}

/** @returns undefined when the cell is not of that form */
export function readFurtherNumbers(cell: string): readonly FurtherNumber[] | undefined {
  let read: unknown;
  try {
    read = JSON.parse(cell);
  } catch {
    return undefined;
  }
  if (!Array.isArray(read)) return undefined;
  const numbers = read.flatMap((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) return [];
    const [label, number] = pair as readonly unknown[];
    return typeof number === 'string' && (label === null || typeof label === 'string')
      ? [{ label, number }]
      : [];
  });
  return numbers.length === read.length ? numbers : undefined;
}
