import { isTabular } from './csv-dialect.ts';
import type { HeadRow } from './header-line.ts';

/**
 * The columns of VICIdial's standard lead load file, which has no line of names: "Load Leads" in its manager manual. Rank
 * and owner came later; older files end before.
 */
const COLUMNS = [
  'vendor_lead_code',
  'source_id',
  'list_id',
  'phone_code',
  'phone_number',
  'title',
  'first_name',
  'middle_initial',
  'last_name',
  'address1',
  'address2',
  'address3',
  'city',
  'state',
  'province',
  'postal_code',
  'country_code',
  'gender',
  'date_of_birth',
  'alt_phone',
  'email',
  'security_phrase',
  'comments',
  'rank',
  'owner',
] as const;

/** The columns up to the comments are in every file. */
const LEAST = COLUMNS.indexOf('comments') + 1;

/** What the cells of a lead look like, by their column. */
const LOOKS: Readonly<Record<number, RegExp>> = {
  [COLUMNS.indexOf('list_id')]: /^\d{0,14}$/,
  [COLUMNS.indexOf('phone_code')]: /^\d{0,4}$/,
  [COLUMNS.indexOf('phone_number')]: /^\D{0,2}\d[\d ().-]{4,20}$/,
  [COLUMNS.indexOf('gender')]: /^[MFU]?$/i,
  [COLUMNS.indexOf('date_of_birth')]: /^(?:\d{4}-\d\d-\d\d)?$/,
};

/**
 * The names of the columns, where rows are those of VICIdial's standard load file.
 *
 * @returns undefined: they are not
 */
export function vicidialColumns(rows: readonly HeadRow[], delimiter: string): readonly string[] | undefined {
  if (rows.length === 0 || !isTabular(delimiter)) return undefined;
  const leads = rows.filter(({ cells }) => cells.length >= LEAST && cells.length <= COLUMNS.length);
  const like = leads.filter(({ cells }) =>
    Object.entries(LOOKS).every(([at, look]) => look.test(cells[Number(at)]?.trim() ?? '')),
  );
  const isFirst = like[0] !== undefined && like[0] === rows[0];
  if (!isFirst || like.length * 5 < rows.length * 4) return undefined;
  return COLUMNS.slice(0, Math.max(...like.map(({ cells }) => cells.length)));
}
