import type { Connection } from 'mariadb';

import { LEAD_TEXT_FIELDS, type CustomField } from '../../src/core/lead.ts';
import type { DescribedLead, DescribedList, StoreDescription } from '../stores/described-store.ts';
import { describeDataset, readDataset } from './dataset.ts';
import { customTextOf, type DialerOptions } from './dialer-columns.ts';
import { createDialerTables, tableOptions } from './dialer-tables.ts';
import { campaignOf, dialerUsers } from './dialer-users.ts';
import { asDatabaseRoot, insertRows, type Address } from './root-sql.ts';

/** Makes the dialer's databases and loads a description into them; what was in them is gone. */
export async function fillDialer(
  server: Address,
  { lists, leads, users }: StoreDescription,
  options: DialerOptions = {},
): Promise<void> {
  await createDialerTables(server, options);
  await asDatabaseRoot(server, async (root) => {
    // The dialer would cut what does not fit, and put ? for what its character set does not have. Test data must fit.
    if (options.stock !== true) await root.query("SET sql_mode = 'STRICT_ALL_TABLES'");
    await root.query('USE asterisk');
    await insertLists(root, lists);
    for (const list of lists) await createCustomTable(root, list, options);
    await insertLeads(root, leads);
    await insertFurther(root, leads);
    await insertCustom(root, lists, leads);
    const { groups, rows } = dialerUsers(lists, users);
    await insertRows(root, 'vicidial_user_groups', ['user_group', 'group_name', 'allowed_campaigns'], groups);
    await insertRows(root, 'vicidial_users', USER_COLUMNS, rows);
    if (options.withGoautodial !== false) {
      const customers = leads
        .filter(({ isCustomer }) => isCustomer)
        .map((lead) => [lead.lead_id, lead.list_id]);
      await insertRows(root, 'goautodial.go_customers', ['lead_id', 'group_list_id'], customers);
    }
  });
}

/** The contract's data set in the dialer's tables. */
export function loadDatasetIntoDialer(
  server: Address,
  dataset = readDataset(),
  options: DialerOptions = {},
): Promise<void> {
  return fillDialer(server, describeDataset(dataset), options);
}

const USER_COLUMNS = ['user', 'pass', 'user_group', 'active', 'vdc_agent_api_access'];

async function insertLists(root: Connection, lists: readonly DescribedList[]): Promise<void> {
  await insertRows(
    root,
    'vicidial_lists',
    ['list_id', 'list_name', 'campaign_id', 'active'],
    lists.map(({ list_id, name }, at) => [list_id, name, campaignOf(at), 'Y']),
  );
  const fields = lists.flatMap(({ list_id, fields: own = [] }) =>
    own.map(({ label, type }, at) => [
      list_id,
      label,
      `Caption of ${label}`.slice(0, 200),
      // Two fields share a line of the form, so that rank alone does not order them.
      Math.floor(at / 2) + 1,
      (at % 2) + 1,
      type === 'NUMBER' ? 'TEXT' : type,
    ]),
  );
  // Backwards, so that a query without ORDER BY is noticed.
  await insertRows(
    root,
    'vicidial_lists_fields',
    ['list_id', 'field_label', 'field_name', 'field_rank', 'field_order', 'field_type'],
    fields.reverse(),
  );
}

async function createCustomTable(
  root: Connection,
  { list_id, fields = [] }: DescribedList,
  options: DialerOptions,
): Promise<void> {
  if (fields.length === 0) return;
  const columns = fields.map(({ label, type }) => `${root.escapeId(label)} ${customColumn(type, options)}`);
  await root.query(
    `CREATE TABLE custom_${list_id} (lead_id int(9) unsigned NOT NULL, ${columns.join(', ')}, PRIMARY KEY (lead_id))
      ${tableOptions(options)}`,
  );
}

/** NUMBER is no type of the dialer's: there it is a column of whole numbers. */
function customColumn(type: CustomField['type'], options: DialerOptions): string {
  switch (type) {
    case 'NUMBER':
      return 'int DEFAULT NULL';
    case 'DATE':
      return 'date DEFAULT NULL';
    case 'TIME':
      return 'time DEFAULT NULL';
    case 'AREA':
      return `${customTextOf(options, 'text')} DEFAULT NULL`;
    case 'TEXT':
    case 'SELECT':
    case 'MULTI':
    case 'RADIO':
    case 'CHECKBOX':
      return `${customTextOf(options, 'varchar(255)')} DEFAULT NULL`;
  }
}

async function insertLeads(root: Connection, leads: readonly DescribedLead[]): Promise<void> {
  const columns = [
    'lead_id',
    'list_id',
    'last_local_call_time',
    'modify_date',
    'phone_code',
    ...LEAD_TEXT_FIELDS,
  ];
  await insertRows(
    root,
    'vicidial_list',
    columns,
    leads.map((lead) => [
      lead.lead_id,
      lead.list_id,
      lead.lastLocalCallTime ?? null,
      lead.modifyDate ?? '2026-01-01 00:00:00',
      lead.phoneCode ?? null,
      // The dialer has no lead without a number: there it is an empty text.
      ...LEAD_TEXT_FIELDS.map((field) => lead[field] ?? (field === 'phone_number' ? '' : null)),
    ]),
  );
}

async function insertFurther(root: Connection, leads: readonly DescribedLead[]): Promise<void> {
  const rows = leads.flatMap(({ lead_id, further = [] }) =>
    further.map(({ number, label, phoneCode, isActive = true }, at) => [
      lead_id,
      phoneCode ?? '',
      number,
      label ?? '',
      at + 1,
      isActive ? 'Y' : 'N',
    ]),
  );
  if (rows.length === 0) return;
  const columns = ['lead_id', 'phone_code', 'phone_number', 'alt_phone_note', 'alt_phone_count', 'active'];
  await insertRows(root, 'vicidial_list_alt_phones', columns, rows);
}

async function insertCustom(
  root: Connection,
  lists: readonly DescribedList[],
  leads: readonly DescribedLead[],
): Promise<void> {
  for (const { list_id, fields = [] } of lists) {
    const rows = leads
      .filter((lead) => lead.list_id === list_id && lead.custom !== undefined)
      .map(({ lead_id, custom }) => {
        const values = new Map(custom);
        return [lead_id, ...fields.map(({ label }) => values.get(label) ?? null)];
      });
    const columns = ['lead_id', ...fields.map(({ label }) => label)];
    await insertRows(root, `custom_${list_id}`, columns, rows);
  }
}
