import { PHONE_COLUMNS, type PhoneColumn } from '../../core/lead.ts';
import { canFindBy, type DialerSchema } from './schema.ts';
import {
  byIndex,
  campaignRule,
  searchedColumns,
  SPELLINGS,
  tableOf,
  type LookupRules,
} from './statements.ts';

/** The statements of searches, for one dialer: their texts never change with what is asked. */
export interface SearchStatements {
  /**
   * A page of leads: the column's position in the order of search, lead, list and entry list. Binds, for each searched column,
   * the digits, its spellings and those of the columns before it and, if restricted, the list ids; then limit and offset.
   */
  readonly page: (restricted: boolean) => string;
  /** How many there are, a row for each searched column. Binds the same, but for the digits, limit and offset. */
  readonly totals: (restricted: boolean) => string;
  /**
   * The lists that a user may see: a row for each, or one row that says all. Binds the user. Undefined: every user may see
   * every list.
   */
  readonly userLists: string | undefined;
  /** The name of a list. Binds its id. Undefined: lists have none here. */
  readonly listName: string | undefined;
}

export function searchStatements(schema: DialerSchema, rules: LookupRules): SearchStatements {
  const list = tableOf(schema, 'vicidial_list');
  const searched = searchedColumns(list, rules.address3IsPhone);
  const has = (column: string) => list.columns.has(column);
  const orElse = (column: string, missing: string) => (has(column) ? `COALESCE(p.${column}, 0)` : missing);
  const times = ['last_local_call_time', 'modify_date'].filter(has);

  /** A lead that an earlier column has found does not come again. */
  function found(column: PhoneColumn, restricted: boolean): string {
    const earlier = searched.slice(0, searched.indexOf(column));
    return [
      `FROM vicidial_list p ${byIndex(list, column)} WHERE p.${column} IN ${SPELLINGS}`,
      ...earlier.map((other) => `COALESCE(p.${other} IN ${SPELLINGS}, 0) = 0`),
      ...(restricted ? ['FIND_IN_SET(p.list_id, ?) > 0'] : []),
    ].join(' AND ');
  }

  function match(column: PhoneColumn, restricted: boolean): string {
    const selected = [
      `${PHONE_COLUMNS.indexOf(column)} AS search_order`,
      'p.lead_id',
      `${orElse('list_id', '0')} AS list_id`,
      `${orElse('entry_list_id', '0')} AS entry_list_id`,
      `p.${column} = ? AS exact`,
      ...times.map((name) => `p.${name}`),
    ];
    return `SELECT ${selected.join(', ')} ${found(column, restricted)}`;
  }

  const union = (statementFor: (column: PhoneColumn) => string) =>
    searched.map(statementFor).join(' UNION ALL ');
  const order = ['m.exact', ...times.map((name) => `m.${name}`), 'm.lead_id'].map((name) => `${name} DESC`);
  const page = (restricted: boolean) =>
    `SELECT m.search_order, m.lead_id, m.list_id, m.entry_list_id FROM (${union((column) => match(column, restricted))}) m
      ORDER BY m.search_order, ${order.join(', ')} LIMIT ? OFFSET ?`;
  const totals = (restricted: boolean) => union((column) => `SELECT COUNT(*) ${found(column, restricted)}`);

  const lists = tableOf(schema, 'vicidial_lists');
  return {
    page: forBoth(page),
    totals: forBoth(totals),
    userLists: rules.listScope === 'campaigns' ? userLists(schema) : undefined,
    listName: canFindBy(lists, 'list_id')
      ? `SELECT ${lists.columns.has('list_name') ? 'list_name' : 'NULL'} FROM vicidial_lists WHERE list_id = ? LIMIT 1`
      : undefined,
  };
}

function userLists(schema: DialerSchema): string {
  const { groupJoin, seesAll, seesList } = campaignRule(schema);
  return `SELECT COALESCE(${seesAll}, 0), x.list_id FROM vicidial_users u ${groupJoin}
    LEFT JOIN vicidial_lists x ON NOT ${seesAll} AND ${seesList} WHERE u.user = ?`;
}

/** Each text is put together once: a statement is found again by its text. */
function forBoth(statementFor: (restricted: boolean) => string): (restricted: boolean) => string {
  const [all, some] = [statementFor(false), statementFor(true)];
  return (restricted) => (restricted ? some : all);
}
