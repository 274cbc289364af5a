import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import {
  countedPart,
  type LeadPage,
  type LeadStore,
  type LookupResult,
  type Page,
  type Viewer,
} from '../../core/lead-store.ts';
import {
  COUNTED_MATCHES,
  countedMatches,
  type ListScope,
  PHONE_COLUMNS,
  type PhoneColumn,
} from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { Connection } from './connection.ts';
import { createSharedNumbers } from './shared-numbers.ts';
import type { ReadBatch } from './transactions.ts';
import {
  AFTER_FOUND,
  customInfoOf,
  FOUND_COLUMNS,
  LeadResult,
  KEY_COLUMNS,
  type LeadRow,
  prepareCustomFields,
} from './rows.ts';

/** The condition by which a statement sees only leads of the lists that are bound here, as JSON; for `every list` nothing. */
function withinScope(restricted: boolean, placeholder: string): string {
  return restricted ? ` AND list_id IN (SELECT value FROM json_each(${placeholder}))` : '';
}

/** What lookups and searches of one store share. */
type LeadReads = ReturnType<typeof createLeadReads>;

function createLeadReads(database: DatabaseSync) {
  /** Its rows come as arrays. */
  function prepare(sql: string): StatementSync {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }

  const fieldsOf = prepareCustomFields(database);

  return {
    prepare,
    /** A statement for those who may see every list, and its like for the others. */
    prepareForScope(sqlOf: (restricted: boolean) => string) {
      const [all, restricted] = [prepare(sqlOf(false)), prepare(sqlOf(true))];
      return (scope: ListScope) => (scope === 'every list' ? all : restricted);
    },
    fieldsOf,
    /** @param row begins with FOUND_COLUMNS */
    foundOf(row: LeadRow): LeadResult {
      const found = new LeadResult(row);
      // Most leads have no custom values: those need no second statement.
      if (found.customJson !== null) found.custom = customInfoOf(found.customJson, fieldsOf(found.listId));
      return found;
    },
  };
}

/** The statements of searches: a test reads the query plan of each. */
export const SEARCH_STATEMENTS = {
  /**
   * Binds the key (?1), the digits as sent (?2), limit and offset (?3, ?4) and the scope if restricted (?5). Only the leads of
   * the page are read in full.
   */
  page(columns: readonly PhoneColumn[], restricted: boolean) {
    const matches = columns.map(
      (
        column,
        position,
      ) => `SELECT lead_id, ${position} AS position, ${column} = ?2 AS exact, last_local_call_time AS called,
        modify_date AS modified FROM leads WHERE ${having(columns, position, restricted)}`,
    );
    const order = 'ORDER BY position, exact DESC, called DESC, modified DESC, lead_id DESC';
    return `WITH page AS (${matches.join(' UNION ALL ')} ${order} LIMIT ?3 OFFSET ?4)
      SELECT ${FOUND_COLUMNS.join(', ')}, position FROM page CROSS JOIN leads USING (lead_id) ${order}`;
  },

  /** Binds the key (?1) and the scope if restricted (?5). */
  total(columns: readonly PhoneColumn[], restricted: boolean) {
    const counts = columns.map(
      (_, position) => `(SELECT count(*) FROM leads WHERE ${having(columns, position, restricted)})`,
    );
    return `SELECT ${counts.join(' + ')}`;
  },

  list: 'SELECT name FROM lists WHERE list_id = ?',
} as const;

/** A lead that an earlier column has found does not come again. */
function having(columns: readonly PhoneColumn[], position: number, restricted: boolean): string {
  const [own = '', ...earlier] = columns
    .slice(0, position + 1)
    .map((column) => KEY_COLUMNS[column])
    .reverse();
  const conditions = [`${own} = ?1`, ...earlier.map((key) => `${key} IS NOT ?1`)];
  return conditions.join(' AND ') + withinScope(restricted, '?5');
}

/** Reads one row within a scope. */
type ReadRow = (scope: ListScope, ...bound: readonly SQLInputValue[]) => LeadRow | undefined;

/** What lookups and searches read by one column. */
interface ByPhone {
  readonly column: PhoneColumn;
  readonly count: ReadRow;
  readonly first: ReturnType<typeof createSharedNumbers>;
}

