import type { AddressColumns, CustomColumn } from './column-plan.ts';
import type { AddressPart } from './meaning.ts';
import { derivedColumn, type PlanContext } from './plan-context.ts';

/**
 * The postal addresses of formats that have several for a person, in their order, without those that nobody has. The first
 * that a row has is the lead's; what it has beyond that goes to one custom field.
 */
export function planAddresses(context: PlanContext): {
  readonly addresses: readonly AddressColumns[];
  readonly custom: readonly CustomColumn[];
} {
  const blocks = new Map<number, Partial<Record<AddressPart, number>>>();
  for (const [at, role] of context.roles.entries()) {
    const found = role?.is === 'known' ? /^address (\d+) (.+)$/.exec(role.meaning) : null;
    if (found === null || !context.samples.hasValues(at)) continue;
    const place = Number(found[1]);
    const block = blocks.get(place) ?? {};
    block[found[2] as AddressPart] ??= at;
    blocks.set(place, block);
  }
  const addresses = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => block);
  const first = addresses[0] === undefined ? 0 : Math.min(...Object.values(addresses[0]));
  if (addresses.length < 2) return { addresses, custom: [] };
  const field = derivedColumn(context, first, 'other_addresses', 'Other addresses');
  return { addresses, custom: [{ ...field, from: 'addresses' }] };
}
