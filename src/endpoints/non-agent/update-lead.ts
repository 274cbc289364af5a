import type { Problem } from '../../core/problem.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import { patchOfTexts } from '../../core/text-patch.ts';
import { identifyEditor } from '../../service/identify-editor.ts';
import type { Answer } from '../../service/work.ts';
import { insertLead } from './add-lead.ts';
import {
  type ApiFunction,
  contextFor,
  type FunctionAnswer,
  type FunctionRequest,
  isOn,
  phoneOf,
  textOf,
} from './function-request.ts';
import { line, problemLine, repeated } from './plain-text.ts';
import { noticeOfCustom, noticeOfNotStored, readFields, type SentFields } from './sent-fields.ts';

/** So many leads one request changes. */
const MOST_LEADS = 100;

/** `update_lead`: changes the leads that an id or a number finds, or says which they are. */
export const updateLead: ApiFunction = async (request) => {
  const { asked, domain } = request;
  const editor = await identifyEditor(domain, request.context);
  if ('problem' in editor) return editor;
  const unavailable = ['delete_lead', 'delete_cf_data'].find((name) => isOn(request, name));
  if (unavailable !== undefined) {
    return [line('ERROR', `update_lead ${unavailable} IS NOT AVAILABLE HERE`, [asked.user])];
  }
  if (recordsOf(request) > MOST_LEADS) {
    return [line('ERROR', `update_lead records IS MORE THAN ${MOST_LEADS}`, [asked.user])];
  }
  const by = searchMethodsOf(request);
  const searched = ['lead_id', 'vendor_lead_code', 'phone_number'].map((name) =>
    repeated(textOf(request, name)),
  );
  if (by.length === 0) {
    const method = repeated(textOf(request, 'search_method')) || 'LEAD_ID';
    return [line('ERROR', 'update_lead NO VALID SEARCH METHOD', [asked.user, method, ...searched])];
  }
  const answer = await findLeads(request, by);
  if ('problem' in answer) return answer;
  const { found } = answer;
  if (found.length === 0) {
    if (isOn(request, 'insert_if_not_found') && !isOn(request, 'no_update')) return insert(request);
    return [line('ERROR', 'update_lead NO MATCHES FOUND IN THE SYSTEM', [asked.user, ...searched])];
  }
  if (isOn(request, 'no_update')) return found.map((lead) => foundLine(request, lead));
  return changeAll(request, found);
};

/** What a lead itself is refused for; of any other problem the leads after it would have the same. */
const OF_ONE_LEAD: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'lead_not_found',
  'list_not_found',
  'parameter_malformed',
  'number_taken',
  'changed_meanwhile',
]);

/** Changes each lead, up to a problem that is none of the lead's own; those that are left are named. */
async function changeAll(request: FunctionRequest, found: readonly LookupResult[]): Promise<FunctionAnswer> {
  const { asked } = request;
  const lines: string[] = [];
  for (const [at, { leadId }] of found.entries()) {
    const answer = await change(request, leadId);
    if (!('problem' in answer)) lines.push(...answer);
    else if (OF_ONE_LEAD.has(answer.problem.code)) lines.push(changeProblem(request, leadId, answer.problem));
    else {
      if (at === 0) return answer;
      const left = found.slice(at).map((lead) => lead.leadId);
      const notice = line('NOTICE', 'update_lead LEADS NOT CHANGED', [asked.user, left.join(',')]);
      return [...lines, problemLine(answer.problem, asked), notice];
    }
  }
  return lines;
}

type Method = 'LEAD_ID' | 'PHONE_NUMBER';

/** By what the request may find leads, in this order: it has both the method and its value. Codes of a vendor have no index here. */
function searchMethodsOf(request: FunctionRequest): readonly Method[] {
  const sent = textOf(request, 'search_method').toUpperCase() || 'LEAD_ID';
  const methods: readonly (readonly [Method, string])[] = [
    ['LEAD_ID', 'lead_id'],
    ['PHONE_NUMBER', 'phone_number'],
  ];
  return methods
    .filter(([method, name]) => sent.includes(method) && textOf(request, name) !== '')
    .map(([method]) => method);
}

