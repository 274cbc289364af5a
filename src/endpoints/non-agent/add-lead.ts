import { type FurtherNumber, MAX_LIST_ID } from '../../core/lead.ts';
import { readCountry } from '../../core/country-names.ts';
import { parseLeadPatch } from '../../core/lead-patch.ts';
import type { Problem } from '../../core/problem.ts';
import type { FieldDefinition, ListSettings } from '../../core/record-store.ts';
import { patchOfTexts } from '../../core/text-patch.ts';
import { identifyEditor } from '../../service/identify-editor.ts';
import type { Answer } from '../../service/work.ts';
import {
  type ApiFunction,
  contextFor,
  type FunctionAnswer,
  type FunctionRequest,
  isOn,
  numberIn,
  phoneOf,
  textOf,
} from './function-request.ts';
import { line, repeated } from './plain-text.ts';
import { noticeOfCustom, noticeOfNotStored, readFields } from './sent-fields.ts';

/** As the dialer has it where none is sent. */
const DEFAULT_LIST = '999';
const NEW_STATUS = 'NEW';
const UNKNOWN_GENDER = 'U';

/** `add_lead`: makes a lead, in a list that is made where there is none. */
export const addLead: ApiFunction = async (request) => {
  const editor = await identifyEditor(request.domain, request.context);
  return 'problem' in editor ? editor : insertLead(request);
};

/** Makes the lead of a request whose caller may. */
export async function insertLead(request: FunctionRequest): Promise<FunctionAnswer> {
  const { asked, domain } = request;
  const phone = phoneOf(request);
  const digits = phone.replace(/\D/g, '').length;
  if (digits < 6 || digits > 18) {
    return [line('ERROR', `${asked.name} INVALID PHONE NUMBER LENGTH`, [repeated(phone), asked.user])];
  }
  const listText = textOf(request, 'list_id') || DEFAULT_LIST;
  const listId = /^\d{1,14}$/.test(listText) ? Number(listText) : 0;
  if (listId < 1 || listId > MAX_LIST_ID) {
    return [line('ERROR', `${asked.name} NOT AN ALLOWED LIST ID`, [phone, listText].map(repeated))];
  }
  const duplicates = duplicateCheckOf(request);
  if ('refused' in duplicates) return duplicates.refused;
  const stored = await storedList(request, listId);
  if ('problem' in stored) return refusedList(request, phone, listId, stored.problem);
  if (duplicates.within === 'SYSTEM') {
    const page = { offset: 0, limit: 1 };
    const answer = await domain.search({ ...contextFor(request, 'edit'), phone, page });
    if ('problem' in answer) return answer;
    const [found] = answer.page.matches;
    if (found !== undefined) return duplicate(request, phone, duplicates.within, found.lead);
  }
  const list = stored.list ?? (await makeList(request, phone, listId));
  return 'problem' in list
    ? refusedList(request, phone, listId, list.problem)
    : write(request, phone, list, duplicates.within);
}

type Within = 'LIST' | 'CAMPAIGN LISTS' | 'SYSTEM' | undefined;
type OpenedList = { readonly list: ListSettings; readonly fields: readonly FieldDefinition[] };

async function write(
  request: FunctionRequest,
  phone: string,
  list: OpenedList,
  within: Within,
): Promise<FunctionAnswer> {
  const { asked, domain } = request;
  const { listId } = list.list;
  const { fields, sent, further } = leadOf(request, phone, list);
  const answer = await domain.createLead({
    ...contextFor(request, 'edit'),
    fields,
    allowShared: within === undefined,
  });
  if ('problem' in answer) {
    const { problem } = answer;
    if (problem.code !== 'number_taken') return answer;
    return duplicate(request, phone, within ?? 'LIST', { lead_id: problem.leadId, list_id: listId });
  }
  const { leadId, lead } = answer.result;
  const loaded = further.numbers.length;
  return [
    // The dialer's own offset from GMT is behind it; nothing here needs one.
    line('SUCCESS', `${asked.name} LEAD HAS BEEN ADDED`, [repeated(phone), asked.user, listId, leadId, '']),
    ...noticeOfCustom(request, 'ADDED', sent, lead),
    ...(loaded === 0
      ? []
      : [line('NOTICE', `${asked.name} MULTI-ALT-PHONE NUMBERS LOADED`, [loaded, asked.user, leadId])]),
    ...noticeOfNotStored(request, { notStored: [...sent.notStored, ...further.notStored] }, leadId),
  ];
}

