import { type Customer, type Lead, LEAD_FIELDS } from './lead.ts';

/** What a dialer keeps of a lead beside the documented fields, by its own names. A store of ours has some of it. */
export const LEAD_DETAILS = [
  'entry_date',
  'modify_date',
  'vendor_lead_code',
  'source_id',
  'gmt_offset_now',
  'called_since_last_reset',
  'phone_code',
  'security_phrase',
  'called_count',
  'last_local_call_time',
  'rank',
  'owner',
  'entry_list_id',
] as const;
export type LeadDetail = (typeof LEAD_DETAILS)[number];

/** Whole numbers as numbers, everything else as text; what is left out is not stored. */
export type LeadDetails = Readonly<Partial<Record<LeadDetail, string | number | null>>>;

export type DialerColumn = keyof Lead | LeadDetail;

/** A lead with all that its store has of it. */
export interface DetailedLead {
  readonly result: Customer;
  readonly details: LeadDetails;
}

const DOCUMENTED: ReadonlySet<string> = new Set(LEAD_FIELDS);

/**
 * The value of a dialer's column. An import from a dialer keeps columns that are no fields of ours as custom fields of their
 * names, so these count, too.
 */
export function columnValue({ result, details }: DetailedLead, column: DialerColumn): string | number | null {
  if (DOCUMENTED.has(column)) return result.lead[column as keyof Lead];
  const custom = result.custom?.find(([label]) => label === column)?.[1];
  return details[column as LeadDetail] ?? custom ?? null;
}

/** The logs of calls that a dialer keeps by lead, under the names that goAPIv2 gives them, with their columns. */
export const CALL_LOGS = {
  calls: [
    'call_date',
    'length_in_sec',
    'status',
    'user',
    'campaign_id',
    'list_id',
    'term_reason',
    'phone_number',
  ],
  closerlog: [
    'call_date',
    'length_in_sec',
    'status',
    'user',
    'campaign_id',
    'list_id',
    'queue_seconds',
    'term_reason',
  ],
  agentlog: [
    'event_time',
    'campaign_id',
    'agent_log_id',
    'pause_sec',
    'wait_sec',
    'talk_sec',
    'dispo_sec',
    'status',
    'user_group',
    'sub_status',
  ],
  record: [
    'start_time',
    'start_epoch',
    'end_epoch',
    'length_in_sec',
    'recording_id',
    'filename',
    'location',
    'user',
  ],
} as const;
export type CallLogName = keyof typeof CALL_LOGS;

/** So many entries of a lead are read of one log. */
export const MOST_LOG_ENTRIES = 1_000;

/** One entry of a log, its values in the order of its columns: whole numbers as numbers, everything else as text. */
export type CallLogEntry = readonly (string | number | null)[];

/** The newest entries of a lead in each log, the newest first. */
export type CallLogs = Readonly<Record<CallLogName, readonly CallLogEntry[]>>;

export const NO_CALL_LOGS: CallLogs = { calls: [], closerlog: [], agentlog: [], record: [] };
