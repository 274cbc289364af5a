/** Tables of a dialer that name a lead, by what is in them. */
export const DIALER_PLACES = {
  lead: ['vicidial_list', 'the lead: names, numbers, address, comments'],
  custom: ['custom_LIST', 'its custom fields, in one table for each list'],
  numbers: ['vicidial_list_alt_phones', 'further numbers'],
  calls: ['vicidial_log, vicidial_closer_log, their _archive tables', 'calls with the number dialled'],
  lines: ['vicidial_agent_log, vicidial_carrier_log, call_log', 'calls, by agent and line'],
  callbacks: ['vicidial_callbacks', 'planned calls and their comments'],
  notes: ['vicidial_call_notes', 'notes of agents'],
  recordings: ['recording_log, and the files that it names', 'recordings'],
  changes: ['vicidial_admin_log', 'changes of the lead by its screens'],
  underWay: ['vicidial_hopper, vicidial_live_agents, vicidial_auto_calls', 'calls under way'],
  customers: ['go_customers, of GOautodial', 'whether it is a customer'],
} as const;
export type DialerPlace = keyof typeof DIALER_PLACES;

/** Where a dialer keeps more of its leads, which its own screens must export or erase: sentences. */
export function placesInDialer(leadIds: readonly number[]): readonly string[] {
  const which = `lead_id ${leadIds.join(', ')}`;
  return Object.values(DIALER_PLACES).map(([tables, what]) => `in the dialer: ${tables} (${which}): ${what}`);
}

/** The same for callers, who are told no table. */
export function contentInDialer(leadIds: readonly number[]): readonly string[] {
  const which = `lead_id ${leadIds.join(', ')}`;
  return Object.values(DIALER_PLACES).map(([, what]) => `in the dialer (${which}): ${what}`);
}
