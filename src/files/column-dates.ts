import type { ColumnDates } from './column-plan.ts';
import type { ColumnRole } from './column-role.ts';
import type { PlanContext } from './plan-context.ts';

/** Two small numbers and a year: which of the two is the day? */
const LOCAL_DATE = /^(\d\d?)[/.-](\d\d?)[/.-]\d{2,4}(?!\d)/;

/**
 * How the dates of each column are written. A number above 12 in any row is a day; a column that has none is written as the
 * file's other columns of dates.
 */
export function planDates({ roles, samples }: PlanContext): ReadonlyMap<number, ColumnDates> {
  const columns = [...roles.keys()].filter((at) => holdsDates(roles[at]));
  const decided = new Map(columns.map((at) => [at, orderOf(samples.valuesOf(at))]));
  const everywhere = new Set(
    [...roles.keys()].map((at) => orderOf(samples.valuesOf(at))).filter((order) => order !== undefined),
  );
  const [only] = everywhere;
  const ofFile = everywhere.size === 1 ? only : undefined;
  return new Map(columns.map((at) => [at, decided.get(at) ?? ofFile ?? 'open']));
}

function holdsDates(role: ColumnRole | undefined): boolean {
  if (role?.is === 'custom') return role.field.type === 'DATE';
  return (
    role?.is === 'known' &&
    (role.meaning === 'date_of_birth' ||
      role.meaning === 'last_local_call_time' ||
      role.meaning === 'modify_date')
  );
}

/** undefined: every value could be both. */
function orderOf(values: readonly string[]): 'dmy' | 'mdy' | undefined {
  let [dayFirst, monthFirst] = [0, 0];
  for (const value of values) {
    const found = LOCAL_DATE.exec(value);
    if (found === null) continue;
    if (Number(found[1]) > 12) dayFirst++;
    if (Number(found[2]) > 12) monthFirst++;
  }
  if (dayFirst === monthFirst) return undefined;
  return dayFirst > monthFirst ? 'dmy' : 'mdy';
}

/** True where the values do not say which number is the day. */
export function isOpen(values: readonly string[]): boolean {
  const local = values.map((value) => LOCAL_DATE.exec(value)).filter((found) => found !== null);
  return orderOf(values) === undefined && local.some((found) => Number(found[1]) !== Number(found[2]));
}

/** How dates are written in a country, as far as two numbers and a year go. */
export function usualDates(country: string): 'dmy' | 'mdy' {
  const { language } = new Intl.Locale(`und-${country}`).maximize();
  const parts = new Intl.DateTimeFormat(`${language}-${country}`, { dateStyle: 'short' })
    .formatToParts(0)
    .map(({ type }) => type);
  const [month, day, year] = [parts.indexOf('month'), parts.indexOf('day'), parts.indexOf('year')];
  return month < day && day < year ? 'mdy' : 'dmy';
}
