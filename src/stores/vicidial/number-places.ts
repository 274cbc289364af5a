import { type NumberMatch, PHONE_COLUMNS, type PhoneColumn } from '../../core/lead.ts';
import { MAX_BLOCK_TEXTS, BLOCK_TEXTS_OF_A_LENGTH } from './block-texts.ts';
import { byIndex, canFindBy, type DialerSchema, type Table, tableOf } from './schema.ts';
import { MAX_FOREIGN_SPELLINGS, MAX_STORED_SPELLINGS } from './stored-spellings.ts';

/** The rules of the settings by which numbers are searched. */
export interface NumberRules {
  readonly address3IsPhone: boolean;
  readonly numberBlocks: boolean;
}

/** Where a number may stand in a dialer, as statements read it. The lead is `p`, a further number of it `f`. */
export interface NumberPlace {
  readonly match: NumberMatch;
  /** The column, or `further`: a block may stand in any. */
  readonly holder: PhoneColumn | 'further';
  /** What is read, by an index. */
  readonly from: string;
  /** The text of the number, the dialer's `phone_code` for it, and the lead's `country_code`; `NULL` where there is none. */
  readonly text: string;
  readonly code: string;
  readonly country: string;
}

const FURTHER_TABLE = 'vicidial_list_alt_phones';

/** The places that an index makes searchable, in the order of search: a block of numbers comes after every number. */
export function numberPlaces(schema: DialerSchema, rules: NumberRules): readonly NumberPlace[] {
  const list = tableOf(schema, 'vicidial_list');
  const columns = PHONE_COLUMNS.filter(
    (column) => canFindBy(list, column) && (column !== 'address3' || rules.address3IsPhone),
  ).map((column) => placeOf(list, column));
  const places = [...columns, ...furtherPlaces(schema, list)];
  return rules.numberBlocks
    ? [...places, ...places.map((place) => ({ ...place, match: 'block' as const }))]
    : places;
}

function placeOf(list: Table, column: PhoneColumn): NumberPlace {
  return {
    match: column,
    holder: column,
    from: `vicidial_list p ${byIndex(list, column)}`,
    text: `p.${column}`,
    ...countryOfLead(list),
  };
}

function countryOfLead({ columns }: Table): Pick<NumberPlace, 'code' | 'country'> {
  return {
    code: columns.has('phone_code') ? 'p.phone_code' : 'NULL',
    country: columns.has('country_code') ? 'p.country_code' : 'NULL',
  };
}

/** Without that table, or an index of it, further numbers are not searched. */
function furtherPlaces(schema: DialerSchema, list: Table): readonly NumberPlace[] {
  const further = tableOf(schema, FURTHER_TABLE);
  const isSearchable = [
    canFindBy(further, 'phone_number'),
    canFindBy(further, 'lead_id'),
    canFindBy(list, 'lead_id'),
  ];
  if (isSearchable.includes(false)) return [];
  return [
    {
      match: 'further',
      holder: 'further',
      from: `${FURTHER_TABLE} f ${byIndex(further, 'phone_number')} STRAIGHT_JOIN vicidial_list p ${byIndex(list, 'lead_id')}
        ON p.lead_id = f.lead_id${isActive(further)}`,
      text: 'f.phone_number',
      code: further.columns.has('phone_code') ? 'f.phone_code' : 'NULL',
      country: countryOfLead(list).country,
    },
  ];
}

function isActive({ columns }: Table): string {
  return columns.has('active') ? " AND f.active = 'Y'" : '';
}

/**
 * The statement that reads the first further numbers of a lead that an index gives: of each its code, the number, its note,
 * whether it is active, and by what the dialer orders them. Without a condition or an order of its own, so that the server reads
 * no more rows than it gives. Binds the lead id and how many are read. Undefined where a dialer has none that an index finds.
 */
export function furtherNumbers(schema: DialerSchema): string | undefined {
  const further = tableOf(schema, FURTHER_TABLE);
  const { columns } = further;
  if (!canFindBy(further, 'lead_id') || !columns.has('phone_number')) return undefined;
  const orNull = (column: string) => (columns.has(column) ? `f.${column}` : 'NULL');
  const selected = [
    orNull('phone_code'),
    'f.phone_number',
    orNull('alt_phone_note'),
    columns.has('active') ? "f.active = 'Y'" : '1',
    orNull('alt_phone_count'),
    orNull('alt_phone_id'),
  ];
  return `SELECT ${selected.join(', ')} FROM ${FURTHER_TABLE} f ${byIndex(further, 'lead_id')} WHERE f.lead_id = ? LIMIT ?`;
}

const placeholders = (count: number) => `(${Array.from({ length: count }, () => '?').join(', ')})`;
const SPELLINGS = placeholders(MAX_STORED_SPELLINGS);
const FOREIGN_SPELLINGS = placeholders(MAX_FOREIGN_SPELLINGS);
const BLOCKS = placeholders(MAX_BLOCK_TEXTS);

/**
 * Whether the place has the number: by the default country's reading, or by that of the lead's own country. Binds
 * `match`.
 */
export function hasNumber(place: NumberPlace): string {
  const { match, text } = place;
  if (match === 'block') return `${text} IN ${BLOCKS}`;
  return `(${text} IN ${SPELLINGS} OR (${text} IN ${FOREIGN_SPELLINGS} AND ${isOwnCountry(place)}))`;
}

/**
 * What a row says of its number's country: 2 where it is that of the number that is asked for, 1 where it says nothing, else 0.
 * Binds the texts of that country twice.
 */
export function countrySaid(place: NumberPlace): string {
  return `CASE WHEN ${isOwnCountry(place)} THEN 2 WHEN ${saysNothing(place)} THEN 1 ELSE 0 END`;
}

function saysNothing({ code, country }: NumberPlace): string {
  return `(COALESCE(${code}, '') IN ('', '0') AND COALESCE(${country}, '') = '')`;
}

/** Whether the lead says that its numbers are of the country of the number that is asked for. */
function isOwnCountry({ code, country }: NumberPlace): string {
  return `(FIND_IN_SET(${code}, ?) > 0 OR FIND_IN_SET(${country}, ?) > 0)`;
}

/**
 * What puts leads of one place in order before all else, the highest first: whether the lead's own country reads the number
 * so, then exact stored digits; of blocks, how long they are. Binds `order`.
 */
export function orderOf(place: NumberPlace): readonly string[] {
  const { match, text } = place;
  if (match === 'block') return [`-((FIND_IN_SET(${text}, ?) - 1) DIV ${BLOCK_TEXTS_OF_A_LENGTH})`];
  const isOwn = `COALESCE(${isOwnCountry(place)} OR ${saysNothing(place)} OR FIND_IN_SET(${text}, ?) > 0, 0)`;
  return [isOwn, `${text} = ?`];
}

/** The place in the rows of `firstLeads`. */
export function amongFirst(place: NumberPlace): NumberPlace {
  return { ...place, text: 'p.matched', code: 'p.matched_code', country: 'p.matched_country' };
}

/**
 * That the lead of a row of `firstLeads` does not have the number in this place, where it would have been found before. Binds
 * `match`.
 */
export function hasNotIn(schema: DialerSchema, place: NumberPlace): string {
  if (place.holder !== 'further') return `COALESCE(${hasNumber(place)}, 0) = 0`;
  const further = tableOf(schema, FURTHER_TABLE);
  return `NOT EXISTS (SELECT 1 FROM ${FURTHER_TABLE} f ${byIndex(further, 'lead_id')}
    WHERE f.lead_id = p.lead_id${isActive(further)} AND ${hasNumber(place)})`;
}