/** The lead as a list takes it, and what of the request that comes from. */
function leadOf(
  request: FunctionRequest,
  phone: string,
  { list: { listId, statuses }, fields: definitions }: OpenedList,
) {
  const home = request.domain.numbering().country;
  const sent = readFields(request, definitions, home);
  const further = readFurther(request.params.get('multi_alt_phones') ?? '', home);
  const isNewKnown = statuses.length === 0 || statuses.includes(NEW_STATUS);
  const fields = {
    ...(isNewKnown && { status: NEW_STATUS }),
    gender: UNKNOWN_GENDER,
    ...patchOfTexts(sent.texts, {}, definitions),
    list_id: listId,
    phone_number: phone,
    ...(further.numbers.length > 0 && { numbers: further.numbers }),
  };
  return { fields, sent, further };
}

/** The list with its fields; undefined: there is none yet, and the request does not forbid to make it. */
async function storedList(
  request: FunctionRequest,
  listId: number,
): Promise<Answer<{ readonly list: OpenedList | undefined }>> {
  const answer = await request.domain.readFields({ ...contextFor(request, 'edit'), listId });
  if (!('problem' in answer)) return { list: answer };
  const isMissing = answer.problem.code === 'list_not_found';
  return isMissing && !isOn(request, 'list_exists_check') ? { list: undefined } : answer;
}

/** Makes the list, as the dialer takes any; not for a lead that is refused, which would leave it empty. */
async function makeList(
  request: FunctionRequest,
  phone: string,
  listId: number,
): Promise<Answer<OpenedList>> {
  const context = contextFor(request, 'edit');
  const empty = { list: { listId, name: null, statuses: [], masked: [] }, fields: [] };
  const { fields } = leadOf(request, phone, empty);
  const parsed = parseLeadPatch(fields, request.domain.numbering().country);
  if ('faults' in parsed) return { problem: { code: 'parameter_malformed', faults: parsed.faults } };
  const made = await request.domain.setList({ ...context, listId: undefined, sent: { list_id: listId } });
  // Not a list of this user's, or one that somebody else has made in between.
  const isRefused = 'problem' in made && ['parameter_malformed', 'list_exists'].includes(made.problem.code);
  return isRefused ? request.domain.readFields({ ...context, listId }) : made;
}

function refusedList(
  request: FunctionRequest,
  phone: string,
  listId: number,
  problem: Problem,
): FunctionAnswer {
  if (problem.code !== 'list_not_found') return { problem };
  const text = isOn(request, 'list_exists_check')
    ? 'NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED'
    : 'NOT AN ALLOWED LIST ID';
  return [line('ERROR', `${request.asked.name} ${text}`, [repeated(phone), listId])];
}

/** The checks that look at the number alone; there are no campaigns here, so a list is all that one has. */
const CHECKS: ReadonlyMap<string, Within> = new Map<string, Within>([
  ['DUPLIST', 'LIST'],
  ['DUPCAMP', 'CAMPAIGN LISTS'],
  ['DUPSYS', 'SYSTEM'],
]);

/** A check that cannot be made is refused: without it somebody would be there twice. */
function duplicateCheckOf(
  request: FunctionRequest,
): { readonly within: Within } | { readonly refused: FunctionAnswer } {
  const checks = textOf(request, 'duplicate_check')
    .toUpperCase()
    .split('-')
    .filter((check) => check.startsWith('DUP'));
  const unknown = checks.find((check) => !CHECKS.has(check));
  if (unknown !== undefined) {
    const text = `${request.asked.name} DUPLICATE CHECK NOT AVAILABLE HERE`;
    return { refused: [line('ERROR', text, [repeated(unknown), [...CHECKS.keys()].join(' ')])] };
  }
  const widest = ['DUPSYS', 'DUPCAMP', 'DUPLIST'].find((check) => checks.includes(check));
  return { within: widest === undefined ? undefined : CHECKS.get(widest) };
}

function duplicate(
  request: FunctionRequest,
  phone: string,
  within: NonNullable<Within>,
  found: { readonly lead_id: number; readonly list_id: number },
): FunctionAnswer {
  const text = `${request.asked.name} DUPLICATE PHONE NUMBER IN ${within}`;
  const values = [repeated(phone), found.list_id, found.lead_id];
  return [
    line('ERROR', text, within === 'LIST' ? values : [...values, repeated(textOf(request, 'list_id'))]),
  ];
}

/** `7275551212_1_work!7275551213_1_sister+house`: numbers with code and note, both optional. */
function readFurther(sent: string, home: ReturnType<typeof readCountry>) {
  const numbers: FurtherNumber[] = [];
  const notStored = new Set<string>();
  for (const part of sent.split('!')) {
    const [sentNumber = '', code = '', ...note] = part
      .split('_')
      .map((piece, at) => (at === 0 ? piece : piece.trim()));
    const number = numberIn(sentNumber);
    if (number === '') continue;
    numbers.push({ label: note.join('_') || null, number });
    if (code !== '' && readCountry(code) !== home) notStored.add('multi_alt_phones.phone_code');
  }
  return { numbers, notStored: [...notStored] };
}
