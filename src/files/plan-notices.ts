import type { Country } from '../core/phone.ts';
import { isOpen, usualDates } from './column-dates.ts';
import type { ColumnPlan } from './column-plan.ts';
import { ColumnSamples, type FileContent } from './column-samples.ts';
import type { ImportNotice } from './import-words.ts';

/** What a person should know of how the columns are read under a default country. */
export function noticesOf(
  plan: ColumnPlan,
  header: readonly string[],
  content: FileContent,
  { country, dates }: { readonly country: Country; readonly dates: 'dmy' | 'mdy' | undefined },
): readonly ImportNotice[] {
  if (dates !== undefined) return plan.notices;
  const samples = new ColumnSamples(content);
  const open = [...plan.dates].filter(([at, order]) => order === 'open' && isOpen(samples.valuesOf(at)));
  if (open.length === 0) return plan.notices;
  const names = open.map(([at]) => `"${(header[at] ?? '').trim()}"`).join(', ');
  return [...plan.notices, { code: 'openDates', values: [names, usualDates(country), country] }];
}
