import type { NameColumns } from './column-plan.ts';
import { type PersonName, splitName } from './person-names.ts';
import type { Cells } from './cells.ts';
import { repairText } from './words.ts';

export type NameOptions = NameColumns;

/**
 * A row's name: its own columns for first and last name, else the whole name split, else the company, so that a screen that
 * shows a caller's name shows something.
 */
export function nameOf(
  cells: Cells,
  { first, last, whole, company, companyPart, isIberian, isSurnameFirst }: NameOptions,
): PersonName {
  const own = { first: textOf(cells, first), last: joined(cells, last) };
  if (own.first !== null || own.last !== null) return own;
  const [name, of] = [textOf(cells, whole), textOf(cells, company)];
  if (name !== null && name.trim() !== of?.trim()) return splitName(name, isIberian, isSurnameFirst);
  return { first: null, last: null, [companyPart]: of };
}

function joined(cells: Cells, columns: readonly number[]): string | null {
  if (columns.length === 1) return textOf(cells, columns[0]);
  const parts = columns.flatMap((at) => textOf(cells, at)?.trim() ?? []);
  return parts.length === 0 ? null : parts.join(' ');
}

/** null: nothing in it. */
function textOf(cells: Cells, at: number | undefined): string | null {
  const cell = at === undefined ? null : (cells[at] ?? null);
  return cell === null || cell.trim() === '' ? null : repairText(cell);
}
