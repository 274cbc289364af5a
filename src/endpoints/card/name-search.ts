import type { FastifyReply } from 'fastify';

import type { TextPage } from '../../core/lead-store.ts';
import type { ListNames } from '../../service/list-names.ts';
import type { Problem } from '../../core/problem.ts';
import { setStatus } from '../pages/status.ts';
import { noticePage, type PageContext, sendPage } from './answer.ts';
import { type Editor, refuse } from './editor.ts';
import type { Notice } from '../pages/notice.ts';
import { namedPage } from './view-matches.ts';

/** So many people with a name are offered: each has a key, counts as a lookup, and is a record of the audit. */
const OFFERED = 9;

type Searcher = Pick<Editor, 'domain' | 'reading' | 'context'>;

/** `lists`: the names of theirs. */
type NamedPeople = TextPage & { readonly lists: ListNames };

/** Finds those who have the words that somebody typed. `notice`: why nobody is shown. */
export async function findNamed(
  { domain, reading, context }: Searcher,
  text: string,
): Promise<NamedPeople | { readonly problem: Problem; readonly notice: Notice }> {
  const page = { offset: 0, limit: OFFERED };
  const answer = await domain.searchText({ ...reading, text, field: 'q', page, withLists: true });
  if ('problem' in answer) return { ...answer, notice: noticePage(answer.problem, context.reader.language) };
  if (answer.page.total > 0) return { ...answer.page, lists: answer.lists };
  const { nobodyNamed, stillIndexing } = context.words;
  const notice = nobodyNamed(text);
  return {
    problem: { code: 'lead_not_found', asked: '' },
    notice: answer.page.isIndexing ? { ...notice, text: `${notice.text} ${stillIndexing}` } : notice,
  };
}

/** Shows the customer of a name, or several to choose from. */
export async function showNamed(
  searcher: Omit<Editor, 'form' | 'editing'>,
  text: string,
): Promise<FastifyReply> {
  const { context, domain, reading, secret } = searcher;
  const caller = await domain.identify(reading, 0);
  if ('problem' in caller) return refuse(context, caller.problem);
  const found = await findNamed(searcher, text);
  const session = { user: caller.user, secret };
  if ('problem' in found) return sendNotice(context, found, session);
  const [only] = found.total === 1 ? found.matches : [];
  return only === undefined
    ? sendPage(context, namedPage(found, context, domain.numbering()), session)
    : context.reply.redirect(context.addressOf({ lead: String(only.lead.lead_id) }), 303);
}

function sendNotice(
  context: PageContext,
  { problem, notice }: { readonly problem: Problem; readonly notice: Notice },
  session: { readonly user: string; readonly secret: string },
): FastifyReply {
  setStatus(context.reply, problem);
  return sendPage(context, { template: 'notice', title: notice.title, text: notice.text }, session);
}
