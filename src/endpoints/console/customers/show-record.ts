import type { FastifyReply } from 'fastify';

import { stateOf } from '../../../core/lead-state.ts';
import type { Problem } from '../../../core/problem.ts';
import { recordOf } from '../../../files/lead-document.ts';
import { PERSON_WORDS } from '../../../files/person-page.ts';
import type { AdminRequest } from '../admin-request.ts';
import { type Asked, wholeIn } from './asked.ts';
import { CUSTOMERS_WORDS } from './customers-words.ts';
import { listName, nameOf } from './view-customers.ts';

/** Entries on a page of the timeline. */
const ENTRIES = 50;
/** Pages beyond have more than anybody reads. */
const MOST_ENTRIES = 1_000_000;

/** A customer with what happened to it. */
export async function showRecord(admin: AdminRequest, leadId: number, asked: Asked): Promise<FastifyReply> {
  const { form, reader, domain, context, send, refuse } = admin;
  const words = CUSTOMERS_WORDS[reader.language];
  const offset = wholeIn(form.get('offset'), MOST_ENTRIES) ?? 0;
  const read = await readTimeline(admin, leadId, { offset, limit: ENTRIES });
  if ('problem' in read) return refuse(read.problem);
  const { customer, timeline } = read;
  const described = customer && (await domain.describeList({ ...context, listId: customer.lead.list_id }));
  const list = described !== undefined && 'list' in described ? described.list : undefined;
  const { entries, total, isRemoved } = timeline;
  const state = customer === undefined ? {} : stateOf(customer);
  const shown = recordOf({ state, entries }, list?.fields ?? [], PERSON_WORDS[reader.language]);
  const time = new Intl.DateTimeFormat(reader.tag, { dateStyle: 'medium', timeStyle: 'short' });
  const view = {
    id: String(leadId),
    asked,
    name: customer === undefined ? words.lead(String(leadId)) : nameOf(customer, words),
    about: customer && aboutOf(customer.lead.list_id, list?.name, leadId, words.lead),
    isRemoved,
    fields: shown.fields,
    timeline: shown.timeline.map(({ at, by, what }) => ({ at, by, what, when: time.format(Date.parse(at)) })),
    newer: offset > 0 ? String(Math.max(0, offset - ENTRIES)) : undefined,
    older: offset + entries.length < total ? String(offset + entries.length) : undefined,
  };
  return send({ template: 'customer', title: words.title, words, view });
}

function aboutOf(
  listId: number,
  name: string | null | undefined,
  leadId: number,
  lead: (id: string) => string,
): string {
  return `${lead(String(leadId))}, ${listName(listId, name)}`;
}

type TimelineRead = ReturnType<AdminRequest['domain']['readTimeline']>;

/** With fewer entries where these are too large together. */
async function readTimeline(
  admin: Pick<AdminRequest, 'domain' | 'context'>,
  leadId: number,
  page: { readonly offset: number; readonly limit: number },
): TimelineRead {
  const read = await admin.domain.readTimeline({ ...admin.context, leadId, page });
  if (!('problem' in read) || !isTooLarge(read.problem) || page.limit === 1) return read;
  return readTimeline(admin, leadId, { ...page, limit: Math.floor(page.limit / 5) });
}

function isTooLarge({ code }: Problem): boolean {
  return code === 'request_too_large';
}
