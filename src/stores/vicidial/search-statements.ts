import { PHONE_COLUMNS, type PhoneColumn } from '../../core/lead.ts';
import { canFindBy, type DialerSchema } from './schema.ts';
import {
  campaignRule,
  firstLeads,
  type LookupRules,
  searchedColumns,
  SPELLINGS,
  tableOf,
} from './statements.ts';

/** The statements of searches, for one dialer: their texts never change with what is asked. */
export function searchStatements(schema: DialerSchema, rules: LookupRules) {
  const list = tableOf(schema, 'vicidial_list');
  const searched = searchedColumns(list, rules.address3IsPhone);
  const has = (column: string) => list.columns.has(column);
  const orElse = (column: string, missing: string) => (has(column) ? `COALESCE(p.${column}, 0)` : missing);
  const times = ['last_local_call_time', 'modify_date'].filter(has);

  /** A lead that an earlier column has found does not come again. */
  function found(column: PhoneColumn, restricted: boolean): string {
    const earlier = searched.slice(0, searched.indexOf(column));
    return [
      `FROM ${firstLeads(list, column, restricted)} WHERE TRUE`,
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
  const lists = tableOf(schema, 'vicidial_lists');
  return {
    /**
     * A page of leads: the column's position in the order of search, lead, list and entry list. Binds, for each searched
     * column, the digits, its spellings and those of the columns before it and, if restricted, the list ids; then limit
     * and offset.
     */
    page: (restricted: boolean) =>
      `SELECT m.search_order, m.lead_id, m.list_id, m.entry_list_id FROM (${union((column) => match(column, restricted))}) m
      ORDER BY m.search_order, ${order.join(', ')} LIMIT ? OFFSET ?`,
    /** How many there are, a row for each searched column. Binds the same, but for the digits, limit and offset. */
    totals: (restricted: boolean) => union((column) => `SELECT COUNT(*) ${found(column, restricted)}`),
    /** The lists that a user may see: a row for each, or one row that says all. Binds the user. Undefined: all lists. */
    userLists: rules.listScope === 'campaigns' ? userLists(schema) : undefined,
    /** The name of a list. Binds its id. Undefined: lists have none here. */
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
