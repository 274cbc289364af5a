import { Readable } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { ParameterFault } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { importOf, importsOf } from './import-resource.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readNoQuery } from './read-request.ts';
import { contextOf, type Handler, refuseFaults, sendJson } from './route.ts';

/** `GET /v1/imports` */
export const getImports: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).readImports(contextOf(request));
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return sendJson(reply, JSON.stringify(importsOf(outcome)));
};

/** `GET /v1/imports/{import}` */
export const getImport: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  return sendImport(reply, await domainContextOf(request).readImport(aboutOf(request)));
};

/** `POST /v1/imports` */
export const beginImport: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const asked = { ...contextOf(request), sent: request.body };
  return sendImport(reply, await domainContextOf(request).beginImport(asked), 201);
};

/** `PUT /v1/imports/{import}/parts/{offset}` */
export const putImportPart: Handler = async (request, reply) => {
  const read = readAll(readOffset(request), readNoQuery(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const bytes = request.body as Buffer | undefined;
  if (bytes === undefined || bytes.length === 0)
    return refuseFaults(request, reply, { faults: [{ field: 'body', reason: 'must have bytes' }] });
  const asked = { ...aboutOf(request), offset: read.offset, bytes };
  return sendImport(reply, await domainContextOf(request).putImportPart(asked));
};

/** `POST /v1/imports/{import}/start` */
export const startImport: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const asked = { ...aboutOf(request), sent: request.body };
  return sendImport(reply, await domainContextOf(request).startImport(asked), 202);
};

/** `POST /v1/imports/{import}/undo` */
export const undoImport: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).undoImport(aboutOf(request));
  return sendImport(reply, outcome, 202, 'location');
};

/** `DELETE /v1/imports/{import}` */
export const dropImport: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).dropImport(aboutOf(request));
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return reply.code(outcome.isStopping ? 202 : 204).send();
};

/** `GET /v1/imports/{import}/rejects` */
export const getImportRejects: Handler = async (request, reply) => {
  const read = readNoQuery(request);
  if ('faults' in read) return refuseFaults(request, reply, read);
  const outcome = await domainContextOf(request).readRejects(aboutOf(request));
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  return reply
    .header('content-disposition', 'attachment; filename="rejects.csv"')
    .type('text/csv; charset=utf-8')
    .send(Readable.from(outcome.rejects));
};

function aboutOf(request: FastifyRequest) {
  const { import: importId } = request.params as { readonly import: string };
  return { ...contextOf(request), importId };
}

function readOffset({
  params,
}: FastifyRequest): { readonly offset: number } | { readonly faults: readonly ParameterFault[] } {
  const { offset } = params as { readonly offset: string };
  return /^\d{1,15}$/.test(offset)
    ? { offset: Number(offset) }
    : { faults: [{ field: 'offset', reason: 'must be a whole number from 0 on' }] };
}

type Outcome = Awaited<ReturnType<ReturnType<typeof domainContextOf>['readImport']>>;

function sendImport(
  reply: FastifyReply,
  outcome: Outcome,
  status = 200,
  location?: 'location',
): FastifyReply {
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { job } = outcome;
  if (status === 201 || location !== undefined) void reply.header('location', `/v1/imports/${job.id}`);
  return sendJson(reply.code(status), JSON.stringify(importOf(job)));
}
