import type { ParameterFault } from '../../core/problem.ts';

/** A query parameter that must be a whole number within bounds. */
export function readWhole(
  query: URLSearchParams,
  field: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number | ParameterFault {
  const [text, ...others] = query.getAll(field);
  if (text === undefined) return otherwise;
  const number = others.length === 0 && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  return { field, reason: `must be a whole number from ${least} to ${most}` };
}
