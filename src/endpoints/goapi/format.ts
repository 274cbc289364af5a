import type { ParameterValue } from '../../core/query.ts';

export type Format = 'json' | 'xml';

/** Missing or empty: XML, as the ancestor answers. */
export function formatOf(responsetype: ParameterValue | undefined): Format | undefined {
  if (responsetype === undefined || responsetype === '') return 'xml';
  if (typeof responsetype !== 'string') return undefined;
  const format = responsetype.toLowerCase();
  return format === 'json' || format === 'xml' ? format : undefined;
}

/** The format asked for in the target of a request that is not read as a whole. */
export function formatOfTarget(target: string): Format {
  const asked = /[?&]responsetype=([a-z]+)(?:&|$)/gi;
  const last = [...target.matchAll(asked)].at(-1)?.[1];
  return formatOf(last) ?? 'xml';
}
