import { COUNTED_MATCHES, type ListScope, NUMBER_MATCHES, type NumberMatch } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { Read } from '../network/connector.ts';
import { PART } from '../number-keys.ts';
import { type Candidate, CANDIDATE_COLUMNS, candidateOf } from '../rows.ts';
import { listsOf } from './rows.ts';

/** Lists and spellings of a number that are looked at; a file may have any number of spellings. */
const MOST_PARTS = 200;

/** Binds the key ($1) and the lists ($2). */
const LISTED = {
  all: `listed AS (
    (SELECT list_id FROM lead_numbers WHERE key = $1 AND $2::bigint[] IS NULL ORDER BY list_id LIMIT 1)
    UNION ALL
    SELECT (SELECT next.list_id FROM lead_numbers AS next WHERE next.key = $1 AND next.list_id > listed.list_id
      ORDER BY next.list_id LIMIT 1)
    FROM listed WHERE listed.list_id IS NOT NULL
  )`,
  some: `listed AS (
    SELECT DISTINCT list_id FROM unnest($2::bigint[]) AS seen (list_id)
    WHERE EXISTS (SELECT 1 FROM lead_numbers AS one WHERE one.key = $1 AND one.list_id = seen.list_id)
  )`,
} as const;

const OF_PART = 'key = $1 AND part = $3';

/** Rows of all lists, or of those in $2: of each by the index, so that no others are read. */
function within(isRestricted: boolean, columns: string, condition: string, most: number | string): string {
  const rows = (more: string) =>
    `SELECT ${columns} FROM lead_numbers WHERE ${condition} AND ${more} LIMIT ${most}`;
  return isRestricted
    ? `SELECT one.* FROM unnest($2::bigint[]) AS seen (id) CROSS JOIN LATERAL (${rows('list_id = seen.id')}) AS one LIMIT ${most}`
    : rows('$2::bigint[] IS NULL');
}

/** The statements for a number that many leads share: a test reads the query plan of each. */
export const SHARED_STATEMENTS = {
  /**
   * The first leads of a part ($3), in the order of winners. The index has them in this order for each list, reading and spelling:
   * of each the first $5 are merged, first those that are spelled as asked for ($4).
   */
  first: (isRestricted: boolean) => `WITH RECURSIVE ${isRestricted ? LISTED.some : LISTED.all},
  places AS (
    SELECT list_id, reading FROM (SELECT list_id FROM listed WHERE list_id IS NOT NULL LIMIT ${MOST_PARTS}) AS few,
      (VALUES (0::smallint), (1::smallint)) AS readings (reading)
  ),
  spelled AS (
    SELECT list_id, reading, (SELECT number FROM lead_numbers AS one WHERE ${OF_PART} AND one.list_id = places.list_id
      AND one.reading = places.reading ORDER BY number LIMIT 1) AS number FROM places
    UNION ALL
    SELECT list_id, reading, (SELECT next.number FROM lead_numbers AS next WHERE ${OF_PART} AND next.list_id = spelled.list_id
      AND next.reading = spelled.reading AND next.number > spelled.number ORDER BY next.number LIMIT 1)
    FROM spelled WHERE number IS NOT NULL
  ),
  parts AS (
    SELECT list_id, reading, $4::text AS number FROM places
    UNION ALL
    (SELECT list_id, reading, number FROM spelled WHERE number <> $4 LIMIT ${MOST_PARTS})
  )
  SELECT ${CANDIDATE_COLUMNS} FROM parts CROSS JOIN LATERAL (
    SELECT lead_id, part, last_local_call_time, modify_date FROM lead_numbers AS one
    WHERE ${OF_PART} AND one.list_id = parts.list_id AND one.reading = parts.reading AND one.number = parts.number
    ORDER BY last_local_call_time DESC NULLS LAST, modify_date DESC, lead_id DESC LIMIT $5
  ) AS best
  ORDER BY reading, (number = $4) DESC, coalesce(last_local_call_time, '') DESC, modify_date DESC, lead_id DESC LIMIT $5`,

  /** How many leads have a number in a part, as far as they are counted. */
  count: (isRestricted: boolean) =>
    `SELECT count(*) FROM (${within(isRestricted, '1', OF_PART, COUNTED_MATCHES + 1)}) AS counted`,

  /** Leads with a number ($1) and what decides their order, up to $3. */
  candidates: (isRestricted: boolean, withAddress3: boolean) =>
    within(
      isRestricted,
      CANDIDATE_COLUMNS,
      `key = $1${withAddress3 ? '' : ` AND part <> ${PART.address3}`}`,
      '$3',
    ),
} as const;

/** Leads with a number that many share, and all leads with a number, in the order of winners. */
export function createNumberReads(read: Read, withAddress3: boolean) {
  const parts = NUMBER_MATCHES.filter((match) => match !== 'address3' || withAddress3);

  async function firstOfPart(
    { key, digits }: PhoneNumber,
    match: NumberMatch,
    scope: ListScope,
    most: number,
  ): Promise<readonly Candidate[]> {
    const sql = SHARED_STATEMENTS.first(scope !== 'every list');
    const rows = await read(sql, [key, listsOf(scope), PART[match], digits, most]);
    return rows.map((row) => candidateOf(row, digits));
  }

  return {
    /** Each row of a number, in no order; undefined: there are more than `most`. */
    async candidates({ key, digits }: PhoneNumber, scope: ListScope, most: number) {
      const sql = SHARED_STATEMENTS.candidates(scope !== 'every list', withAddress3);
      const rows = await read(sql, [key, listsOf(scope), most + 1]);
      return rows.length > most ? undefined : rows.map((row) => candidateOf(row, digits));
    },

    /** The first leads of all parts; a lead comes once, by its first part. */
    async first(phone: PhoneNumber, scope: ListScope, wanted: number): Promise<readonly Candidate[]> {
      const found = new Map<number, Candidate>();
      for (const match of parts) {
        if (found.size >= wanted) break;
        // As many more as there are already: a lead that an earlier part has found does not come again.
        for (const candidate of await firstOfPart(phone, match, scope, wanted + found.size)) {
          if (!found.has(candidate.leadId)) found.set(candidate.leadId, candidate);
        }
      }
      return [...found.values()];
    },

    /** The winner, and how many there are in its part. */
    async winner(
      phone: PhoneNumber,
      scope: ListScope,
    ): Promise<readonly [winner: Candidate, matches: number] | undefined> {
      for (const match of parts) {
        const count = SHARED_STATEMENTS.count(scope !== 'every list');
        const [[winner], [counted]] = await Promise.all([
          firstOfPart(phone, match, scope, 1),
          read(count, [phone.key, listsOf(scope), PART[match]]),
        ]);
        if (winner !== undefined) return [winner, Number(counted?.[0])];
      }
      return undefined;
    },
  };
}
