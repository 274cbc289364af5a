import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { searchParamsOf } from '../../http/query-params.ts';
import type { OwnAccount } from '../../service/own-account.ts';
import { placeOfSession } from '../pages/browser-name.ts';
import { readCookie } from '../pages/cookies.ts';
import { readNewPassword } from '../pages/new-password.ts';
import { noticeOf } from '../pages/problem-words.ts';
import type { Reader } from '../pages/reader.ts';
import { REFUSAL_WORDS } from '../pages/refusal-words.ts';
import { beginSession } from '../pages/sign-in.ts';
import { setStatus } from '../pages/status.ts';
import { ACCOUNT_WORDS } from './account-words.ts';
import { createPageContext, type PageContext, sendPage, sendSignIn } from './answer.ts';
import { cardContextOf } from './card-session.ts';
import { type Editor, refuse, withEditor } from './editor.ts';
import type { AccountPage } from './page-parts.ts';
import type { WritePage } from './pages.ts';

const PATH = '/card/account';

/** What people do to their own account, by the address of its form. */
const ACTIONS: Readonly<Record<string, (editor: Editor) => Promise<FastifyReply>>> = {
  [`${PATH}/password`]: changePassword,
  [`${PATH}/sessions`]: endSessions,
};

/** Addresses of forms. */
export const ACCOUNT_PATHS: readonly string[] = Object.keys(ACTIONS);
export const ACCOUNT_PAGE = PATH;

/** The page on which whoever is signed in changes their password, and sees and ends their sessions. */
export function addAccount(app: FastifyInstance, write: WritePage): void {
  app.get(PATH, (request, reply) => showAccount(request, reply, write));
  for (const [path, act] of Object.entries(ACTIONS)) {
    app.post(path, (request, reply) => withEditor(request, reply, write, act));
    // For reloads of a form's address.
    app.get(path, (_request, reply) => reply.redirect(PATH, 303));
  }
}

interface Outcome {
  readonly wrong?: string;
  readonly done?: string | undefined;
  readonly problem?: Problem;
}

async function showAccount(
  request: FastifyRequest,
  reply: FastifyReply,
  write: WritePage,
): Promise<FastifyReply> {
  const context = createPageContext(request, reply, write);
  const secret = readCookie(request, 'session');
  if (secret === undefined) return sendSignIn(context);
  const words = ACCOUNT_WORDS[context.reader.language];
  const done = searchParamsOf(request).get('done');
  const said = done === 'password' ? words.changed : done === 'sessions' ? words.ended : undefined;
  return sendAccount(context, secret, { done: said });
}

async function sendAccount(
  context: PageContext,
  secret: string,
  { problem, wrong, done }: Outcome,
): Promise<FastifyReply> {
  const { request, reply, reader } = context;
  const account = await domainContextOf(request).readOwnAccount(cardContextOf(request, secret));
  if ('problem' in account) return refuse(context, account.problem);
  if (problem !== undefined) setStatus(reply, problem);
  const { user } = account;
  return sendPage(context, { ...viewAccount(account, reader), wrong, done }, { user, secret });
}

function viewAccount(
  { sessions, isDialer }: OwnAccount,
  { language, tag }: Reader,
): Omit<AccountPage, 'wrong' | 'done'> {
  const words = ACCOUNT_WORDS[language];
  const at = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    template: 'account',
    words,
    isDialer,
    sessions: sessions.map((session) => {
      const { digest, beganAt, expiresAt, isThis, lastSeenAt } = session;
      const from = at.format(beganAt);
      const seen = isThis || lastSeenAt === 0 ? undefined : words.seen(at.format(lastSeenAt));
      return {
        ...{ digest, isThis, where: placeOfSession(session) },
        ...{ label: words.since(from, at.format(expiresAt)), seen, end: words.endSince(from) },
      };
    }),
  };
}

const MALFORMED: Problem = { code: 'parameter_malformed', faults: [] };

async function changePassword({ context, domain, form, secret, reading }: Editor): Promise<FastifyReply> {
  const { request, reply, reader } = context;
  const words = ACCOUNT_WORDS[reader.language];
  const caller = await domain.identify(reading, 0);
  if ('problem' in caller) return refuse(context, caller.problem);
  const read = readNewPassword(form);
  if ('fault' in read)
    return sendAccount(context, secret, { problem: MALFORMED, wrong: context.words[read.fault] });
  const { password } = read;
  const { user: name } = caller;
  const credentials = { kind: 'user', name, password: form.get('old-password') ?? '' } as const;
  const set = await domain.setOwnPassword({ ...reading, credentials, asUser: name, password });
  if ('problem' in set) {
    const { problem } = set;
    const wrong =
      problem.code === 'credentials_invalid' ? words.wrongOld : noticeOf(problem, reader.language).title;
    return sendAccount(context, secret, { problem, wrong });
  }
  if ('refusal' in set)
    return sendAccount(context, secret, {
      problem: MALFORMED,
      wrong:
        set.refusal === 'rights_of_dialer' ? words.dialer : REFUSAL_WORDS[reader.language][set.refusal](name),
    });
  // The one that asks has ended, too. Where no other begins, the page asks for name and password.
  await beginSession(request, reply, { name, password });
  return reply.redirect(`${PATH}?done=password`, 303);
}

async function endSessions({ context, domain, form, reading }: Editor): Promise<FastifyReply> {
  const ended = await domain.endOwnSessions({ ...reading, session: form.get('session') ?? undefined });
  if ('problem' in ended) return refuse(context, ended.problem);
  return context.reply.redirect(`${PATH}?done=sessions`, 303);
}
