import type { ListField } from '../../core/lead.ts';
import {
  CALL_LOGS,
  type CallLogEntry,
  type CallLogName,
  columnValue,
  type DialerColumn,
  MOST_LOG_ENTRIES,
} from '../../core/lead-details.ts';
import type { Problem } from '../../core/problem.ts';
import type { LeadInfo } from '../../service/lead-details.ts';
import { answerFor } from './answers.ts';
import type { Action, ActionAnswer } from './action.ts';
import type { AnswerObject, AnswerValue } from './render.ts';

/** The columns of a dialer's lead in the order of its table, one by one: a new one is never public by itself. */
const LEAD_COLUMNS = [
  'lead_id',
  'entry_date',
  'modify_date',
  'status',
  'user',
  'vendor_lead_code',
  'source_id',
  'list_id',
  'gmt_offset_now',
  'called_since_last_reset',
  'phone_code',
  'phone_number',
  'title',
  'first_name',
  'middle_initial',
  'last_name',
  'address1',
  'address2',
  'address3',
  'city',
  'state',
  'province',
  'postal_code',
  'country_code',
  'gender',
  'date_of_birth',
  'alt_phone',
  'email',
  'security_phrase',
  'comments',
  'called_count',
  'last_local_call_time',
  'rank',
  'owner',
  'entry_list_id',
] as const satisfies readonly DialerColumn[];

const DEFAULT_LIMIT = 100;

/** `goGetLeadsInfo`: a lead with all of its dialer's columns, its calls and its list's custom fields. */
export const getLeadsInfo: Action = async ({ params, domain, context }) => {
  const answer = await domain.readLeadInfo({
    ...context,
    right: 'read',
    parameters: { leadId: params.get('lead_id') },
    mostCalls: limitOf(params.get('limit')),
  });
  return 'problem' in answer ? failure(answer.problem) : { content: contentOf(answer.info) };
};

/** Where goAPIv2's actions of leads have words of their own, without a `message`. */
function failure(problem: Problem): ActionAnswer {
  if (problem.code === 'parameters_missing') {
    return { content: { code: '40001', result: 'Error: Missing required parameters' } };
  }
  if (problem.code === 'lead_not_found') {
    return { content: { code: '41004', result: "Error: lead_id doesn't exist." } };
  }
  return answerFor(problem);
}

function limitOf(sent: unknown): number {
  const limit = typeof sent === 'string' && /^\d{1,9}$/.test(sent) ? Number(sent) : 0;
  return limit === 0 ? DEFAULT_LIMIT : Math.min(limit, MOST_LOG_ENTRIES);
}

function contentOf(info: LeadInfo): AnswerObject {
  const { result, calls, list } = info;
  const logs = (Object.keys(CALL_LOGS) as CallLogName[]).map((name) => [name, columnsOf(name, calls[name])]);
  return {
    result: 'success',
    data: Object.fromEntries(LEAD_COLUMNS.map((column) => [column, columnValue(info, column)])),
    is_customer: result.isCustomer ? 1 : 0,
    ...(Object.fromEntries(logs) as AnswerObject),
    custom_fields: (list?.fields ?? []).map(fieldRow),
    custom_fields_values: Object.fromEntries(result.custom ?? []),
  };
}

/** Each column of a log as a list, which is empty where the lead has no calls. */
function columnsOf(name: CallLogName, entries: readonly CallLogEntry[]): AnswerObject {
  const columns = CALL_LOGS[name].map((column, at) => {
    const values = entries.map((entry) => entry[at] ?? null);
    return [column, column === 'length_in_sec' ? values.map(writeDuration) : values] as const;
  });
  return Object.fromEntries(columns);
}

/** Seconds as `HH:MM:SS`. */
function writeDuration(value: AnswerValue): AnswerValue {
  const seconds = Number(value);
  if (value === null || !Number.isFinite(seconds)) return value;
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A custom field as `vicidial_lists_fields` has it. */
function fieldRow({ label, caption, type, options = [] }: ListField, at: number): AnswerObject {
  return {
    field_label: label,
    field_name: caption,
    field_rank: at + 1,
    field_type: type,
    field_options: options.map((option) => `${option},${option}`).join('\n'),
  };
}
