import type { AgentState, LiveAgent, ReadLiveAgent } from '../../core/live-agent.ts';
import { withStoreFailure } from '../network/pool.ts';
import { LEAST_DIGITS, LIVE_REQUIRED, LIVE_TABLES, notStale } from './live-calls.ts';
import { bindableName, givenTexts, type Read, type Row, textOf } from './rows.ts';
import { createCached, retryAfterRefresh } from './schema-cache.ts';
import { byIndex, canFindBy, readTables, type Table } from './schema.ts';

type Tables = ReadonlyMap<string, Table>;

/** Reads one agent's row of who is logged in, as the dialer's own API does. @param database of the dialer */
export function createReadLiveAgent(read: Read, database: string): ReadLiveAgent {
  const tables = createCached<Tables>(() =>
    readTables(read, database, [...LIVE_TABLES, 'vicidial_campaigns']),
  );
  return (user) =>
    withStoreFailure(() =>
      retryAfterRefresh(tables, async (found) => {
        const statement = agentStatement(found);
        if (statement === undefined) return 'denied';
        const [row] = await read(statement, [bindableName(user)]);
        return row && agentOf(row);
      }),
    );
}

/** The columns of the statement, in its order. */
const CELLS = [
  ...['status', 'leadId', 'previewLeadId', 'isRinging', 'comments', 'campaign', 'campaignName'],
  ...['pauseCode', 'extension', 'server', 'phone', 'type'],
] as const;
type Cells = Readonly<Record<(typeof CELLS)[number], string>>;

/**
 * Binds the name. Without an index on it the table is scanned: it has a row for each agent who is logged in.
 *
 * @returns undefined: our account may not read who is on which call
 */
function agentStatement(tables: Tables): string | undefined {
  const agents = tables.get('vicidial_live_agents');
  if (agents === undefined || LIVE_REQUIRED.some((column) => !agents.columns.has(column))) return undefined;
  const own = (column: string) => (agents.columns.has(column) ? `a.${column}` : 'NULL');
  const calls = tables.get('vicidial_auto_calls');
  const ofCall = (column: string) =>
    canFindBy(calls, 'callerid') && calls.columns.has(column) ? `c.${column}` : 'NULL';
  const join = canFindBy(calls, 'callerid')
    ? `LEFT JOIN vicidial_auto_calls c ${byIndex(calls, 'callerid')} ON c.callerid = a.callerid AND a.callerid <> ''`
    : '';
  const campaigns = tables.get('vicidial_campaigns');
  const isNamed = canFindBy(campaigns, 'campaign_id') && campaigns.columns.has('campaign_name');
  const name =
    isNamed && agents.columns.has('campaign_id')
      ? '(SELECT p.campaign_name FROM vicidial_campaigns p WHERE p.campaign_id = a.campaign_id LIMIT 1)'
      : 'NULL';
  const rings =
    agents.columns.has('on_hook_agent') && agents.columns.has('ring_callerid')
      ? `a.on_hook_agent = 'Y' AND a.ring_callerid <> ''`
      : '0';
  const from = agents.indexed.has('user')
    ? `vicidial_live_agents a ${byIndex(agents, 'user')}`
    : 'vicidial_live_agents a';
  return `SELECT a.status, a.lead_id, ${own('preview_lead_id')}, ${rings}, ${own('comments')}, ${own('campaign_id')}, ${name},
    ${own('pause_code')}, ${own('conf_exten')}, ${own('server_ip')}, ${ofCall('phone_number')}, ${ofCall('call_type')}
    FROM ${from} ${join} WHERE a.user = ? AND ${notStale(agents)} LIMIT 1`;
}

/** Who waits for calls of in-groups is `CLOSER`, and whose manual call is dialled `MQUEUE`. */
const STATES: Readonly<Record<string, AgentState>> = {
  READY: 'ready',
  CLOSER: 'ready',
  QUEUE: 'in call',
  MQUEUE: 'in call',
  INCALL: 'in call',
};

function agentOf(row: Row): LiveAgent {
  const texts = CELLS.map((name, at) => [name, textOf(row[at]) ?? '']);
  const cells = Object.fromEntries(texts) as Cells;
  const isWrapUp = cells.status === 'PAUSED' && Number(cells.leadId) > 0;
  const known = STATES[cells.status] ?? (isWrapUp ? 'disposition' : 'paused');
  const state = known !== 'in call' && cells.isRinging === '1' ? 'ringing' : known;
  const lead = Number(cells.leadId) > 0 ? cells.leadId : cells.previewLeadId;
  const hasCall = state === 'in call' || state === 'ringing';
  return {
    state,
    ...(state === 'paused' && givenTexts({ pauseCode: cells.pauseCode })),
    // Of one who waits, the row may name the lead of before.
    ...(state !== 'ready' && Number(lead) > 0 && { leadId: Number(lead) }),
    ...(hasCall && callIn(cells)),
    ...(state !== 'ready' && { campaign: { id: cells.campaign, name: cells.campaignName } }),
    session: { extension: cells.extension, server: cells.server },
  };
}

function callIn({ phone, type, comments }: Cells): Pick<LiveAgent, 'phone' | 'direction' | 'isManual'> {
  const isInbound = type === 'IN' || (type === '' && comments === 'INBOUND');
  return {
    direction: isInbound ? 'inbound' : 'outbound',
    isManual: comments === 'MANUAL',
    ...(phone.length >= LEAST_DIGITS && { phone }),
  };
}
