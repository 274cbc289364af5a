import type { FastifyReply } from 'fastify';

import { valueOf } from '../../../core/lead-state.ts';
import { joinName } from '../../../core/person-names.ts';
import type { DescribedPerson, KeptLead } from '../../../core/person-store.ts';
import type { Problem } from '../../../core/problem.ts';
import type { DueData } from '../../../core/due-data.ts';
import { PERSON_WORDS, personDocument, personPage, type ShownPerson } from '../../../files/person-page.ts';
import { noticeOf } from '../../pages/problem-words.ts';
import type { AdminRequest } from '../admin-request.ts';
import type { ConsolePage } from '../console-page.ts';
import { findPeople, type Meant, meantBy, meantIn } from './find-people.ts';
import { PRIVACY_WORDS } from './privacy-words.ts';
import { viewReceipt } from './view-receipt.ts';

/** What is kept of a person: found, shown, handed over, erased; and for how long. */
export const PRIVACY: ConsolePage = {
  path: '/console/privacy',
  label: { en: PRIVACY_WORDS.en.title, es: PRIVACY_WORDS.es.title },
  addRoutes({ show, act }) {
    show('/console/privacy', (admin) => sendPage(admin, {}));
    act('/console/privacy/find', find);
    act('/console/privacy/show', showPerson);
    act('/console/privacy/export', exportPerson);
    act('/console/privacy/erase', erase);
    act('/console/privacy/due', showDue);
  },
};

/** What a field takes. */
const LONGEST = 200;
const MALFORMED: Problem = { code: 'parameter_malformed', faults: [] };

interface Outcome {
  readonly problem?: Problem;
  readonly wrong?: string;
  readonly [part: string]: unknown;
}

function sendPage({ reader, domain, send }: AdminRequest, { problem, ...shown }: Outcome): FastifyReply {
  const words = PRIVACY_WORDS[reader.language];
  const view = { text: '', isDialer: domain.isReadOnly(), ...shown };
  return send({ template: 'privacy', title: words.title, words, view, problem });
}

async function find(admin: AdminRequest): Promise<FastifyReply> {
  const words = PRIVACY_WORDS[admin.reader.language];
  const text = (admin.form.get('text') ?? '').trim().slice(0, LONGEST);
  const [, id] = /^#(\d{1,10})$/.exec(text) ?? [];
  if (id !== undefined) return sendPerson(admin, meantBy([Number(id)]));
  if (text === '') return sendPage(admin, { problem: MALFORMED, wrong: words.badText });
  const found = await findPeople(admin, text);
  if (!('problem' in found)) {
    const more = found.more > 0 ? words.more(String(found.more)) : undefined;
    const called = found.called && { ...found.called, said: words.called(String(found.called.calls)) };
    return sendPage(admin, { text, found: { ...found, more, called } });
  }
  const { problem } = found;
  return problem.code === 'parameter_malformed'
    ? sendPage(admin, { text, problem, wrong: words.badText })
    : admin.refuse(problem);
}

function showPerson(admin: AdminRequest): Promise<FastifyReply> | FastifyReply {
  const meant = meantIn(admin.form);
  return meant === undefined ? sendNobody(admin) : sendPerson(admin, meant);
}

function sendNobody(admin: AdminRequest): FastifyReply {
  const { nobodyChosen } = PRIVACY_WORDS[admin.reader.language];
  return sendPage(admin, { problem: MALFORMED, wrong: nobodyChosen });
}

async function sendPerson(admin: AdminRequest, meant: Meant): Promise<FastifyReply> {
  const read = await admin.domain.readPerson({ ...admin.context, sent: meant.sent });
  if ('problem' in read) return admin.refuse(read.problem);
  const words = PERSON_WORDS[admin.reader.language];
  const person = personDocument(shownOf(read.person, meant.leadIds), new Date(), words);
  return sendPage(admin, { person: { ...person, none: words.none }, ...chosenOf(meant) });
}

/** What the forms of a page send again. */
function chosenOf({ sent }: Meant) {
  return 'phone' in sent ? { leads: [], phone: sent.phone } : { leads: sent.lead_ids.map(String) };
}

