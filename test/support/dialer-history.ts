import { asDatabaseRoot, insertRows, type Address } from './root-sql.ts';

/** The past of leads, as far as it is read; the dialer's other columns are left out. */
const TABLES: Readonly<Record<string, string>> = {
  vicidial_log: `
    uniqueid varchar(20) NOT NULL, lead_id int(9) unsigned NOT NULL, list_id bigint(14) unsigned DEFAULT NULL,
    campaign_id varchar(8) DEFAULT NULL, call_date datetime DEFAULT NULL, length_in_sec int(10) DEFAULT NULL,
    status varchar(6) DEFAULT NULL, phone_number varchar(18) DEFAULT NULL, user varchar(20) DEFAULT NULL,
    PRIMARY KEY (uniqueid), KEY lead_id (lead_id), KEY call_date (call_date)`,
  vicidial_closer_log: `
    closecallid int(9) unsigned NOT NULL AUTO_INCREMENT, lead_id int(9) unsigned NOT NULL,
    campaign_id varchar(20) DEFAULT NULL, call_date datetime DEFAULT NULL, length_in_sec int(10) DEFAULT NULL,
    status varchar(6) DEFAULT NULL, phone_number varchar(18) DEFAULT NULL, user varchar(20) DEFAULT NULL,
    uniqueid varchar(20) NOT NULL DEFAULT '',
    PRIMARY KEY (closecallid), KEY lead_id (lead_id), KEY phone_number (phone_number)`,
  vicidial_call_notes: `
    notesid int(9) unsigned NOT NULL AUTO_INCREMENT, lead_id int(9) unsigned NOT NULL, vicidial_id varchar(20) DEFAULT NULL,
    call_date datetime DEFAULT NULL, call_notes text DEFAULT NULL, PRIMARY KEY (notesid), KEY lead_id (lead_id)`,
  vicidial_callbacks: `
    callback_id int(9) unsigned NOT NULL AUTO_INCREMENT, lead_id int(9) unsigned DEFAULT NULL,
    campaign_id varchar(8) DEFAULT NULL, status varchar(10) DEFAULT NULL, entry_time datetime DEFAULT NULL,
    callback_time datetime DEFAULT NULL, user varchar(20) DEFAULT NULL, recipient enum('USERONLY','ANYONE') DEFAULT NULL,
    comments varchar(255) DEFAULT NULL, PRIMARY KEY (callback_id), KEY lead_id (lead_id)`,
  vicidial_statuses: `status varchar(6) NOT NULL, status_name varchar(30) DEFAULT NULL, PRIMARY KEY (status)`,
  vicidial_campaign_statuses: `
    status varchar(6) NOT NULL, status_name varchar(30) DEFAULT NULL, campaign_id varchar(20) DEFAULT NULL,
    UNIQUE KEY vicidial_campaign_statuses_key (status, campaign_id)`,
  vicidial_campaigns: `
    campaign_id varchar(8) NOT NULL, hide_call_log_info varchar(10) DEFAULT 'N', PRIMARY KEY (campaign_id)`,
  vicidial_dnc: `phone_number varchar(18) NOT NULL, PRIMARY KEY (phone_number)`,
  vicidial_campaign_dnc: `
    phone_number varchar(18) NOT NULL, campaign_id varchar(8) NOT NULL, KEY phone_number (phone_number),
    UNIQUE KEY phonecamp (phone_number, campaign_id)`,
};

export const HISTORY_TABLE_NAMES: readonly string[] = Object.keys(TABLES);

type Rows = readonly Readonly<Record<string, string | number | null>>[];

/** Makes the tables with these rows, and lets an account of the database read them. */
export function createHistory(
  server: Address,
  account: string,
  rows: Readonly<Record<string, Rows>>,
): Promise<void> {
  return asDatabaseRoot(server, async (root) => {
    await root.query('USE asterisk');
    for (const [table, columns] of Object.entries(TABLES)) {
      await root.query(`CREATE OR REPLACE TABLE ${table} (${columns}) ENGINE=MyISAM`);
      await root.query(`GRANT SELECT ON ${table} TO ?@'%'`, [account]);
      for (const row of rows[table] ?? [])
        await insertRows(root, table, Object.keys(row), [Object.values(row)]);
    }
  });
}
