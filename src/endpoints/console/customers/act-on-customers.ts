import type { FastifyReply } from 'fastify';

import { MAX_LIST_ID } from '../../../core/lead.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ChangedMany } from '../../../service/customers.ts';
import { noticeOf } from '../../pages/problem-words.ts';
import type { Language } from '../../pages/reader.ts';
import type { AdminRequest } from '../admin-request.ts';
import { wholeIn } from './asked.ts';
import { CUSTOMERS_WORDS } from './customers-words.ts';
import { type ChosenLead, chosenLeads } from './view-customers.ts';

/** What became of a form, for the page that says so. */
export interface Outcome {
  /** It is answered already. */
  readonly reply?: FastifyReply;
  readonly problem?: Problem | undefined;
  readonly wrong?: string | undefined;
  readonly done?: string | undefined;
  /** Why some were left as they are, each with whom it concerns. */
  readonly refused?: readonly string[];
}

const MALFORMED: Problem = { code: 'parameter_malformed', faults: [] };

/** Does what the form says with the chosen customers. */
export async function actOnChosen(admin: AdminRequest): Promise<Outcome> {
  const { form, reader } = admin;
  const words = CUSTOMERS_WORDS[reader.language];
  const leads = chosenIn(form);
  if (leads.length === 0) return { problem: MALFORMED, wrong: words.nobodyChosen };
  const what = form.get('what') ?? '';
  if (isMeantOtherwise(what, form)) return { problem: MALFORMED, wrong: words.apart };
  switch (what) {
    case 'export':
      return { reply: await exportChosen(admin, leads) };
    case 'move': {
      const listId = wholeIn(form.get('to-list'), MAX_LIST_ID);
      if (listId === undefined) return { problem: MALFORMED, wrong: words.badList };
      return changeChosen(admin, leads, { list_id: listId });
    }
    case 'status': {
      const status = (form.get('to-status') ?? '').trim();
      if (status === '') return { problem: MALFORMED, wrong: words.badStatus };
      return changeChosen(admin, leads, { status });
    }
    default:
      return { reply: admin.refuse({ code: 'parameters_missing' }) };
  }
}

/** A list or a status was chosen for something else than what is to be done: it would be dropped without a word. */
function isMeantOtherwise(what: string, form: URLSearchParams): boolean {
  const sent = (field: string) => (form.get(field) ?? '').trim() !== '';
  return (what !== 'move' && sent('to-list')) || (what !== 'status' && sent('to-status'));
}

function chosenIn(form: URLSearchParams): readonly ChosenLead[] {
  return chosenLeads(form.has('all') ? (form.get('shown') ?? '').split(',') : form.getAll('chosen'));
}

async function changeChosen(
  { domain, context, reader, refuse }: AdminRequest,
  leads: readonly ChosenLead[],
  patch: object,
): Promise<Outcome> {
  const words = CUSTOMERS_WORDS[reader.language];
  const changed = await domain.changeLeads({ ...context, right: 'edit', leads, patch });
  if ('problem' in changed) {
    const { problem } = changed;
    return problem.code === 'api_not_allowed'
      ? { problem, wrong: words.needsEdit }
      : { reply: refuse(problem) };
  }
  const { outcomes } = changed;
  const count = outcomes.filter(({ problem }) => problem === undefined).length;
  return {
    ...(count === 0 ? { problem: outcomes[0]?.problem } : { done: words.done(String(count)) }),
    refused: refusedOf(outcomes, reader.language),
  };
}

/** Each reason once, with the leads that it concerns. */
function refusedOf(outcomes: ChangedMany['outcomes'], language: Language): readonly string[] {
  const words = CUSTOMERS_WORDS[language];
  const byReason = Map.groupBy(
    outcomes.filter((one): one is typeof one & { problem: Problem } => one.problem !== undefined),
    ({ problem }) => reasonOf(problem, language),
  );
  return [...byReason].map(([reason, some]) =>
    words.refused(reason, some.map(({ leadId }) => words.lead(String(leadId))).join(', ')),
  );
}

function reasonOf(problem: Problem, language: Language): string {
  return problem.code === 'parameter_malformed'
    ? problem.faults.map(({ field, reason }) => `${field} ${reason}`).join('; ')
    : noticeOf(problem, language).title;
}

/** As the command writes it for a spreadsheet. */
async function exportChosen(
  { domain, context, reply, refuse }: AdminRequest,
  chosen: readonly ChosenLead[],
): Promise<FastifyReply> {
  const leadIds = chosen.map(({ leadId }) => leadId);
  const exported = await domain.exportLeads({ ...context, leadIds });
  if ('problem' in exported) return refuse(exported.problem);
  const { writeLeadsCsv } = await import('./leads-csv.ts');
  return reply
    .header('content-disposition', 'attachment; filename="customers.csv"')
    .type('text/csv; charset=utf-8')
    .send(await writeLeadsCsv(exported));
}
