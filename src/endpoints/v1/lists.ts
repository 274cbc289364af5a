import type { FastifyRequest } from 'fastify';

import { isObject } from '../../core/is-object.ts';
import type { ListField } from '../../core/lead.ts';
import type { ListSettings } from '../../core/record-store.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import type { ListFieldsResource, ListResource } from './schemas-records.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readIds, readNoQuery } from './read-request.ts';
import { contextOf, type Handler, refuse, refuseFaults, sendJson } from './route.ts';

/** `GET /v1/lists` */
export const getLists: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).readLists(contextOf(request));
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, JSON.stringify({ lists: outcome.lists.map(listOf) }));
};

/** `POST /v1/lists` */
export const createList: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const asked = { ...contextOf(request), listId: undefined, sent: request.body };
  const outcome = await domainContextOf(request).setList(asked);
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply.code(201), JSON.stringify(listOf(outcome.list)));
};

/** `PATCH /v1/lists/{list_id}` */
export const changeList: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'list_id'), readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const asked = { ...contextOf(request), listId: read.list_id, sent: request.body };
  const outcome = await domainContextOf(request).setList(asked);
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, JSON.stringify(listOf(outcome.list)));
};

/** `GET /v1/lists/{list_id}/fields`: beside a dialer, too. */
export const getListFields: Handler = async (request, reply) => {
  const { list_id: sent } = request.params as { readonly list_id: string };
  if (!/^\d{1,14}$/.test(sent)) {
    const reason = 'must be a whole number of 1 to 14 decimal digits';
    return refuse(request, reply, { code: 'parameter_malformed', faults: [{ field: 'list_id', reason }] });
  }
  const asked = { ...contextOf(request), listId: Number(sent) };
  const outcome = await domainContextOf(request).describeList(asked);
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, writeFields(outcome.list, outcome.list.fields));
};

/** `PUT /v1/lists/{list_id}/fields` */
export const putListFields: Handler = async (request, reply) => {
  const fields = readFields(request);
  const read = readAll(readIds(request, 'list_id'), readNoQuery(request), fields as object);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const sent = 'sent' in fields ? fields.sent : undefined;
  const asked = { ...contextOf(request), listId: read.list_id, sent };
  const outcome = await domainContextOf(request).setFields(asked);
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, writeFields(outcome.list, outcome.fields));
};

function readFields({ body }: FastifyRequest) {
  if (!isObject(body) || !('fields' in body)) {
    return { faults: [{ field: 'body', reason: 'must be a JSON object with fields' }] };
  }
  const [other] = Object.keys(body).filter((name) => name !== 'fields');
  if (other === undefined) return { sent: body.fields };
  const reason = 'is set by PATCH of the list, if at all; here fields alone are';
  return { faults: [{ field: other.slice(0, 50), reason }] };
}

function listOf({ listId, name, statuses, masked }: ListSettings): ListResource {
  const list = { list_id: listId, name, statuses: [...statuses] };
  return masked.length === 0 ? list : { ...list, masked: [...masked] };
}

function writeFields(
  { listId, name }: Pick<ListSettings, 'listId' | 'name'>,
  fields: readonly ListField[],
): string {
  const shown = fields.map(({ label, caption, type, options = [] }) => ({
    label,
    caption,
    type,
    options: [...options],
  }));
  return JSON.stringify({ list_id: listId, name, fields: shown } satisfies ListFieldsResource);
}
