import type { PersonTrace } from '../../core/person-store.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { strictSearchParamsOf } from '../../http/query-params.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readNoQuery } from './read-request.ts';
import { contextOf, type Handler, namedHere, NOT_PHONE_NUMBER, refuseFaults, sendJson } from './route.ts';
import type { PersonTraceResource } from './schemas-persons.ts';

/** `GET /v1/persons?phone=…` */
export const findPersons: Handler = async (request, reply) => {
  const query = strictSearchParamsOf(request);
  const faults = [...new Set(query.keys())]
    .filter((name) => name !== 'phone')
    .map((name) =>
      name === 'phone_number'
        ? NOT_PHONE_NUMBER
        : { field: name.slice(0, 50), reason: 'is no parameter of this address, which takes phone' },
    );
  const [phone, ...more] = query.getAll('phone');
  if (more.length > 0) faults.push({ field: 'phone', reason: 'is given several times' });
  if (faults.length > 0) return refuseFaults(request, reply, { faults });
  const outcome = await domainContextOf(request).findPersons({ ...contextOf(request), phone });
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  return sendJson(
    reply,
    JSON.stringify({ leads: outcome.traces.map(traceOf), calls_without_lead: outcome.calls }),
  );
};

/** `POST /v1/persons/export` */
export const exportPerson: Handler = async (request, reply) => {
  const read = readAll(readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).exportPerson({ ...contextOf(request), sent: request.body });
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  return sendJson(reply, JSON.stringify(outcome.document));
};

/** `POST /v1/persons/erase` */
export const erasePerson: Handler = async (request, reply) => {
  const read = readAll(readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).erasePerson({ ...contextOf(request), sent: request.body });
  if ('problem' in outcome) return sendProblem(reply, namedHere(outcome.problem));
  return sendJson(reply, JSON.stringify(outcome.receipt));
};

function traceOf({ leadId, listId, name, isRemoved, matches }: PersonTrace): PersonTraceResource {
  return { lead_id: leadId, list_id: listId, name, is_removed: isRemoved, found_as: [...matches] };
}
