import { NUMBER_MATCHES } from '../../core/lead.ts';
import { amongFirst, hasNotIn, type NumberPlace, numberPlaces, orderOf } from './number-places.ts';
import { canFindBy, type DialerSchema, tableOf } from './schema.ts';
import { campaignRule, firstLeads, type LookupRules } from './statements.ts';

/** The statements of searches, for one dialer: their texts never change with what is asked. */
export function searchStatements(schema: DialerSchema, rules: LookupRules) {
  const list = tableOf(schema, 'vicidial_list');
  const searched = numberPlaces(schema, rules);
  const has = (column: string) => list.columns.has(column);
  const orElse = (column: string, missing: string) => (has(column) ? `COALESCE(p.${column}, 0)` : missing);
  const times = ['last_local_call_time', 'modify_date'].filter(has);

  /** A lead that an earlier place has found does not come again. */
  function found(place: NumberPlace, restricted: boolean): string {
    const earlier = searched.slice(0, searched.indexOf(place));
    return [
      `FROM ${firstLeads(list, place, restricted)} WHERE TRUE`,
      ...earlier.map((other) => hasNotIn(schema, other)),
      ...(restricted ? ['FIND_IN_SET(p.list_id, ?) > 0'] : []),
    ].join(' AND ');
  }

  /** A lead has several further numbers, and several of them may be spellings of one. */
  function match(place: NumberPlace, restricted: boolean): string {
    const [first = '0', second = '0'] = orderOf(amongFirst(place));
    const isOne = place.holder !== 'further';
    const best = (name: string) => (isOne ? name : `MAX(${name})`);
    const selected = [
      `${NUMBER_MATCHES.indexOf(place.match)} AS search_order`,
      'p.lead_id',
      `${best(orElse('list_id', '0'))} AS list_id`,
      `${best(orElse('entry_list_id', '0'))} AS entry_list_id`,
      `${best(first)} AS first_order`,
      `${best(second)} AS second_order`,
      ...times.map((name) => `${best(`p.${name}`)} AS ${name}`),
    ];
    return `SELECT ${selected.join(', ')} ${found(place, restricted)}${isOne ? '' : ' GROUP BY p.lead_id'}`;
  }

  const union = (statementFor: (place: NumberPlace) => string) =>
    searched.map(statementFor).join(' UNION ALL ');
  const order = ['m.first_order', 'm.second_order', ...times.map((name) => `m.${name}`), 'm.lead_id'].map(
    (name) => `${name} DESC`,
  );
  const lists = tableOf(schema, 'vicidial_lists');
  return {
    /**
     * A page of leads: the match's position in the order of search, lead, list and entry list. Binds, for each searched
     * place, `order`, its `match` and those of the places before it and, if restricted, the list ids; then
     * limit and offset.
     */
    page: (restricted: boolean) =>
      `SELECT m.search_order, m.lead_id, m.list_id, m.entry_list_id FROM (${union((place) => match(place, restricted))}) m
      ORDER BY m.search_order, ${order.join(', ')} LIMIT ? OFFSET ?`,
    /** How many there are, a row for each searched place. Binds the same, but for `order`, limit and offset. */
    totals: (restricted: boolean) =>
      union((place) => `SELECT COUNT(DISTINCT p.lead_id) ${found(place, restricted)}`),
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
