import type { Config } from '../../config/settings.ts';
import { COUNTED_MATCHES, LEAD_FIELDS, PHONE_COLUMNS } from '../../core/lead.ts';
import type { CustomFields } from './custom-fields.ts';
import {
  amongFirst,
  furtherNumbers,
  hasNumber,
  type NumberPlace,
  numberPlaces,
  orderOf,
} from './number-places.ts';
import { quoteName, textFor } from './rows.ts';
import {
  byIndex,
  canFindBy,
  type Column,
  CUSTOMERS_TABLE,
  type DialerSchema,
  type PasswordForm,
  type Table,
  tableOf,
} from './schema.ts';

export type LookupRules = ReturnType<typeof lookupRules>;

/** The settings that statements depend on. */
export function lookupRules({
  address3IsPhone,
  numberBlocks,
  listScope,
  goautodialDatabase: customers,
}: Pick<Config, 'address3IsPhone' | 'numberBlocks' | 'listScope' | 'goautodialDatabase'>) {
  /** GOautodial's database on the dialer's own server; undefined: elsewhere or nowhere. */
  const customersDatabase = customers !== 'none' && 'name' in customers ? customers.name : undefined;
  return { address3IsPhone, numberBlocks, listScope, customersDatabase };
}

/** A list's custom table, as statements join it: its name, and its columns of `k`. */
type CustomTable = Pick<CustomFields, 'table' | 'columns'>;

/**
 * More rows no statement reads that looks for the winner of a number: the server ends it without the rows that are missing
 * then. Enough for a few hundred leads with one number and the lists of each.
 */
const LIMIT_EXAMINED = 'LIMIT ROWS EXAMINED 3000';

export type LookupStatements = ReturnType<typeof lookupStatements>;

/** The statements of lookups, for one dialer: their texts never change with what is asked. */
export function lookupStatements(schema: DialerSchema, rules: LookupRules) {
  const list = tableOf(schema, 'vicidial_list');
  const searched = numberPlaces(schema, rules);
  const steps = [searched.slice(0, 1), searched.slice(1)].filter(({ length }) => length > 0);
  const users = tableOf(schema, 'vicidial_users');
  const isExpected = (name: string) => expectedAccount(name, users, schema.settings.passwords);
  const unexpected = accountColumns(users);
  const account = `${unexpected}, ${isExpected('u')}`;
  const byCampaign = rules.listScope === 'campaigns';
  const { groupJoin, maySee } = campaignRule(schema);
  const customers = customersJoin(schema, rules);
  const columns = leadColumns(list, customers !== '');
  const user = `vicidial_users u ${byCampaign ? groupJoin : ''}`;
  /**
   * Leads with the number, within what the user may see. The account is read once more, as `e`, and before all leads: where it is
   * not the expected one, the server looks no further. A condition on `u` does not keep it from reading them.
   */
  const expected = `e.user_id = u.user_id AND ${isExpected('e')}`;
  const [lists, seen] = byCampaign
    ? [' LEFT JOIN vicidial_lists x ON x.list_id = p.list_id', ` AND ${maySee}`]
    : ['', ''];
  const visible = (place: NumberPlace) =>
    `(vicidial_users e STRAIGHT_JOIN ${place.from}${lists}) ON ${expected} AND ${hasNumber(place)}${seen}`;
  const inLists = (name: string, restricted: boolean) =>
    restricted ? ` AND FIND_IN_SET(${name}.list_id, ?) > 0` : '';
  const forEach = (statementFor: (place: NumberPlace) => string) => union(searched, statementFor);
  const accountAndWinner = (place: NumberPlace, isFirst: boolean) =>
    `SELECT ${isFirst ? account : `${unexpected}, 0`}, ${winner(list, place)} FROM ${user}
      LEFT JOIN ${visible(place)} WHERE u.user = ? GROUP BY u.user_id`;

  // Beside the lead: nested, as for winners, the server takes a third longer.
  const listsJoin = byCampaign ? 'LEFT JOIN vicidial_lists x ON x.list_id = l.list_id' : '';
  const seenColumns = byCampaign
    ? leadColumns(list, customers !== '', 'l', `IF(${maySee}, l.lead_id, NULL)`)
    : columns;

  return {
    /** The places that an index makes searchable, in order. */
    searched,
    /** Binds `expected` (`expectedParameters`) and the user. */
    account: `SELECT ${account} FROM vicidial_users u WHERE u.user = ? LIMIT 1`,
    /**
     * Binds `expected` twice, the lead id and the user. The lead is there only within what the user may see and where the
     * account is the expected one; behind it come the values of the custom table in which they are expected, if any.
     */
    accountAndLead: textFor<CustomTable>((custom) => {
      const selected = `${account}, ${seenColumns}${custom === undefined ? '' : `, ${custom.columns}`}`;
      return `SELECT ${selected} FROM ${user} LEFT JOIN vicidial_list l ON l.lead_id = IF(${isExpected('u')}, ?, NULL) ${listsJoin} ${customers}
        ${customJoin(custom)} WHERE u.user = ? LIMIT 1`;
    }),
    /**
     * The places step by step: most numbers are found in the first, and to search the others takes the server as long again or
     * twice.
     */
    steps,
    /**
     * One for each step. Binds `expected`; then for each place of the step `winner` of `NumberParameters`, `expected`, `match` and the
     * user. One row for each, of which the first place's says whether the account is the expected one; there are less where there is
     * no such user, or where so many leads have the number that the statement was ended.
     */
    accountAndWinners: steps.map(
      (places) =>
        `${union(places, (place) => accountAndWinner(place, place === places[0]))} ${LIMIT_EXAMINED}`,
    ),
    /** Binds the lead id; if restricted, then the list ids as a text with commas. */
    lead: (restricted: boolean) =>
      `SELECT ${columns} FROM vicidial_list l ${customers} WHERE l.lead_id = ?${inLists('l', restricted)} LIMIT 1`,
    /**
     * Binds, for each searched place, `winner`, `match` of `NumberParameters` and, if restricted, the list ids. One row for each;
     * there are less where so many leads have the number that the statement was ended.
     */
    winners: (restricted: boolean) =>
      `${forEach(
        (place) =>
          `SELECT ${winner(list, place)} FROM ${place.from} WHERE ${hasNumber(place)}${inLists('p', restricted)}`,
      )} ${LIMIT_EXAMINED}`,
    /** Binds the same. Finds the winner among the first leads that the index gives, for a number that very many share. */
    sharedWinners: (restricted: boolean) =>
      forEach(
        (place) => `SELECT ${winner(list, amongFirst(place))} FROM ${firstLeads(list, place, restricted)}
        WHERE TRUE${inLists('p', restricted)}`,
      ),
    /** Binds the lead id: a lead that was found by number, with its custom values. */
    leadAndCustom: textFor<CustomTable>((custom) => leadAndCustom(columns, customers, custom)),
    /** @see furtherNumbers */
    further: furtherNumbers(schema),
  };
}

