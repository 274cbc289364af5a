import type { RequestContext } from '../auth/principal.ts';
import { LONGEST_NOTE, readText } from '../core/lead-patch.ts';
import type { LookupResult, Page } from '../core/lead-store.ts';
import type { DialerHappening } from '../core/lead-history.ts';
import type { IdempotencyKey, NotePage, Timeline, TimelineEntry } from '../core/record-store.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import { TOO_LARGE } from './answer-budget.ts';
import { NOT_YET } from './change-lead.ts';
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
import type { LeadPorts } from './lookup.ts';
import { historyOf } from './lead-history.ts';
import { refused } from './work.ts';

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
export function createTimelineService(onRecords: OnRecords, leadsFor: LeadPorts['leadsFor']) {
  return {
    readTimeline: createReadTimeline(onRecords, leadsFor),

    readNotes: ({ leadId, page, ...context }: TimelineRequest) => {
      const query = byLeadId(leadId);
      return onRecords<{ readonly notes: NotePage }>(context, query, async ({ records, scope, charge }) => {
        const stored = await records.read(leadId, scope);
        if (stored === undefined) return refused(noLead(leadId), query);
        const notes = await records.notes(leadId, page);
        charge(costOfPage(page, notes.notes));
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

/** A timeline as it is shown, of whatever store. */
export interface ShownTimeline extends Pick<Timeline, 'total' | 'isRemoved'> {
  readonly entries: readonly (TimelineEntry | DialerHappening)[];
  /** Whoever reads it may take changes back. */
  readonly mayUndo: boolean;
}

interface TimelineAnswer {
  readonly timeline: ShownTimeline;
  /** The lead; undefined: it was removed. */
  readonly customer: LookupResult | undefined;
}

/** Of a lead that was removed, too: by it the lead can be brought back. Of a dialer's lead it is what the dialer keeps. */
function createReadTimeline(onRecords: OnRecords, leadsFor: LeadPorts['leadsFor']) {
  return ({ leadId, page, ...context }: TimelineRequest) => {
    const query = byLeadId(leadId);
    return onRecords<TimelineAnswer>(
      context,
      query,
      async ({ records, scope, charge, principal: { rights } }) => {
        const timeline = await records.timeline(leadId, page);
        if (timeline !== undefined) charge(costOfPage(page, timeline.entries, timeline.characters));
        if (timeline === undefined || !isVisible(scope, timeline.listId))
          return refused(noLead(leadId), query);
        if (timeline.isCut === true) return refused(TOO_LARGE, query);
        const stored = await records.read(leadId, scope);
        const read =
          stored === undefined
            ? { action: 'timeline_read' as const, query, leadId }
            : readRecord(query, stored.customer);
        const mayUndo = (rights & RIGHT_BIT.edit) !== 0;
        return {
          records: [read],
          answer: { timeline: { ...timeline, mayUndo }, customer: stored?.customer },
        };
      },
      async ({ principal, charge }) => {
        const leads = leadsFor(principal);
        const result = await leads.find(query, principal.viewer);
        if (result === undefined) return refused(noLead(leadId), query);
        const history = await historyOf(leads, principal, result, page);
        if (history === undefined) return refused({ code: 'read_only_store' }, query);
        charge(costOfPage(page, history.entries));
        const { total, entries } = history;
        return {
          records: [readRecord(query, result)],
          answer: { timeline: { total, isRemoved: false, entries, mayUndo: false }, customer: result },
        };
      },
    );
  };
}

/** As much text as a lead with many fields. */
const CHARACTERS_OF_A_LOOKUP = 10_000;

/** How many lookups more a page is: one for each further entry, or as many as its text; and for each hundred that are passed over. */
export function costOfPage({ offset }: Page, entries: readonly unknown[], characters = 0): number {
  const shown = Math.max(0, entries.length - 1, Math.floor(characters / CHARACTERS_OF_A_LOOKUP));
  return shown + Math.floor(offset / 100);
}

function faultOfNote(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return 'must be a text that is not empty';
  const read = readText(text, LONGEST_NOTE);
  return 'fault' in read ? read.fault : undefined;
}
