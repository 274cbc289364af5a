import { asDatabaseRoot, insertRows, type Address } from './root-sql.ts';

/** The dialer's logs of calls, as far as they are read by lead; its other columns are left out. */
const TABLES: Readonly<Record<string, string>> = {
  vicidial_log: `
    uniqueid varchar(20) NOT NULL, lead_id int(9) unsigned NOT NULL, list_id bigint(14) unsigned DEFAULT NULL,
    campaign_id varchar(8) DEFAULT NULL, call_date datetime DEFAULT NULL, length_in_sec int(10) DEFAULT NULL,
    status varchar(6) DEFAULT NULL, phone_number varchar(18) DEFAULT NULL, user varchar(20) DEFAULT NULL,
    term_reason varchar(20) DEFAULT 'NONE', PRIMARY KEY (uniqueid), KEY lead_id (lead_id), KEY call_date (call_date)`,
  vicidial_closer_log: `
    closecallid int(9) unsigned NOT NULL AUTO_INCREMENT, lead_id int(9) unsigned NOT NULL,
    list_id bigint(14) unsigned DEFAULT NULL, campaign_id varchar(20) DEFAULT NULL, call_date datetime DEFAULT NULL,
    length_in_sec int(10) DEFAULT NULL, status varchar(6) DEFAULT NULL, user varchar(20) DEFAULT NULL,
    queue_seconds decimal(7,2) DEFAULT 0.00, term_reason varchar(20) DEFAULT 'NONE',
    PRIMARY KEY (closecallid), KEY lead_id (lead_id)`,
  vicidial_agent_log: `
    agent_log_id int(9) unsigned NOT NULL AUTO_INCREMENT, user varchar(20) DEFAULT NULL, event_time datetime DEFAULT NULL,
    lead_id int(9) unsigned DEFAULT NULL, campaign_id varchar(8) DEFAULT NULL, pause_sec smallint(5) unsigned DEFAULT 0,
    wait_sec smallint(5) unsigned DEFAULT 0, talk_sec smallint(5) unsigned DEFAULT 0,
    dispo_sec smallint(5) unsigned DEFAULT 0, status varchar(6) DEFAULT NULL, user_group varchar(20) DEFAULT NULL,
    sub_status varchar(6) DEFAULT NULL, PRIMARY KEY (agent_log_id), KEY lead_id (lead_id)`,
  recording_log: `
    recording_id int(10) unsigned NOT NULL AUTO_INCREMENT, start_time datetime DEFAULT NULL,
    start_epoch int(10) unsigned DEFAULT NULL, end_epoch int(10) unsigned DEFAULT NULL,
    length_in_sec mediumint(8) unsigned DEFAULT NULL, filename varchar(100) DEFAULT NULL,
    location varchar(255) DEFAULT NULL, lead_id int(9) unsigned DEFAULT NULL, user varchar(20) DEFAULT NULL,
    PRIMARY KEY (recording_id), KEY lead_id (lead_id)`,
};

/** Two calls to a lead, one from it, and what an agent and the recorder wrote of them. */
const ROWS: Readonly<Record<string, (lead: number) => Readonly<Record<string, string | number | null>>[]>> = {
  vicidial_log: (lead) => [
    {
      ...{ uniqueid: '1764490000.1', lead_id: lead, list_id: 22799125, campaign_id: 'L1', status: 'NA' },
      ...{ call_date: '2026-03-10 10:00:00', length_in_sec: 4, phone_number: '8004321000', user: 'VDAD' },
    },
    {
      ...{ uniqueid: '1764490000.2', lead_id: lead, list_id: 22799125, campaign_id: 'L1', status: 'SALE' },
      ...{ call_date: '2026-03-11 10:00:00', length_in_sec: 3725, phone_number: '8004321000', user: 'Bruno' },
      term_reason: 'AGENT',
    },
  ],
  vicidial_closer_log: (lead) => [
    {
      ...{ lead_id: lead, list_id: 22799125, campaign_id: 'SALESLINE', status: 'INFO', user: 'Bruno' },
      ...{ call_date: '2026-03-12 09:30:00', length_in_sec: 61, queue_seconds: '7.25' },
    },
  ],
  vicidial_agent_log: (lead) => [
    {
      ...{
        lead_id: lead,
        user: 'Bruno',
        event_time: '2026-03-11 09:59:50',
        campaign_id: 'L1',
        status: 'SALE',
      },
      ...{ pause_sec: 5, wait_sec: 10, talk_sec: 3725, dispo_sec: 20, user_group: 'G1', sub_status: null },
    },
  ],
  recording_log: (lead) => [
    {
      ...{ lead_id: lead, user: 'Bruno', start_time: '2026-03-11 10:00:00', start_epoch: 1773223200 },
      ...{ end_epoch: 1773226925, length_in_sec: 3725, filename: '20260311-100000_8004321000' },
      location: 'http://10.0.0.9/RECORDINGS/MP3/20260311-100000_8004321000-all.mp3',
    },
  ],
};

export const CALL_LOG_TABLES: readonly string[] = Object.keys(TABLES);

/** Makes the tables with calls of these leads. */
export function createCallLogs(server: Address, leads: readonly number[]): Promise<void> {
  return asDatabaseRoot(server, async (root) => {
    await root.query('USE asterisk');
    for (const [table, columns] of Object.entries(TABLES)) {
      await root.query(`CREATE OR REPLACE TABLE ${table} (${columns}) ENGINE=MyISAM`);
      for (const row of leads.flatMap((lead) => ROWS[table]?.(lead) ?? [])) {
        await insertRows(root, table, Object.keys(row), [Object.values(row)]);
      }
    }
  });
}

/** Lets a database account read some of them. */
export function allowCallLogs(server: Address, account: string, tables = CALL_LOG_TABLES): Promise<void> {
  return asDatabaseRoot(server, async (root) => {
    for (const table of tables) {
      await root.query(`GRANT SELECT ON asterisk.${root.escapeId(table)} TO ?@'%'`, [account]);
    }
  });
}