function leadAndCustom(columns: string, customers: string, custom: CustomTable | undefined): string {
  const selected = custom === undefined ? columns : `${columns}, ${custom.columns}`;
  return `SELECT ${selected} FROM vicidial_list l ${customers} ${customJoin(custom)} WHERE l.lead_id = ? LIMIT 1`;
}

function union(places: readonly NumberPlace[], statementFor: (place: NumberPlace) => string): string {
  return places.map(statementFor).join(' UNION ALL ');
}

/**
 * Which leads a user may see: those whose list `x` is in a campaign that the user's group `g` is allowed. `seesAll`: the
 * group is allowed every campaign; `seesList`: the campaign of the list; `maySee`: one or the other.
 */
export function campaignRule(schema: DialerSchema) {
  const groups = tableOf(schema, 'vicidial_user_groups').columns;
  const ownGroup = collatedAs(
    'u.user_group',
    tableOf(schema, 'vicidial_users').columns.get('user_group'),
    groups.get('user_group'),
  );
  const campaign = collatedAs(
    'x.campaign_id',
    tableOf(schema, 'vicidial_lists').columns.get('campaign_id'),
    groups.get('allowed_campaigns'),
  );
  // As a set: ` A B -` is written with spaces around each and ends in ` -`. Anything else is broken and allows nothing.
  const allowed = "REPLACE(g.allowed_campaigns, ' ', ',')";
  const seesAll = `FIND_IN_SET('-ALL-CAMPAIGNS-', ${allowed}) > 0`;
  const seesList = `(x.campaign_id NOT IN ('', '-') AND FIND_IN_SET(${campaign}, ${allowed}) > 0)`;
  return {
    groupJoin: `LEFT JOIN vicidial_user_groups g ON g.user_group = ${ownGroup}
      AND g.allowed_campaigns LIKE '% -' AND g.allowed_campaigns NOT LIKE '%,%'`,
    seesAll,
    seesList,
    maySee: `(${seesAll}
      OR ${seesList})`,
  };
}

/** The server does not compare columns of one character set that have collations of their own. */
function collatedAs(name: string, own: Column | undefined, other: Column | undefined): string {
  const collation = other?.collation ?? null;
  const differs = collation !== null && own?.charset === other?.charset && own?.collation !== collation;
  return differs ? `${name} COLLATE ${collation}` : name;
}

/**
 * Whether the account is the one whose password fitted, may read leads and is not locked. Binds `expectedParameters`; where
 * nothing is expected it is not. By a digest, so that no password is in a statement.
 *
 * @param name the table, as the statement calls it
 */
export function expectedAccount(name: string, { columns }: Table, passwords: PasswordForm): string {
  const secret = `CONVERT(${name}.${passwords === 'plain' ? 'pass' : 'pass_hash'} USING utf8mb4)`;
  return `(${mayLogIn(name)} AND ${mayRead(name)} AND COALESCE(${isLocked(name, columns)}, 0) = 0
    AND COALESCE(SHA2(CONCAT(?, ${secret}), 256) = ?, 0))`;
}

