import { LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import { parseQuery } from '../../core/query.ts';
import { faultOfTexts, isYes, type SentTexts, patchOfTexts } from '../../core/text-patch.ts';
import type { Problem } from '../../core/problem.ts';
import { identifyEditor } from '../../service/identify-editor.ts';
import { answerFor } from './answers.ts';
import type { Action, ActionAnswer } from './action.ts';
import type { ListValue, Params } from './params.ts';

/**
 * `goUpdateCustomer`: the form of an agent's screen, every field of a lead by name and value. A field that is sent as it is does not
 * change; an empty one has no value any longer. Names that no lead has are refused with their name, unless they are empty.
 */
export const updateCustomer: Action = async ({ params, domain, context }) => {
  const editor = await identifyEditor(domain, context);
  const { texts, leadId: asked, listId } = readForm(params);
  if ('problem' in editor && editor.problem.code !== 'read_only_store') return failure(editor.problem, asked);
  // Also where nothing is changed, because that is said with the lead's id.
  const query = parseQuery({ leadId: asked }, domain.numbering().country);
  if ('code' in query) return failure(query, asked);
  // A query with a lead id alone is by it.
  if (query.by !== 'lead_id') return failure({ code: 'parameters_missing' }, asked);
  if ('problem' in editor) return failure(editor.problem, asked);
  let becameCustomer = false as boolean;
  const answer = await domain.changeLead({
    ...context,
    right: 'edit',
    leadId: query.leadId,
    // Two people with one number are no mistake on a dialer's screen.
    allowShared: true,
    makePatch({ state }, definitions) {
      if (listId !== '' && Number(listId) !== state.list_id) {
        return { faults: [{ field: 'list_id', reason: 'is another list than that of the lead' }] };
      }
      becameCustomer = isYes(textOf(params.get('goSaveAsCustomer'))) && state.is_customer !== true;
      const patch = patchOfTexts(texts, state, definitions);
      const unknown = Object.keys(patch).filter((name) => !KNOWN.has(name));
      if (unknown.length > 0)
        return { faults: unknown.map((name) => ({ field: name.slice(0, SHOWN_OF_NAME), reason: NO_FIELD })) };
      return { patch: becameCustomer ? { ...patch, is_customer: true } : patch };
    },
  });
  if ('problem' in answer) return failure(answer.problem, asked);
  const converted = becameCustomer ? '<br><br>Lead file also converted to customer.' : '';
  const message = `Lead file '${asked}' updated successfully.${converted}`;
  return { content: { result: 'success', lead_id: asked, message } };
};

const KNOWN: ReadonlySet<string> = new Set([...LEAD_TEXT_FIELDS, 'custom_info']);
/** A name may be as long as any value of a form. */
const SHOWN_OF_NAME = 50;
const NO_FIELD = 'is no field of a lead here; those of goGetCustomerInfo are';

/** As goAPIv2 says that nothing was written, where it has words for it. */
function failure(problem: Problem, leadId: string): ActionAnswer {
  if (problem.code === 'parameters_missing') {
    const message = 'Error: Missing required parameters';
    return { content: { result: 'validation_failed', code: '40001', message, fields: ['lead_id'] } };
  }
  if (problem.code === 'parameter_malformed') {
    return answerFor({ ...problem, faults: problem.faults.map((fault) => faultOfTexts(fault, 'empty')) });
  }
  if (problem.code !== 'read_only_store' && problem.code !== 'lead_not_found') return answerFor(problem);
  const reason = problem.code === 'read_only_store' ? ': leads of a dialer are changed in the dialer' : '';
  const message = `Failed to updated lead file '${leadId}'${reason}`;
  return { content: { result: 'error', lead_id: leadId, message } };
}

interface SentForm {
  readonly texts: SentTexts;
  readonly leadId: string;
  readonly listId: string;
}

/** Of a name that comes twice the last value counts; of a custom field they are several choices. */
function readForm(params: Params): SentForm {
  const fields = new Map<string, string>();
  for (const [name, value] of pairsOf(params.get('goLeadInfo'))) {
    fields.set(name.replace(/^viewCust_/, ''), value);
  }
  const custom = new Map<string, string>();
  for (const [name, value] of pairsOf(params.get('goCustomInfo'))) {
    const label = name.replace(/^viewCustom_/, '').replace(/\[\]$/, '');
    const chosen = custom.get(label);
    custom.set(label, chosen === undefined ? value : `${chosen},${value}`);
  }
  const [leadId = '', listId = ''] = ['lead_id', 'list_id'].map((name) => fields.get(name)?.trim());
  fields.delete('lead_id');
  fields.delete('list_id');
  return { texts: { fields, custom }, leadId, listId };
}

/** `[n][name]` and `[n][value]`, as jQuery's serializeArray sends a form. */
function pairsOf(sent: string | { readonly fault: string } | ListValue | undefined) {
  if (typeof sent !== 'object' || !('parts' in sent)) return [];
  const entries = new Map<string, { name?: string; value?: string }>();
  for (const [[at = '', key = ''], text] of sent.parts) {
    const entry = entries.get(at) ?? {};
    entries.set(at, key === 'name' || key === 'value' ? { ...entry, [key]: text } : entry);
  }
  return [...entries.values()].flatMap(({ name, value = '' }) =>
    name === undefined ? [] : [[name, value] as const],
  );
}

/** One text; a list is as if nothing was sent. */
function textOf(sent: ReturnType<Params['get']>): string {
  return typeof sent === 'string' ? sent : '';
}
