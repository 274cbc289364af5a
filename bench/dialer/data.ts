import { createReadOnlyUser } from '../../test/support/dialer-accounts.ts';
import { createDialerTables } from '../../test/support/dialer-tables.ts';
import type { MariadbServer } from '../../test/support/mariadb-server.ts';
import { USER } from '../lookups/store.ts';

export const READER = { user: 'callercard', password: 'reads only' } as const;

export const LISTS = 10;
export const FIRST_LIST = 1_000;
const CUSTOM_FIELDS = ['policy', 'plan', 'renewal', 'visits', 'notes', 'agent_code', 'branch', 'channel'];

/** The list of a lead: ten lists, loaded one after the other. */
export function listOf(leadId: number, leads: number): number {
  return FIRST_LIST + Math.floor((leadId - 1) / (leads / LISTS));
}

/** Every second list has custom fields, and each of its leads a row in them. */
export function hasCustomFields(listId: number): boolean {
  return (listId - FIRST_LIST) % 2 === 0;
}

/** A dialer with so many leads, half of them with a custom row, made by the server itself from a sequence. */
export async function createBenchDialer(server: MariadbServer, leads: number): Promise<void> {
  await createDialerTables(server, { altPhoneIndex: true });
  const lists = Array.from({ length: LISTS }, (_, at) => FIRST_LIST + at);
  await server.runRootSql(`USE asterisk;
    INSERT INTO vicidial_lists (list_id, list_name, campaign_id, active)
      SELECT ${FIRST_LIST - 1} + seq, CONCAT('List ', seq), CONCAT('C', seq), 'Y' FROM seq_1_to_${LISTS};
    INSERT INTO vicidial_user_groups (user_group, group_name, allowed_campaigns)
      VALUES ('AGENTS', 'Agents', ' C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 -');
    INSERT INTO vicidial_users (user, pass, user_level, user_group, active, vdc_agent_api_access)
      VALUES ('${USER.name}', '${USER.password}', 1, 'AGENTS', 'Y', '1');
    INSERT INTO vicidial_list (lead_id, list_id, entry_list_id, phone_number, alt_phone, title, first_name, last_name,
        email, address1, address2, address3, city, state, postal_code, country_code, gender, date_of_birth, status,
        user, comments, modify_date, last_local_call_time)
      SELECT seq, ${FIRST_LIST} + (seq - 1) DIV ${leads / LISTS}, 0, 5500000000 + (seq * 7919) % 90000000,
        IF(seq % 2 = 0, NULL, 3300000000 + seq), 'Sra', CONCAT('María ', seq % 5000), CONCAT('Hernández ', seq % 9973),
        CONCAT('lead', seq, '@example.com'), CONCAT('Av. Reforma ', seq % 3000), CONCAT('Interior ', seq % 50),
        'Col. Centro', 'Guadalajara', 'Jalisco', 10000 + seq % 80000, 'MX', 'F', '1980-02-29', 'NEW',
        CONCAT('agent', seq % 50), 'Additional information was requested.', '2026-01-01', NULL
      FROM seq_1_to_${leads};
    INSERT INTO goautodial.go_customers (lead_id, group_list_id) SELECT seq * 5, 1 FROM seq_1_to_${leads / 5};
    ${lists.filter(hasCustomFields).map(customSql).join('\n')}
    ANALYZE TABLE vicidial_list, vicidial_lists, vicidial_users, vicidial_user_groups;`);
  await createReadOnlyUser(server, READER.user, READER.password);
}

function customSql(listId: number): string {
  const columns = CUSTOM_FIELDS.map((label) => `${label} ${label === 'visits' ? 'int' : 'varchar(60)'}`);
  const values = CUSTOM_FIELDS.map((label) =>
    label === 'visits' ? 'lead_id % 90' : `CONCAT('${label} ', lead_id % 700)`,
  );
  return `CREATE TABLE custom_${listId} (lead_id int(9) unsigned PRIMARY KEY, ${columns.join(', ')}) ENGINE=MyISAM;
    INSERT INTO custom_${listId} SELECT lead_id, ${values.join(', ')} FROM vicidial_list
      WHERE list_id = ${listId};
    INSERT INTO vicidial_lists_fields (list_id, field_label, field_name, field_rank, field_order, field_type) VALUES
      ${CUSTOM_FIELDS.map((label, at) => `(${listId}, '${label}', '${label}', ${at + 1}, 1, 'TEXT')`).join(', ')};`;
}
