import type { AddressColumns } from './column-plan.ts';
import type { Cells } from './cells.ts';
import { repairText } from './words.ts';

const PARTS = ['street', 'street2', 'street3', 'postal', 'city', 'state', 'country'] as const;

/** The place of the first address that the row has; a country alone is none. */
export function chooseAddress(cells: Cells, addresses: readonly AddressColumns[]): number {
  const found = addresses.findIndex((address) =>
    PARTS.some((part) => part !== 'country' && textOf(cells, address[part]) !== ''),
  );
  return Math.max(0, found);
}

/** The row's addresses but the chosen one, as text. */
export function leftOverAddresses(
  cells: Cells,
  addresses: readonly AddressColumns[],
  chosen: number,
): string | null {
  const others = addresses
    .filter((_, place) => place !== chosen)
    .map((address) =>
      PARTS.map((part) => textOf(cells, address[part]))
        .filter((text) => text !== '')
        .join(', '),
    )
    .filter((text) => text !== '');
  return others.length === 0 ? null : others.join('; ');
}

function textOf(cells: Cells, at: number | undefined): string {
  return at === undefined ? '' : repairText(cells[at]?.trim() ?? '');
}