/** Of this host’s domain, which has no need of its name. */
function shownOf(person: DescribedPerson, leadIds: readonly number[]): ShownPerson {
  return { ...person, domain: undefined, leadIds };
}

/** For programs, or to read and print. */
async function exportPerson(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context, reader, reply, refuse } = admin;
  const meant = meantIn(form);
  if (meant === undefined) return sendNobody(admin);
  const { leadIds, sent } = meant;
  const exported = await domain.exportPerson({ ...context, sent });
  if ('problem' in exported) return refuse(exported.problem);
  const { document, person } = exported;
  const isPage = form.get('as') === 'page';
  const name = `person-${leadIds[0] ?? 'calls'}.${isPage ? 'html' : 'json'}`;
  void reply.header('content-disposition', `attachment; filename="${name}"`);
  return isPage
    ? reply
        .type('text/html; charset=utf-8')
        .send(personPage(shownOf(person, leadIds), new Date(), PERSON_WORDS[reader.language]))
    : reply.type('application/json; charset=utf-8').send(`${JSON.stringify(document, null, 2)}\n`);
}

/** First it says what will go; then it takes the admin’s password. */
async function erase(admin: AdminRequest): Promise<FastifyReply> {
  const { form, domain, context, user, reader, refuse } = admin;
  const words = PRIVACY_WORDS[reader.language];
  const meant = meantIn(form);
  if (meant === undefined) return sendNobody(admin);
  const password = form.get('own-password');
  if (password === null) return askToErase(admin, meant);
  const credentials = { kind: 'user', name: user, password } as const;
  const { sent } = meant;
  const erased = await domain.erasePerson({ ...context, credentials, asUser: user, sent });
  if (!('problem' in erased)) return sendPage(admin, { receipt: viewReceipt(erased.receipt, reader, words) });
  const { problem } = erased;
  return problem.code === 'credentials_invalid'
    ? askToErase(admin, meant, { problem, wrong: words.wrongPassword })
    : refuse(problem);
}

async function askToErase(admin: AdminRequest, meant: Meant, outcome: Outcome = {}): Promise<FastifyReply> {
  const { domain, context, reader, refuse } = admin;
  const read = await domain.readPerson({ ...context, sent: meant.sent });
  if ('problem' in read) return refuse(read.problem);
  const words = PRIVACY_WORDS[reader.language];
  const { leads, calls } = read.person;
  const goes = [
    ...(leads?.map((lead) => goingOf(lead, words)) ?? meant.leadIds.map((id) => words.leadOf(String(id)))),
    ...(calls.length > 0 ? [words.called(String(calls.length))] : []),
  ];
  return sendPage(admin, { erasing: { goes }, ...chosenOf(meant), ...outcome });
}

function goingOf({ leadId, state, timeline }: KeptLead, words: typeof PRIVACY_WORDS.en): string {
  const parts = ['first_name', 'middle_initial', 'last_name'].map((field) => {
    const value = valueOf(state, field);
    return typeof value === 'string' ? value : null;
  });
  const name = joinName(parts) || words.noName;
  return `${words.leadOf(String(leadId))}: ${name}; ${words.entries(String(timeline.length))}`;
}

/** Whose time is over by the setting `retention`. */
async function showDue(admin: AdminRequest): Promise<FastifyReply> {
  const { domain, context, reader, refuse } = admin;
  const words = PRIVACY_WORDS[reader.language];
  const read = await domain.readDue(context);
  if (!('problem' in read)) return sendPage(admin, { due: viewDue(read.due, words) });
  const { problem } = read;
  return problem.code === 'overloaded'
    ? sendPage(admin, { problem, wrong: noticeOf(problem, reader.language).title })
    : refuse(problem);
}

function viewDue(due: DueData | undefined, words: typeof PRIVACY_WORDS.en) {
  if (due === undefined) return { note: words.notHere, rules: [] };
  const { rules, calls } = due;
  if (rules.length === 0) return { note: words.noRules, rules };
  return {
    note: words.calls(String(calls.count)),
    rules: rules.map(({ listId, days, leads }) => ({
      list: listId === '*' ? words.others : String(listId),
      days: String(days),
      leads: String(leads),
    })),
  };
}
