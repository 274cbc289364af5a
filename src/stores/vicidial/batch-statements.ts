import { NUMBER_MATCHES } from '../../core/lead.ts';
import type { CustomFields } from './custom-fields.ts';
import { countrySaid, type NumberPlace, numberPlaces } from './number-places.ts';
import { ACCOUNT_WIDTH, LEAD_WIDTH } from './rows.ts';
import { type DialerSchema, tableOf } from './schema.ts';
import { hasBlocks } from './stored-spellings.ts';
import {
  accountColumns,
  campaignRule,
  customersJoin,
  expectedAccount,
  leadColumns,
  type LookupRules,
} from './statements.ts';

/** For whom leads are read: a user with the account's row before them, lists, or nobody who may not see all. */
export type BatchViewer = 'user' | 'lists' | 'every list';

/** So many leads one statement reads by their ids. */
export const MOST_IDS = 64;
/** So many texts of numbers one statement looks for in each place. From 1,000 on the server makes a table of them. */
export const MOST_TEXTS = 512;
/**
 * More rows no statement reads that answers for several numbers: the server ends it without its last row, and each number is
 * asked for by itself. A number that many leads share is no burden to those beside it.
 */
const LIMIT_EXAMINED = 'LIMIT ROWS EXAMINED 1000';
/** A lead comes once for each of its rows among GOautodial's customers, or in a custom table without a unique index. */
const ROWS_OF_A_LEAD = 4;

/** As its place has the last row of a statement for numbers that was not ended. */
export const LAST_ROW = -1;
/** Where its columns stand, behind those of the account: the place, the text that was found, `countrySaid`, then the lead. */
export const NUMBER_WIDTH = 3;

export type BatchStatements = ReturnType<typeof batchStatements>;

/** Rounded up to a power of two: few statements stay prepared, whatever is asked. */
export function sizeFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

/** Whether rows of a place come in the order in which they win: behind a join the server would need a temporary table for that. */
export function isOrdered({ holder }: NumberPlace): boolean {
  return holder !== 'further';
}

/** How many rows a statement for leads or custom rows gives at most: with so many some may be missing. */
export function mostRows(size: number): number {
  return size * ROWS_OF_A_LEAD;
}

/** The statements that answer several lookups of one user, or within one scope, at once. */
export function batchStatements(schema: DialerSchema, rules: LookupRules) {
  const list = tableOf(schema, 'vicidial_list');
  const users = tableOf(schema, 'vicidial_users');
  const isExpected = expectedAccount('u', users, schema.settings.passwords);
  const byCampaign = rules.listScope === 'campaigns';
  const { groupJoin, maySee } = campaignRule(schema);
  const searched = numberPlaces(schema, rules);
  const account = (width: number) =>
    `(SELECT ${accountColumns(users)}, ${isExpected}, ${nulls(width)} FROM vicidial_users u WHERE u.user = ? LIMIT 1) UNION ALL `;

  /** From the user to the leads and back to what it may see of them: the server reads no lead of an account that is not expected. */
  function readFor(viewer: BatchViewer, lead: string, leads: string) {
    const customers = customersJoin(schema, rules, lead);
    const columns = leadColumns(list, customers !== '', lead);
    if (viewer !== 'user') {
      const within = viewer === 'lists' ? ` AND FIND_IN_SET(${lead}.list_id, ?) > 0` : '';
      return { before: '', columns, from: `${leads} ${customers} WHERE TRUE`, within };
    }
    const lists = byCampaign ? `LEFT JOIN vicidial_lists x ON x.list_id = ${lead}.list_id` : '';
    return {
      before: `${nulls(ACCOUNT_WIDTH)}, `,
      columns,
      from: `vicidial_users u ${byCampaign ? groupJoin : ''} STRAIGHT_JOIN ${leads} ${lists} ${customers}
        WHERE u.user = ? AND ${isExpected}`,
      within: byCampaign ? ` AND ${maySee}` : '',
    };
  }

  const times = ['last_local_call_time', 'modify_date'].filter((name) => list.columns.has(name));
  const order = [...times, 'lead_id'].map((name) => `p.${name} DESC`).join(', ');

  // Most numbers are found in the first place: then the others are not searched, which takes the server longer.
  const [first, ...others] = hasBlocks(searched) ? [] : searched;
  const steps = [first === undefined ? [] : [first], others].filter(({ length }) => length > 0);

  function numbersIn(viewer: BatchViewer, place: NumberPlace, size: number): string {
    const at = NUMBER_MATCHES.indexOf(place.match);
    const { before, columns, from, within } = readFor(viewer, 'p', place.from);
    // Tables of other character sets are not joined by UNION.
    const text = `CONVERT(${place.text} USING utf8mb4)`;
    return `(SELECT ${before}${at}, ${text}, ${countrySaid(place)}, ${columns} FROM ${from}
      AND ${place.text} IN ${placeholders(size)}${within} ${isOrdered(place) ? `ORDER BY ${order} ` : ''}LIMIT ${mostRows(size)})`;
  }

  return {
    /** The places in which several numbers are searched at once, step by step; none where blocks of numbers are searched, too. */
    steps,
    /**
     * Leads by their ids. For a user, binds `expected` (`expectedParameters`) and the user; then the user, `expected` and the
     * ids: the account's row comes first. Else binds the ids and, within lists, these as a text with commas.
     */
    ids: textsBySize((viewer, size) => {
      const { before, columns, from, within } = readFor(viewer, 'l', 'vicidial_list l');
      return `${viewer === 'user' ? account(LEAD_WIDTH) : ''}(SELECT ${before}${columns} FROM ${from}
        AND l.lead_id IN ${placeholders(size)}${within} LIMIT ${mostRows(size)})`;
    }),
    /**
     * Leads that have one of these texts as a number, in the order in which one wins. Binds what `ids` binds of the account; then for
     * each place of the step the country's texts twice, the same as `ids` binds of the user, the texts and, if restricted, the lists.
     */
    numbers: steps.map((places) =>
      textsBySize((viewer, size) => {
        const before = viewer === 'user' ? `${nulls(ACCOUNT_WIDTH)}, ` : '';
        const found = places.map((place) => numbersIn(viewer, place, size));
        const last = `(SELECT ${before}${LAST_ROW}, NULL, NULL, ${nulls(LEAD_WIDTH)})`;
        return `${viewer === 'user' ? account(NUMBER_WIDTH + LEAD_WIDTH) : ''}${[...found, last].join(' UNION ALL ')} ${LIMIT_EXAMINED}`;
      }),
    ),
  };
}

const customTexts = new WeakMap<CustomFields, Map<number, string>>();

/** Custom rows of leads of one list. Binds their ids. */
export function customRows(fields: CustomFields, size: number): string {
  const texts = customTexts.get(fields) ?? new Map<number, string>();
  customTexts.set(fields, texts);
  const known = texts.get(size);
  if (known !== undefined) return known;
  const text = `SELECT ${fields.columns} FROM ${fields.table} k WHERE k.lead_id IN ${placeholders(size)} LIMIT ${mostRows(size)}`;
  texts.set(size, text);
  return text;
}

/** Each text is made once. */
function textsBySize(make: (viewer: BatchViewer, size: number) => string) {
  const texts = new Map<string, string>();
  return (viewer: BatchViewer, size: number): string => {
    const key = `${viewer} ${size}`;
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = make(viewer, size);
    texts.set(key, text);
    return text;
  };
}

function nulls(count: number): string {
  return Array.from({ length: count }, () => 'NULL').join(', ');
}

function placeholders(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(', ')})`;
}
