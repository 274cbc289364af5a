import type { Country } from '../core/phone.ts';
import { isOpen, usualDates } from './column-dates.ts';
import type { ColumnPlan } from './column-plan.ts';
import { ColumnSamples, type FileContent } from './column-samples.ts';

/** What a person should know of how the columns are read under a default country. */
export function noticesOf(
  plan: ColumnPlan,
  header: readonly string[],
  content: FileContent,
  { country, dates }: { readonly country: Country; readonly dates: 'dmy' | 'mdy' | undefined },
): readonly string[] {
  if (dates !== undefined) return plan.notices;
  const samples = new ColumnSamples(content);
  const open = [...plan.dates].filter(([at, order]) => order === 'open' && isOpen(samples.valuesOf(at)));
  if (open.length === 0) return plan.notices;
  const names = open.map(([at]) => `"${(header[at] ?? '').trim()}"`).join(', ');
  const [usual, other] = usualDates(country) === 'dmy' ? ['day', 'mdy'] : ['month', 'dmy'];
  return [
    ...plan.notices,
    `dates of ${names} may have day or month first; read with the ${usual} first, as in ${country}; if that is wrong, import again with --dates ${other}`,
  ];
}
