import type { RequestContext } from '../auth/principal.ts';
import { LONGEST_NOTE, readText } from '../core/lead-patch.ts';
import type { Page } from '../core/lead-store.ts';
import type { IdempotencyKey, NotePage, Timeline } from '../core/record-store.ts';
import { NOT_YET } from './change-lead.ts';
import { refused } from './pipeline.ts';
import {
  byLeadId,
  idempotencyOf,
  isVisible,
  malformed,
  noLead,
  type OnRecords,
  problemOfRefusal,
  readRecord,
} from './record-work.ts';

export interface TimelineRequest extends RequestContext {
  readonly leadId: number;
  readonly page: Page;
}

export interface NoteRequest extends RequestContext {
  readonly leadId: number;
  readonly text: unknown;
  readonly idempotency?: Omit<IdempotencyKey, 'account'> | undefined;
}

/** What happened to a lead, and what people note about it. */
export function createTimelineService(onRecords: OnRecords) {
  return {
    /** Of a lead that was removed, too: by it the lead can be brought back. */
    readTimeline: ({ leadId, page, ...context }: TimelineRequest) => {
      const query = byLeadId(leadId);
      return onRecords<{ readonly timeline: Timeline }>(context, query, async ({ records, scope }) => {
        const timeline = await records.timeline(leadId, page);
        if (timeline === undefined || !isVisible(scope, timeline.listId))
          return refused(noLead(leadId), query);
        const stored = await records.read(leadId, scope);
        const read =
          stored === undefined
            ? { action: 'timeline_read' as const, query, leadId }
            : readRecord(query, stored.customer);
        return { records: [read], answer: { timeline } };
      });
    },

    readNotes: ({ leadId, page, ...context }: TimelineRequest) => {
      const query = byLeadId(leadId);
      return onRecords<{ readonly notes: NotePage }>(context, query, async ({ records, scope }) => {
        const stored = await records.read(leadId, scope);
        if (stored === undefined) return refused(noLead(leadId), query);
        const notes = await records.notes(leadId, page);
        return { records: [readRecord(query, stored.customer)], answer: { notes } };
      });
    },

    addNote: ({ leadId, text, idempotency, ...context }: NoteRequest) => {
      const query = byLeadId(leadId);
      return onRecords<{ readonly noteId: number; readonly isRepeated?: true }>(
        context,
        query,
        async ({ records, scope, by, principal }) => {
          const fault = faultOfNote(text);
          if (typeof text !== 'string' || fault !== undefined) {
            return refused(malformed({ field: 'text', reason: fault ?? '' }), query);
          }
          if ((await records.read(leadId, scope)) === undefined) return refused(noLead(leadId), query);
          const key = idempotencyOf(principal, idempotency);
          return {
            records: [{ action: 'note_added', query, leadId }],
            answer: NOT_YET,
            async commit() {
              const written = await records.addNote(leadId, text, by, key);
              if ('id' in written)
                return { noteId: written.id, ...(written.isRepeated && { isRepeated: true }) };
              const isGone = written.refused === 'changed';
              return { problem: isGone ? noLead(leadId) : problemOfRefusal(written) };
            },
          };
        },
      );
    },
  };
}

function faultOfNote(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return 'must be a text that is not empty';
  const read = readText(text, LONGEST_NOTE);
  return 'fault' in read ? read.fault : undefined;
}
