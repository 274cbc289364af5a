import type { FastifyReply } from 'fastify';

import { MAX_LEAD_ID } from '../../../core/lead.ts';
import type { Problem } from '../../../core/problem.ts';
import type { ListSettings } from '../../../core/record-store.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { actOnChosen, type Outcome } from './act-on-customers.ts';
import { type Asked, askedIn, leadIdOf, wholeIn } from './asked.ts';
import { CUSTOMERS_WORDS } from './customers-words.ts';
import { findCustomers } from './find-customers.ts';
import { showRecord } from './show-record.ts';
import { listName, viewFound } from './view-customers.ts';

/** Customers: found, looked at, moved, exported. What was searched for is in bodies: browsers keep what stands in addresses. */
export const CUSTOMERS: ConsolePage = {
  path: '/console/customers',
  label: { en: CUSTOMERS_WORDS.en.title, es: CUSTOMERS_WORDS.es.title },
  addRoutes({ show, act }) {
    show('/console/customers', (admin) => sendForm(admin, askedIn(new URLSearchParams())));
    act('/console/customers/search', search);
    act('/console/customers/open', openRecord);
    act('/console/customers/act', actOn);
  },
};

function search(admin: AdminRequest): Promise<FastifyReply> {
  const asked = askedIn(admin.form);
  const leadId = leadIdOf(asked);
  if (leadId === undefined) return sendFound(admin, asked);
  const words = CUSTOMERS_WORDS[admin.reader.language];
  return leadId === 'no id'
    ? sendForm(admin, asked, {
        problem: { code: 'parameter_malformed', faults: [] },
        wrong: words.badId,
      })
    : showRecord(admin, leadId, asked);
}

function openRecord(admin: AdminRequest): Promise<FastifyReply> | FastifyReply {
  const leadId = wholeIn(admin.form.get('lead'), MAX_LEAD_ID);
  return leadId === undefined
    ? admin.refuse({ code: 'parameters_missing' })
    : showRecord(admin, leadId, askedIn(admin.form));
}

/** What was done is said over the same page of customers, as they are now. */
async function actOn(admin: AdminRequest): Promise<FastifyReply> {
  const { reply, ...outcome } = await actOnChosen(admin);
  return reply ?? sendFound(admin, askedIn(admin.form), outcome);
}

async function sendFound(admin: AdminRequest, asked: Asked, outcome: Outcome = {}): Promise<FastifyReply> {
  const found = await findCustomers(admin, asked);
  if (!('problem' in found)) {
    const lists = await listsFor(admin);
    if ('problem' in lists) return admin.refuse(lists.problem);
    const words = CUSTOMERS_WORDS[admin.reader.language];
    return sendPage(admin, asked, lists, outcome, viewFound(found, asked, lists, words));
  }
  return admin.refuse(outcome.problem ?? found.problem);
}

async function sendForm(admin: AdminRequest, asked: Asked, outcome: Outcome = {}): Promise<FastifyReply> {
  const lists = await listsFor(admin);
  return 'problem' in lists ? admin.refuse(lists.problem) : sendPage(admin, asked, lists, outcome);
}

/** Those of a dialer are not read: its admin types their ids. */
async function listsFor({
  domain,
  context,
}: AdminRequest): Promise<readonly ListSettings[] | { readonly problem: Problem }> {
  if (domain.isReadOnly()) return [];
  const read = await domain.readLists(context);
  return 'problem' in read ? read : read.lists;
}

function sendPage(
  { reader, domain, send }: AdminRequest,
  asked: Asked,
  lists: readonly ListSettings[],
  { problem, ...said }: Outcome,
  found?: ReturnType<typeof viewFound>,
): FastifyReply {
  const words = CUSTOMERS_WORDS[reader.language];
  const isDialer = domain.isReadOnly();
  const view = {
    asked,
    isDialer,
    lists: lists.map(({ listId, name }) => ({ value: String(listId), label: listName(listId, name) })),
    statuses: [...new Set(lists.flatMap(({ statuses }) => statuses))].sort(),
    kinds: Object.entries(words.customers).map(([value, label]) => ({
      value: value === 'any' ? '' : value,
      label,
    })),
    whats: Object.entries(words.whats)
      .filter(([value]) => !isDialer || value === 'export')
      .map(([value, label]) => ({ value, label })),
    found,
    ...said,
  };
  return send({ template: 'customers', title: words.title, words, view, problem });
}
