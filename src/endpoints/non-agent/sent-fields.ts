import { readCountry } from '../../core/country-names.ts';
import { type Lead, LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import { LEAD_DETAILS } from '../../core/lead-details.ts';
import type { Country } from '../../core/phone.ts';
import type { FieldDefinition } from '../../core/record-store.ts';
import type { SentTexts } from '../../core/text-patch.ts';
import { type FunctionRequest, isOn, numberIn } from './function-request.ts';
import { line, repeated } from './plain-text.ts';

/** What a value is set to that makes a field empty. */
const BLANK = '--BLANK--';

/** The number says whom to search for, and `user` who asks; what changes these has a name of its own. */
const FIELDS: readonly string[] = LEAD_TEXT_FIELDS.filter(
  (field) => field !== 'phone_number' && field !== 'user',
);

/** What a dialer's leads have and ours have not: kept where the list has a custom field of that name. */
const DIALER_FIELDS: readonly string[] = LEAD_DETAILS.filter(
  (name) => !['entry_date', 'modify_date', 'called_since_last_reset', 'last_local_call_time'].includes(name),
);

/** Parameters that are no fields of a lead, also where a list has a custom field of that name. */
const SETTINGS: ReadonlySet<string> = new Set([
  ...['source', 'user', 'pass', 'function', 'format', 'stage', 'header', 'campaign_id'],
  ...['lead_id', 'list_id', 'phone_number', 'multi_alt_phones', 'user_field', 'list_id_field'],
  ...['custom_fields', 'list_exists_check', 'duplicate_check', 'search_method', 'search_location'],
  ...['records', 'no_update', 'insert_if_not_found', 'update_phone_number'],
  ...['hopper_priority', 'hopper_local_call_time_check', 'tz_method', 'force_entry_list_id'],
  ...['callback_status', 'callback_datetime', 'callback_type', 'callback_user', 'callback_comments'],
]);

/** Switches for which a store without hopper, callbacks and lists of forbidden numbers has no use: said where they are on. */
const UNUSED_SWITCHES: ReadonlySet<string> = new Set([
  ...['dnc_check', 'campaign_dnc_check', 'add_to_hopper', 'remove_from_hopper', 'callback', 'lookup_state'],
  ...['usacan_prefix_check', 'usacan_areacode_check', 'nanpa_ac_prefix_check', 'reset_lead'],
]);

export interface SentFields {
  readonly texts: SentTexts;
  /** Parameters with a value that is not kept. */
  readonly notStored: readonly string[];
  readonly listHasFields: boolean;
}

/**
 * The values of a lead that a request has; those that are empty say nothing.
 *
 * @param definitions the custom fields of its list
 * @param home numbers without a code are of this country
 */
export function readFields(
  request: FunctionRequest,
  definitions: readonly Pick<FieldDefinition, 'label'>[],
  home: Country,
): SentFields {
  const takesCustom = isOn(request, 'custom_fields');
  // As PHP reads the name of a parameter.
  const labels = new Map(definitions.map(({ label }) => [label.replace(/[ .]/g, '_'), label]));
  const fields = new Map<string, string>();
  const custom = new Map<string, string>();
  const notStored: string[] = [];
  for (const [name, sent] of request.params) {
    const value = sent === BLANK ? '' : sent;
    const label = labels.get(name);
    if (sent === '' || SETTINGS.has(name)) continue;
    if (name === 'alt_phone') fields.set(name, numberIn(value));
    else if (FIELDS.includes(name)) fields.set(name, value);
    else if (label !== undefined && (takesCustom || DIALER_FIELDS.includes(name))) custom.set(label, value);
    else if (isToBeSaid(name, value, home)) notStored.push(name);
  }
  return { texts: { fields, custom }, notStored, listHasFields: definitions.length > 0 };
}

function isToBeSaid(name: string, value: string, home: Country): boolean {
  if (UNUSED_SWITCHES.has(name)) return !/^N$/i.test(value);
  // The country that every number here is read as.
  return name !== 'phone_code' || readCountry(value) !== home;
}

const MOST_NAMED = 20;

/** Says which values are not kept; no line where all are. */
export function noticeOfNotStored(
  request: FunctionRequest,
  { notStored }: Pick<SentFields, 'notStored'>,
  leadId: number,
): readonly string[] {
  if (notStored.length === 0) return [];
  const names = notStored.slice(0, MOST_NAMED).map(repeated);
  const more = notStored.length > MOST_NAMED ? [`and ${notStored.length - MOST_NAMED} more`] : [];
  const values = [request.asked.user, leadId, [...names, ...more].join(',')];
  return [line('NOTICE', `${request.asked.name} VALUES NOT STORED HERE`, values)];
}

/** What became of custom fields, in the dialer's words. */
export function noticeOfCustom(
  request: FunctionRequest,
  done: 'ADDED' | 'UPDATED',
  { texts, listHasFields }: SentFields,
  { phone_number: phone, lead_id: leadId, list_id: listId }: Lead,
): readonly string[] {
  if (!isOn(request, 'custom_fields')) return [];
  const values = [phone, leadId, listId];
  const { name } = request.asked;
  if (texts.custom.size > 0) return [line('NOTICE', `${name} CUSTOM FIELDS VALUES ${done}`, values)];
  const why = listHasFields ? 'NO FIELDS DEFINED' : 'NO CUSTOM FIELDS DEFINED FOR THIS LIST';
  return [line('NOTICE', `${name} CUSTOM FIELDS NOT ${done}, ${why}`, values)];
}
