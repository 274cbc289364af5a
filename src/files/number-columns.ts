import type { NumberColumn } from './column-plan.ts';
import { columnsOf, type PlanContext } from './plan-context.ts';
import { normaliseName } from './file-field.ts';

/**
 * The columns of telephone numbers in the order in which they are a lead's: who is called `phone_number` or has the first
 * plain name, then `alt_phone`, then the others as the file has them; numbers that are not the person's own come last.
 */
export function planNumbers(context: PlanContext): readonly NumberColumn[] {
  const own = columnsOf(context, 'phone_number');
  const plain = columnsOf(context, 'phone');
  const second = columnsOf(context, 'alt_phone');
  const others = columnsOf(context, 'phone 2');
  const last = columnsOf(context, 'phone last');
  const main = own.length > 0 ? own : plain.slice(0, 1);
  const order = new Set([...main, ...second, ...own, ...plain, ...others, ...last]);
  const areas = columnsOf(context, 'area code');
  const labels = labelColumns(context, [...order]);
  return [...order].map((at, place) => ({
    at,
    name: place === 0 ? 'phone_number' : (context.header[at] ?? '').trim(),
    label: labels.has(at) ? null : (context.header[at] ?? '').trim(),
    labelAt: labels.get(at),
    areaAt: areas.findLast((area) => area < at) ?? areas[0],
  }));
}

/** Which column says the kind of which number: `Phone 1 - Label` of `Phone 1 - Value`, `phone_1_type` of `phone_1_number`. */
function labelColumns(context: PlanContext, numbers: readonly number[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const stemOf = (at: number) =>
    normaliseName(context.header[at] ?? '').replace(/_(?:label|type|value|number)$/, '');
  for (const label of columnsOf(context, 'label')) {
    const number = numbers.find((at) => stemOf(at) === stemOf(label));
    if (number !== undefined) found.set(number, label);
  }
  return found;
}
