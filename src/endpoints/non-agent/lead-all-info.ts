import { COUNTED_MATCHES } from '../../core/lead.ts';
import { columnValue, type DetailedLead, type DialerColumn } from '../../core/lead-details.ts';
import { type ApiFunction, contextFor, isOn, textOf } from './function-request.ts';
import { line, repeated, rowWriter } from './plain-text.ts';

/** The columns of an answer, in the dialer's order. */
const COLUMNS = [
  'status',
  'user',
  'vendor_lead_code',
  'source_id',
  'list_id',
  'gmt_offset_now',
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
  'lead_id',
] as const satisfies readonly DialerColumn[];

/** `lead_all_info`: all that is stored of a lead, or of every lead with a number, the last added first. */
export const leadAllInfo: ApiFunction = async (request) => {
  const { domain, asked } = request;
  const [leadId, phoneNumber] = [textOf(request, 'lead_id'), textOf(request, 'phone_number')];
  const answer = await domain.readDetails({
    ...contextFor(request, 'read'),
    parameters: leadId === '' ? { phoneNumber: request.params.get('phone_number') } : { leadId },
    page: { offset: 0, limit: COUNTED_MATCHES },
  });
  const notFound = [
    line('ERROR', 'lead_all_info LEAD NOT FOUND', [asked.user, repeated(leadId), repeated(phoneNumber), '']),
  ];
  if ('problem' in answer) return answer.problem.code === 'parameters_missing' ? notFound : answer;
  // There is no archive of leads here.
  if (answer.found.length === 0 || isOn(request, 'archived_lead')) return notFound;
  const found = [...answer.found].sort((one, other) => other.result.lead.lead_id - one.result.lead.lead_id);
  const custom = isOn(request, 'custom_fields') ? customLabels(found) : [];
  const write = rowWriter(textOf(request, 'stage'));
  const rows = found.map((lead) =>
    write([...COLUMNS.map((column) => columnValue(lead, column)), ...customValues(lead, custom)]),
  );
  return isOn(request, 'header') ? [write([...COLUMNS, ...custom]), ...rows] : rows;
};

const KNOWN: ReadonlySet<string> = new Set(COLUMNS);

/** Those of every lead, so that all rows have the same columns. A label that is a dialer's column stands in that one. */
function customLabels(found: readonly DetailedLead[]): readonly string[] {
  const labels = found.flatMap(({ result }) => (result.custom ?? []).map(([label]) => label));
  return [...new Set(labels)].filter((label) => !KNOWN.has(label));
}

function customValues({ result }: DetailedLead, labels: readonly string[]) {
  const values = new Map(result.custom);
  return labels.map((label) => values.get(label) ?? null);
}
