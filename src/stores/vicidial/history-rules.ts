import { bindableName, type Read, textOf, wholeNumber } from './rows.ts';
import type { Table } from './schema.ts';

/** What says how much somebody sees. */
export const RULE_TABLES = [
  'vicidial_campaigns',
  'vicidial_users',
  'vicidial_lists',
  'vicidial_live_agents',
] as const;
/** Entries of a lead among which the newest are looked for: the dialer's own screens read no more. */
export const MOST_SORTED = 10_000;

export type HistoryTables = ReadonlyMap<string, Table>;

/** Of the level of those to whom the dialer's administration is open: there it shows every call. */
const ADMIN_LEVEL = 8;

/**
 * How many of a lead's calls the dialer lets a user see: what `hide_call_log_info` says of the user, else of the campaign in which
 * the user works now, else of that of the lead's list.
 *
 * @param user undefined: whoever asks is no user of the dialer, such as a token
 */
export async function visibleCalls(
  read: Read,
  tables: HistoryTables,
  leadId: number,
  user: string | undefined,
): Promise<number> {
  if (user === undefined) return Infinity;
  const statement = rulesStatement(tables);
  // What the operator hides is not known, nor of somebody who is no user any more.
  if (statement === undefined) return 0;
  const [row] = await read(statement, [wholeNumber(leadId), bindableName(user)]);
  if (row === undefined) return 0;
  const [level, ofUser, ofCampaign] = row.map(textOf);
  if (Number(level ?? 0) >= ADMIN_LEVEL) return Infinity;
  const rule = ofUser === null || ofUser === undefined || ofUser === 'DISABLED' ? ofCampaign : ofUser;
  return callsOfRule(rule ?? 'N');
}

/** `N` shows all, `Y` none, `SHOW_3` the last three. What is unknown shows none. */
export function callsOfRule(rule: string): number {
  if (rule === 'N' || rule === '') return Infinity;
  return Number(/^SHOW_(\d+)$/.exec(rule)?.[1] ?? 0);
}

/** Whether our account may read what the operator hides. */
export function canReadRules(tables: HistoryTables): boolean {
  return rulesStatement(tables) !== undefined;
}

/** Binds the lead id and the name. @returns undefined: our account may not read the campaigns */
function rulesStatement(tables: HistoryTables): string | undefined {
  const has = (table: string, ...columns: readonly string[]) =>
    columns.every((column) => tables.get(table)?.columns.has(column) === true);
  if (!has('vicidial_campaigns', 'campaign_id') || !has('vicidial_users', 'user')) return undefined;
  const ofUser = has('vicidial_users', 'hide_call_log_info') ? 'u.hide_call_log_info' : 'NULL';
  const ofCampaign = has('vicidial_campaigns', 'hide_call_log_info') ? 'c.hide_call_log_info' : 'NULL';
  const level = has('vicidial_users', 'user_level') ? 'u.user_level' : '0';
  const works = has('vicidial_live_agents', 'user', 'campaign_id')
    ? '(SELECT a.campaign_id FROM vicidial_live_agents a WHERE a.user = u.user LIMIT 1)'
    : 'NULL';
  const ofLead = has('vicidial_lists', 'list_id', 'campaign_id')
    ? `(SELECT s.campaign_id FROM vicidial_list l JOIN vicidial_lists s ON s.list_id = l.list_id WHERE l.lead_id = ?)`
    : '(SELECT NULL FROM DUAL WHERE ? IS NULL)';
  return `SELECT ${level}, ${ofUser}, ${ofCampaign} FROM vicidial_users u
    LEFT JOIN vicidial_campaigns c ON c.campaign_id = COALESCE(${works}, ${ofLead}) WHERE u.user = ? LIMIT 1`;
}

/** Whether the lead's number is on one of the dialer's lists of those that are not called; by their indexes. */
export async function readDoNotCall(
  read: Read,
  tables: HistoryTables,
  leadId: number,
): Promise<'everywhere' | { readonly campaign: string } | undefined> {
  const everywhere = tables.get('vicidial_dnc')?.indexed.has('phone_number') === true;
  const ofCampaign =
    tables.get('vicidial_campaign_dnc')?.indexed.has('phone_number') === true &&
    tables.get('vicidial_lists')?.columns.has('campaign_id') === true;
  if (!everywhere && !ofCampaign) return undefined;
  const [row = []] = await read(
    `SELECT ${everywhere ? '(SELECT 1 FROM vicidial_dnc d WHERE d.phone_number = l.phone_number LIMIT 1)' : 'NULL'},
      ${ofCampaign ? `(SELECT s.campaign_id FROM vicidial_lists s JOIN vicidial_campaign_dnc d ON d.campaign_id = s.campaign_id AND d.phone_number = l.phone_number WHERE s.list_id = l.list_id LIMIT 1)` : 'NULL'}
      FROM vicidial_list l WHERE l.lead_id = ? LIMIT 1`,
    [wholeNumber(leadId)],
  );
  const [isEverywhere, campaign] = row.map(textOf);
  if (isEverywhere === '1') return 'everywhere';
  return campaign === null || campaign === undefined ? undefined : { campaign };
}