/** Those of the first method that finds any, the last added first; by number only those whose own it is, not a further one. */
async function findLeads(
  request: FunctionRequest,
  methods: readonly Method[],
): Promise<Answer<{ readonly found: readonly LookupResult[] }>> {
  const { domain } = request;
  const context = contextFor(request, 'edit');
  const lists = listsOf(request);
  if (methods.includes('LEAD_ID')) {
    const answer = await domain.lookup({ ...context, parameters: { leadId: textOf(request, 'lead_id') } });
    if (!('problem' in answer)) {
      const { result } = answer;
      if (lists === undefined || lists.includes(result.lead.list_id)) return { found: [result] };
    } else if (answer.problem.code !== 'lead_not_found' && answer.problem.code !== 'parameters_missing') {
      return answer;
    }
  }
  if (!methods.includes('PHONE_NUMBER')) return { found: [] };
  const phone = request.params.get('phone_number');
  const answer = await domain.search({ ...context, phone, lists, page: { offset: 0, limit: MOST_LEADS } });
  if ('problem' in answer) return answer;
  const found = answer.page.matches
    .filter(({ foundBy }) => foundBy?.column === 'phone_number')
    .sort((one, other) => other.leadId - one.leadId);
  return { found: found.slice(0, recordsOf(request)) };
}

/** There are no campaigns here, so a list is all that one has. */
function listsOf(request: FunctionRequest): readonly number[] | undefined {
  const listId = textOf(request, 'list_id');
  const isWithin = /^(?:LIST|CAMPAIGN)$/i.test(textOf(request, 'search_location'));
  return isWithin && /^\d{1,14}$/.test(listId) ? [Number(listId)] : undefined;
}

function recordsOf(request: FunctionRequest): number {
  const sent = textOf(request, 'records');
  return /^\d{1,9}$/.test(sent) ? Math.max(1, Number(sent)) : 1;
}

function insert(request: FunctionRequest): ReturnType<ApiFunction> {
  const [phone, listId] = [textOf(request, 'phone_number'), textOf(request, 'list_id')];
  if (phone !== '' && listId !== '') return insertLead(request);
  const values = [request.asked.user, ...[phone, textOf(request, 'phone_code'), listId].map(repeated)];
  return Promise.resolve([line('ERROR', 'update_lead INVALID DATA FOR LEAD INSERTION', values)]);
}

function foundLine({ asked }: FunctionRequest, { lead, custom }: LookupResult): string {
  const vendor = custom?.find(([label]) => label === 'vendor_lead_code')?.[1] ?? '';
  const values = [asked.user, lead.lead_id, vendor, lead.phone_number, lead.list_id, 0];
  return line('NOTICE', 'update_lead LEADS FOUND IN THE SYSTEM', values, ': |');
}

async function change(request: FunctionRequest, leadId: number): Promise<FunctionAnswer> {
  const { asked, domain } = request;
  let sent: SentFields | undefined;
  const answer = await domain.changeLead({
    ...contextFor(request, 'edit'),
    leadId,
    // As on the dialer, where two leads of a list may have one number.
    allowShared: true,
    makePatch({ state }, definitions) {
      sent = readFields(request, definitions, domain.numbering().country);
      return { patch: { ...patchOfTexts(sent.texts, state, definitions), ...otherFields(request) } };
    },
  });
  if ('problem' in answer) return answer;
  const { lead } = answer.result;
  const done = line('SUCCESS', 'update_lead LEAD HAS BEEN UPDATED', [asked.user, leadId]);
  if (sent === undefined) return [done];
  return [
    done,
    ...noticeOfCustom(request, 'UPDATED', sent, lead),
    ...noticeOfNotStored(request, sent, leadId),
  ];
}

function changeProblem(request: FunctionRequest, leadId: number, problem: Problem): string {
  const { asked } = request;
  if (problem.code === 'list_not_found' && isOn(request, 'list_exists_check')) {
    const text = 'update_lead NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED';
    return line('ERROR', text, [asked.user, problem.asked]);
  }
  return `${problemLine(problem, asked)}|${leadId}`;
}

/** What has a name of its own, because its usual one says whom to search for, or who asks. */
function otherFields(request: FunctionRequest): Readonly<Record<string, unknown>> {
  const [user, listId] = [textOf(request, 'user_field'), textOf(request, 'list_id_field')];
  return {
    ...(user !== '' && { user: user === '--BLANK--' ? '' : user }),
    ...(listId !== '' && { list_id: /^\d{1,14}$/.test(listId) ? Number(listId) : listId }),
    ...(isOn(request, 'update_phone_number') && { phone_number: phoneOf(request) }),
  };
}
