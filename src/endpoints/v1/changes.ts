import type { FastifyReply, FastifyRequest } from 'fastify';

import { domainContextOf } from '../../http/domain-context.ts';
import type { Changed } from '../../service/record-work.ts';
import type { Answer } from '../../service/work.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readForce, readIdempotency, readIds, readIfMatch, readNoQuery } from './read-request.ts';
import { contextOf, type Handler, refuseFaults, sendJson } from './route.ts';
import { writeTagged } from './write-lead.ts';

/** `POST /v1/leads` */
export const createLead: Handler = async (request, reply) => {
  const force = readForce(request);
  const read = readAll(force, readIdempotency(request, force));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const domain = domainContextOf(request);
  const outcome = await domain.createLead({ ...contextOf(request), ...read, fields: request.body });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  void reply.code(201).header('location', `/v1/leads/${outcome.result.leadId}`);
  if (outcome.isRepeated === true) void reply.header('idempotent-replayed', 'true');
  return sendChanged(request, reply, outcome);
};

/** `PATCH /v1/leads/{lead_id}` */
export const changeLead: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'lead_id'), readForce(request), readIfMatch(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, ...rest } = read;
  const domain = domainContextOf(request);
  const asked = { ...contextOf(request), ...rest, leadId, patch: request.body };
  return sendChanged(request, reply, await domain.changeLead(asked));
};

/** `DELETE /v1/leads/{lead_id}` */
export const removeLead: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'lead_id'), readIfMatch(request), readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, isAsRead } = read;
  const outcome = await domainContextOf(request).removeLead({ ...contextOf(request), leadId, isAsRead });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return nameChange(reply, outcome).code(204).send();
};

/** `POST /v1/leads/{lead_id}/changes/{change_id}/undo` */
export const undoChange: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'lead_id', 'change_id'), readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, change_id: changeId } = read;
  const outcome = await domainContextOf(request).undoChange({ ...contextOf(request), leadId, changeId });
  if (!('problem' in outcome) && outcome.isRemoved === true)
    return nameChange(reply, outcome).code(204).send();
  return sendChanged(request, reply, outcome);
};

/** The lead as it is now. */
function sendChanged(request: FastifyRequest, reply: FastifyReply, outcome: Answer<Changed>): FastifyReply {
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { body, tag } = writeTagged(outcome.result, domainContextOf(request).numbering());
  return sendJson(nameChange(reply, outcome).header('etag', tag), body);
}

/** By which the change is undone. */
function nameChange(reply: FastifyReply, { changeId }: Changed): FastifyReply {
  return changeId === undefined ? reply : reply.header('change-id', String(changeId));
}
