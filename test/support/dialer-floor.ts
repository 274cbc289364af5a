import { asDatabaseRoot, insertRows, type Address } from './root-sql.ts';

/** Who is on which call, as far as it is read; the dialer's other columns are left out. */
export const FLOOR_COLUMNS: Readonly<Record<string, string>> = {
  vicidial_live_agents: `
    live_agent_id int(9) unsigned NOT NULL AUTO_INCREMENT,
    user varchar(20) DEFAULT NULL,
    server_ip varchar(15) NOT NULL DEFAULT '10.0.0.9',
    status enum('READY','QUEUE','INCALL','PAUSED','CLOSER','MQUEUE') DEFAULT 'PAUSED',
    lead_id int(9) unsigned NOT NULL DEFAULT 0,
    campaign_id varchar(8) DEFAULT NULL,
    uniqueid varchar(20) DEFAULT NULL,
    callerid varchar(20) DEFAULT NULL,
    channel varchar(100) DEFAULT NULL,
    last_call_time datetime DEFAULT NULL,
    last_update_time timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    comments varchar(20) DEFAULT NULL,
    last_state_change datetime DEFAULT NULL,
    conf_exten varchar(20) DEFAULT NULL,
    pause_code varchar(6) DEFAULT '',
    on_hook_agent enum('Y','N') DEFAULT 'N',
    ring_callerid varchar(20) DEFAULT '',
    preview_lead_id int(9) unsigned DEFAULT 0,
    PRIMARY KEY (live_agent_id),
    KEY last_update_time (last_update_time),
    KEY vlali (lead_id),
    KEY vlaus (user)`,
  vicidial_auto_calls: `
    auto_call_id int(9) unsigned NOT NULL AUTO_INCREMENT,
    campaign_id varchar(20) DEFAULT NULL,
    status enum('SENT','RINGING','LIVE','XFER','PAUSED','CLOSER','BUSY','DISCONNECT','IVR') DEFAULT 'PAUSED',
    lead_id int(9) unsigned NOT NULL DEFAULT 0,
    uniqueid varchar(20) DEFAULT NULL,
    callerid varchar(20) DEFAULT NULL,
    channel varchar(100) DEFAULT NULL,
    phone_code varchar(10) DEFAULT NULL,
    phone_number varchar(18) DEFAULT NULL,
    call_time datetime DEFAULT NULL,
    call_type enum('IN','OUT','OUTBALANCE') DEFAULT 'OUT',
    PRIMARY KEY (auto_call_id),
    KEY uniqueid (uniqueid),
    KEY callerid (callerid),
    KEY call_time (call_time)`,
};

export const FLOOR_TABLES: readonly string[] = Object.keys(FLOOR_COLUMNS);

type Cells = Readonly<Record<string, string | number | null>>;

/** What an agent's row says, over one that waits for calls. */
export type FloorAgent = Cells & { readonly user: string };

/** The dialer's floor at the moment: these agents, with these calls, and nobody else. */
export function setFloor(
  server: Address,
  agents: readonly FloorAgent[],
  calls: readonly Cells[] = [],
): Promise<void> {
  return asDatabaseRoot(server, async (root) => {
    await root.query('USE asterisk');
    // One statement for all: whoever reads in between would see calls end.
    const kept = agents.map(({ user }) => user);
    await root.query('DELETE FROM vicidial_live_agents WHERE user NOT IN (?)', [
      kept.length === 0 ? [''] : kept,
    ]);
    await root.query('DELETE FROM vicidial_auto_calls');
    for (const call of calls)
      await insertRows(root, 'vicidial_auto_calls', Object.keys(call), [Object.values(call)]);
    for (const agent of agents) {
      const row: Cells = { status: 'READY', campaign_id: 'L1', callerid: '', comments: '', ...agent };
      const sets = [...Object.keys(row)].map((column) => `${root.escapeId(column)} = ?`);
      await root.query('START TRANSACTION');
      const update = `UPDATE vicidial_live_agents SET ${sets.join(', ')}, last_update_time = NOW(), last_state_change = NOW() WHERE user = ?`;
      const { affectedRows } = await root.query<{ affectedRows: number }>(update, [
        ...Object.values(row),
        agent.user,
      ]);
      if (affectedRows === 0)
        await root.query(
          `INSERT INTO vicidial_live_agents SET ${sets.join(', ')}, last_state_change = NOW()`,
          Object.values(row),
        );
      await root.query('COMMIT');
    }
  });
}
