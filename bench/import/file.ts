import { open, rename } from 'node:fs/promises';

import { LEAD_TEXT_FIELDS } from '../../src/core/lead.ts';

/** The columns of the file: the list and every text field. */
export const COLUMNS = ['list_id', ...LEAD_TEXT_FIELDS] as const;

const ROWS_PER_WRITE = 5_000;

/**
 * Writes invented leads, always the same ones; no two share a number.
 *
 * @param firstRow which one is the first: files of other rows have other leads
 */
export async function writeLeads(path: string, rows: number, firstRow = 0): Promise<void> {
  const draft = `${path}.part`;
  const file = await open(draft, 'w');
  await file.appendFile(`${COLUMNS.join(',')}\n`);
  for (let first = 0; first < rows; first += ROWS_PER_WRITE) {
    const count = Math.min(ROWS_PER_WRITE, rows - first);
    await file.appendFile(
      Array.from({ length: count }, (_, index) => leadLine(firstRow + first + index)).join(''),
    );
  }
  await file.close();
  await rename(draft, path);
}

function leadLine(index: number): string {
  const cells = [
    101 + (index % 20),
    index % 2 === 0 ? 'Sra' : 'Sr',
    index % 2 === 0 ? 'María' : 'José',
    'G',
    `Hernández ${index % 977}`,
    phoneOfRow(index),
    index % 2 === 0 ? '' : phone(index, 15_485_863),
    `lead${index}@example.com`,
    `"Av. Juárez ${index % 2_000}, Col. Centro"`,
    index % 3 === 0 ? `Interior ${index % 40}` : '',
    index % 4 === 0 ? phone(index, 32_452_843) : '',
    'Guadalajara',
    'Jalisco',
    '',
    44_000 + (index % 999),
    'MX',
    index % 2 === 0 ? 'F' : 'M',
    `${1950 + (index % 50)}-${two(1 + (index % 12))}-${two(1 + (index % 28))}`,
    'NEW',
    `agent${index % 30}`,
    `Additional information was requested ${index % 1_000}`,
  ];
  return `${cells.join(',')}\n`;
}

/** The `phone_number` of a row, counted from 0. */
export function phoneOfRow(index: number): number {
  return phone(index, 7_368_787);
}

/** Ten digits as Mexico has them, spread as widely as real ones: each index page of a store is hit at random. */
function phone(index: number, step: number): number {
  return 2_000_000_000 + ((index * step) % 7_999_999_993);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