const mayLogIn = (name: string) => `${name}.active = 'Y' AND ${name}.user_level > 0`;
const mayRead = (name: string) => `${name}.vdc_agent_api_access = '1'`;

/** By the dialer's own lock (10 failures, 15 minutes after the last login) and its own clock. */
function isLocked(name: string, columns: Table['columns']): string {
  return columns.has('failed_login_count') && columns.has('last_login_date')
    ? `${name}.failed_login_count >= 10 AND ${name}.last_login_date > NOW() - INTERVAL 15 MINUTE`
    : '0';
}

export function accountColumns({ columns }: Table): string {
  const orElse = (column: string, missing: string) => (columns.has(column) ? `u.${column}` : missing);
  return [
    'u.user_id',
    'u.user',
    orElse('pass', 'NULL'),
    orElse('pass_hash', 'NULL'),
    mayLogIn('u'),
    mayRead('u'),
    orElse('failed_login_count', '0'),
    isLocked('u', columns),
  ].join(', ');
}

/** @param lead the name of the lead's table in the statement */
export function customersJoin(
  { customers }: DialerSchema,
  { customersDatabase }: LookupRules,
  lead = 'l',
): string {
  if (customersDatabase === undefined || !canFindBy(customers, 'lead_id')) return '';
  return `LEFT JOIN ${quoteName(customersDatabase)}.${CUSTOMERS_TABLE} c ${byIndex(customers, 'lead_id')}
    ON c.lead_id = ${lead}.lead_id`;
}

/**
 * The kind of match, how many leads have the number, and which of them wins, as `lead:list:entry list`: what `orderOf` puts
 * first, then the one last called, last modified, highest id (docs/goapi-compatibility.md, Telephone numbers). Of blocks all,
 * each with how long it is behind it: the longest count. One pass without a temporary table; a column for each id would sort
 * three times (a tenth more of the server's time).
 */
function winner({ columns }: Table, place: NumberPlace): string {
  const first = orderOf(place);
  const order = [
    ...first,
    ...['last_local_call_time', 'modify_date'].filter((name) => columns.has(name)).map((name) => `p.${name}`),
    'p.lead_id',
  ];
  const entryList = columns.has('entry_list_id') ? 'COALESCE(p.entry_list_id, 0)' : '0';
  const isBlock = place.match === 'block';
  const parts = ['p.lead_id', 'COALESCE(p.list_id, 0)', entryList, ...(isBlock ? first : [])];
  const sorted = `GROUP_CONCAT(CONCAT_WS(':', ${parts.join(', ')}) ORDER BY ${order.map((part) => `${part} DESC`).join(', ')})`;
  const counted = place.holder === 'further' ? 'DISTINCT p.lead_id' : 'p.lead_id';
  return `'${place.match}', COUNT(${counted}), SUBSTRING_INDEX(${sorted}, ',', ${isBlock ? COUNTED_MATCHES + 1 : 1})`;
}

/** Where a user may not see every list, so many more are read, so that some that may be seen are among them. */
const READ_FOR_LISTS = 10 * COUNTED_MATCHES;

/**
 * The first leads with a number that the index gives, as `p`: an index of a dialer does not have the order of winners, and to
 * read all of a placeholder's takes seconds, in which calls wait (contract: *Added after 0.1*). Binds `match`.
 */
export function firstLeads(list: Table, place: NumberPlace, restricted: boolean): string {
  const columns = [
    ...PHONE_COLUMNS,
    'lead_id',
    'list_id',
    'entry_list_id',
    'last_local_call_time',
    'modify_date',
    'phone_code',
    'country_code',
  ].filter((name) => list.columns.has(name));
  const matched = [
    `${place.text} AS matched`,
    `${place.code} AS matched_code`,
    `${place.country} AS matched_country`,
  ];
  const most = restricted ? READ_FOR_LISTS : COUNTED_MATCHES;
  return `(SELECT ${columns.map((name) => `p.${name}`).join(', ')}, ${matched.join(', ')} FROM ${place.from}
    WHERE ${hasNumber(place)} LIMIT ${most + 1}) p`;
}

function customJoin(custom: CustomTable | undefined): string {
  return custom === undefined ? '' : `LEFT JOIN ${custom.table} k ON k.lead_id = l.lead_id`;
}

/**
 * The columns behind a documented answer, named one by one: a new column is never public by itself. Columns that this
 * version of the dialer does not have are null.
 *
 * @param customers whether `c` is joined, GOautodial's customers
 * @param lead the name of the lead's table in the statement
 * @param leadId the lead's id, or an expression that is null where the user may not see the lead
 */
export function leadColumns(list: Table, customers: boolean, lead = 'l', leadId = `${lead}.lead_id`): string {
  const orNull = (column: string) => (list.columns.has(column) ? `${lead}.${quoteName(column)}` : 'NULL');
  const columns = LEAD_FIELDS.slice(1).map(orNull);
  const customer = customers ? 'c.lead_id' : 'NULL';
  return [leadId, ...columns, orNull('entry_list_id'), customer, orNull('phone_code')].join(', ');
}
