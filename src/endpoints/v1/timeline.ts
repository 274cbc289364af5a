import { isObject } from '../../core/is-object.ts';
import { CUSTOM_PREFIX, type LeadState } from '../../core/lead-state.ts';
import type { DialerCallback } from '../../core/lead-history.ts';
import type { LeadNote, TimelineEntry } from '../../core/record-store.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { callResource } from './call-resource.ts';
import { sendProblem } from './problem-answer.ts';
import { readAll, readIdempotency, readIds, readNoQuery, readPage } from './read-request.ts';
import { contextOf, type Handler, refuseFaults, sendJson } from './route.ts';
import type { NoteResource, TimelineEntryResource } from './schemas-records.ts';

/** `GET /v1/leads/{lead_id}/timeline` */
export const getTimeline: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'lead_id'), readPage(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, page } = read;
  const outcome = await domainContextOf(request).readTimeline({ ...contextOf(request), leadId, page });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { total, isRemoved, entries } = outcome.timeline;
  const shown = { lead_id: leadId, is_removed: isRemoved, total, ...page, entries: entries.map(entryOf) };
  return sendJson(reply, JSON.stringify(shown));
};

/** `GET /v1/leads/{lead_id}/notes` */
export const getNotes: Handler = async (request, reply) => {
  const read = readAll(readIds(request, 'lead_id'), readPage(request));
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, page } = read;
  const outcome = await domainContextOf(request).readNotes({ ...contextOf(request), leadId, page });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  const { total, notes } = outcome.notes;
  return sendJson(reply, JSON.stringify({ lead_id: leadId, total, ...page, notes: notes.map(noteOf) }));
};

/** `POST /v1/leads/{lead_id}/notes` */
export const addNote: Handler = async (request, reply) => {
  const { body } = request;
  const others = isObject(body) ? Object.keys(body).filter((name) => name !== 'text') : [];
  const faults = others.map((name) => ({
    field: name.slice(0, 50),
    reason: 'is unknown here; a note has a text',
  }));
  const known = faults.length > 0 ? { faults } : {};
  const read = readAll(
    readIds(request, 'lead_id'),
    readNoQuery(request),
    readIdempotency(request),
    known as object,
  );
  if ('faults' in read) return refuseFaults(request, reply, read);
  const { lead_id: leadId, idempotency } = read;
  const text = isObject(body) ? body.text : undefined;
  const domain = domainContextOf(request);
  const outcome = await domain.addNote({ ...contextOf(request), leadId, text, idempotency });
  if ('problem' in outcome) return sendProblem(reply, outcome.problem);
  if (outcome.isRepeated === true) void reply.header('idempotent-replayed', 'true');
  return sendJson(reply.code(201), JSON.stringify({ lead_id: leadId, note_id: outcome.noteId }));
};

function noteOf({ noteId, at, user, endpoint, text }: LeadNote): NoteResource {
  return { note_id: noteId, at: new Date(at).toISOString(), user, endpoint, text };
}

function callbackOf({ callbackId, due, status, user, text }: DialerCallback) {
  return {
    callback_id: callbackId,
    due: due === undefined ? null : new Date(due).toISOString(),
    status,
    user: user ?? null,
    text: text ?? null,
  };
}

function entryOf(entry: TimelineEntry | DialerCallback): TimelineEntryResource {
  const { type } = entry;
  const at = new Date(entry.at).toISOString();
  if (type === 'note') return { type, ...noteOf(entry) };
  if (type === 'import') return { type, import_id: entry.importId, at, file_name: entry.fileName };
  if (type === 'call') return { type, at, ...callResource(entry) };
  if (type === 'callback') return { type, at, ...callbackOf(entry) };
  const { changeId, user, endpoint, before, after, requestId, importId, undoes } = entry;
  return {
    type,
    change_id: changeId,
    at,
    user,
    endpoint,
    before: before === undefined ? null : fieldsOf(before),
    after: after === undefined ? null : fieldsOf(after),
    // What is undefined is left out of JSON.
    ...(requestId !== undefined && { request_id: requestId }),
    ...(importId !== undefined && { import_id: importId }),
    ...(undoes !== undefined && { undoes }),
  };
}

/** The fields of a state as a lead and a patch have them. */
function fieldsOf(state: LeadState): Readonly<Record<string, unknown>> {
  const [own, custom]: [string, unknown][][] = [[], []];
  for (const [field, value] of Object.entries(state)) {
    if (field.startsWith(CUSTOM_PREFIX)) custom?.push([field.slice(CUSTOM_PREFIX.length), value]);
    else own?.push([field, value]);
  }
  const fields = Object.fromEntries(own ?? []);
  return custom?.length === 0 ? fields : { ...fields, custom_info: Object.fromEntries(custom ?? []) };
}