/** Searches in the embedded store; each statement is prepared once. */
function createSearches(
  readBatch: ReadBatch,
  reads: LeadReads,
  byPhone: readonly ByPhone[],
  byId: ReadRow,
): Pick<LeadStore, 'findAll' | 'describeList'> {
  const columns = byPhone.map(({ column }) => column);
  const page = reads.prepareForScope((restricted) => SEARCH_STATEMENTS.page(columns, restricted));
  const total = reads.prepareForScope((restricted) => SEARCH_STATEMENTS.total(columns, restricted));
  const list = reads.prepare(SEARCH_STATEMENTS.list);

  function findAll(phone: PhoneNumber, scope: ListScope, wanted: Page): LeadPage {
    const isShared = byPhone.some(({ count }) => Number(count(scope, phone.key)?.[0]) > COUNTED_MATCHES);
    const page = countedPart(wanted);
    return isShared ? findFirst({ reads, byPhone, byId }, phone, scope, page) : findFew(phone, scope, page);
  }

  function findFew({ key, digits }: PhoneNumber, scope: ListScope, { limit, offset }: Page): LeadPage {
    const lists = scope === 'every list' ? {} : { 5: JSON.stringify(scope) };
    const [counted] = total(scope).all({ 1: key, ...lists }) as unknown as readonly LeadRow[];
    const matches = countedMatches(Number(counted?.[0] ?? 0));
    const bound = { 1: key, 2: digits, 3: limit, 4: offset, ...lists };
    const rows = page(scope).all(bound) as unknown as readonly LeadRow[];
    const found = rows.map((row) => {
      const result = reads.foundOf(row);
      result.foundBy = { column: columns[Number(row[AFTER_FOUND])] ?? 'phone_number', matches };
      return result;
    });
    return { total: matches, matches: found };
  }

  return {
    findAll: (phone, scope, at) => readBatch.read(() => findAll(phone, scope, at)),
    describeList: (listId) =>
      readBatch.read(() => {
        const row = list.get(listId) as unknown as LeadRow | undefined;
        if (row === undefined) return undefined;
        const fields = reads.fieldsOf(listId).map((field) => ({ ...field, caption: field.label }));
        return { listId, name: row[0] as string | null, fields };
      }),
  };
}

/** A number that more leads share than are counted. */
function findFirst(
  { reads, byPhone, byId }: { reads: LeadReads; byPhone: readonly ByPhone[]; byId: ReadRow },
  phone: PhoneNumber,
  scope: ListScope,
  { limit, offset }: Page,
): LeadPage {
  const wanted = offset + limit;
  const found = new Map<number, PhoneColumn>();
  for (const { column, first } of byPhone) {
    if (found.size >= wanted) break;
    // As many more as there are already: a lead that an earlier column has found does not come again.
    for (const leadId of first(phone, scope, wanted + found.size)) {
      if (!found.has(leadId)) found.set(leadId, column);
    }
  }
  const total = COUNTED_MATCHES + 1;
  const matches = [...found].slice(offset, wanted).flatMap(([leadId, column]) => {
    const row = byId(scope, leadId);
    if (row === undefined) return [];
    const result = reads.foundOf(row);
    result.foundBy = { column, matches: total };
    return [result];
  });
  return { total, matches };
}

/** Up to so many leads with one number are put in order by reading them all; beyond, by the index. */
const FEW = 100;

const SELECT_LEAD = `SELECT ${FOUND_COLUMNS.join(', ')}`;

/** The statements of a lookup, by what they find: a test reads the query plan of each. */
export const LOOKUP_STATEMENTS = {
  byId: (restricted: boolean) =>
    `${SELECT_LEAD} FROM leads WHERE lead_id = ?1${withinScope(restricted, '?2')}`,

  /**
   * A lead with a number, and behind it whether there is another one: 1 or 2. Binds the key (?1) and the scope if restricted
   * (?2).
   */
  anyByPhone: (column: PhoneColumn, restricted: boolean) => {
    const has = `${KEY_COLUMNS[column]} = ?1${withinScope(restricted, '?2')}`;
    return `${SELECT_LEAD}, (SELECT count(*) FROM (SELECT 1 FROM leads WHERE ${has} LIMIT 2) AS counted)
     FROM leads WHERE ${has} LIMIT 1`;
  },

  /**
   * How many leads have a number, as far as they are counted: the index alone is read. Binds the key (?1) and the scope if
   * restricted (?2).
   */
  countByPhone: (column: PhoneColumn, restricted: boolean) =>
    `SELECT count(*) FROM (SELECT 1 FROM leads
     WHERE ${KEY_COLUMNS[column]} = ?1${withinScope(restricted, '?2')} LIMIT ${COUNTED_MATCHES + 1}) AS counted`,

  /**
   * The winner of a few. Binds the key (?1), the digits as sent (?2) and the scope if restricted (?3). Exact stored digits
   * come first.
   */
  winnerByPhone: (column: PhoneColumn, restricted: boolean) =>
    `${SELECT_LEAD} FROM leads WHERE ${KEY_COLUMNS[column]} = ?1${withinScope(restricted, '?3')}
     ORDER BY ${column} = ?2 DESC, last_local_call_time DESC, modify_date DESC, lead_id DESC LIMIT 1`,
} as const;

/**
 * Lookups in the embedded store. Every statement is prepared once and reads by an index.
 *
 * @param address3IsPhone whether the operator keeps a third number in address3
 */
export function createLeadStore(connection: Connection, address3IsPhone: boolean): LeadStore {
  const { database, readBatch, country } = connection;
  const phoneColumns = PHONE_COLUMNS.filter((column) => column !== 'address3' || address3IsPhone);
  const reads = createLeadReads(database);
  const byId = rowWithin(reads, LOOKUP_STATEMENTS.byId);
  const byPhone = phoneColumns.map((column) => ({
    column,
    any: rowWithin(reads, (restricted) => LOOKUP_STATEMENTS.anyByPhone(column, restricted)),
    count: rowWithin(reads, (restricted) => LOOKUP_STATEMENTS.countByPhone(column, restricted)),
    winner: rowWithin(reads, (restricted) => LOOKUP_STATEMENTS.winnerByPhone(column, restricted)),
    first: createSharedNumbers(reads.prepare, column),
  }));

  function findById(leadId: number, scope: ListScope): LeadResult | undefined {
    const row = byId(scope, leadId);
    return row === undefined ? undefined : reads.foundOf(row);
  }

  /** Most numbers are one lead's, which one statement finds. */
  function findByPhone(phone: PhoneNumber, scope: ListScope): LookupResult | undefined {
    for (const { column, any, ...several } of byPhone) {
      const row = any(scope, phone.key);
      if (row === undefined) continue;
      const isOnly = row[AFTER_FOUND] === 1;
      const [winner, matches] = isOnly ? [row, 1] : winnerOf(several, phone, scope);
      if (winner === undefined) continue;
      const found = reads.foundOf(winner);
      found.foundBy = { column, matches };
      return found;
    }
    return undefined;
  }

  function winnerOf(
    { count, winner, first }: Omit<(typeof byPhone)[number], 'column' | 'any'>,
    phone: PhoneNumber,
    scope: ListScope,
  ): readonly [LeadRow | undefined, matches: number] {
    const matches = Number(count(scope, phone.key)?.[0]);
    if (matches <= FEW) return [winner(scope, phone.key, phone.digits), matches];
    const [leadId] = first(phone, scope, 1);
    return [leadId === undefined ? undefined : byId(scope, leadId), matches];
  }

  return {
    country,
    phoneColumns,
    ...createSearches(readBatch, reads, byPhone, byId),
    find: (query, viewer) =>
      readBatch.read(() => {
        const scope = listsSeenBy(viewer);
        return query.by === 'lead_id' ? findById(query.leadId, scope) : findByPhone(query.phone, scope);
      }),
  };
}

function listsSeenBy(viewer: Viewer): ListScope {
  return viewer === 'every list' || !('identity' in viewer) ? viewer : (viewer.lists ?? []);
}

/** Reads one row within a scope, whose lists, if there are any, are bound last. */
function rowWithin(reads: LeadReads, sqlOf: (restricted: boolean) => string): ReadRow {
  const statement = reads.prepareForScope(sqlOf);
  return (scope, ...bound) =>
    (scope === 'every list'
      ? statement(scope).get(...bound)
      : statement(scope).get(...bound, JSON.stringify(scope))) as LeadRow | undefined;
}
