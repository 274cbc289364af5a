import type { FastifyReply } from 'fastify';

import type { Problem } from '../../../core/problem.ts';
import { searchParamsOf } from '../../../http/query-params.ts';
import type { ConsolePage } from '../console-page.ts';
import type { AdminRequest } from '../admin-request.ts';
import { SHELL_WORDS } from '../shell-words.ts';
import { readAct } from './read-act.ts';
import { REFUSAL_WORDS } from '../../pages/refusal-words.ts';
import { USERS_WORDS, type UsersWords } from './users-words.ts';
import { type ShownPart, viewUsers } from './view-users.ts';

/** Who may do what: users, their sessions, and tokens. */
export const USERS: ConsolePage = {
  path: '/console/users',
  label: { en: USERS_WORDS.en.title, es: USERS_WORDS.es.title },
  addRoutes({ show, act }) {
    show('/console/users', (admin) => showUsers(admin, {}, { page: pageIn(searchParamsOf(admin.request)) }));
    act('/console/users/act', actOnUsers);
  },
};

/** What became of a form, for the page that says so. */
interface Outcome {
  readonly problem?: Problem;
  readonly wrong?: string;
  readonly done?: string;
  /** Of a new token. */
  readonly secret?: string | undefined;
}

/** @returns undefined: none is named */
function pageIn(params: URLSearchParams): number | undefined {
  const text = params.get('page') ?? '';
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

async function showUsers(admin: AdminRequest, outcome: Outcome, part: ShownPart): Promise<FastifyReply> {
  const { reader, domain, context, send, refuse } = admin;
  const words: UsersWords = USERS_WORDS[reader.language];
  const accounts = await domain.readAccounts(context);
  if ('problem' in accounts) return refuse(accounts.problem);
  const { problem, ...said } = outcome;
  const view = { ...viewUsers(accounts, reader, words, part), ...said };
  return send({ template: 'users', title: words.title, words, view, problem });
}

/** Does what one of the forms asks for, with the admin's own password. */
async function actOnUsers(admin: AdminRequest): Promise<FastifyReply> {
  const { reader, domain, context, form, user } = admin;
  const words: UsersWords = USERS_WORDS[reader.language];
  const read = readAct(form, user, Date.now());
  const part = { name: form.get('name') ?? undefined };
  const malformed: Problem = { code: 'parameter_malformed', faults: [] };
  if (read === undefined) return admin.refuse({ code: 'parameters_missing' });
  if ('fault' in read)
    return showUsers(
      admin,
      { problem: malformed, wrong: { ...SHELL_WORDS[reader.language], ...words }[read.fault] },
      part,
    );
  const credentials = { kind: 'user', name: user, password: form.get('own-password') ?? '' } as const;
  const { act } = read;
  const acted = await domain.actOnAccount({ ...context, credentials, asUser: user, act });
  if ('problem' in acted) {
    const { problem } = acted;
    return problem.code === 'credentials_invalid'
      ? showUsers(admin, { problem, wrong: words.wrongPassword }, part)
      : admin.refuse(problem);
  }
  if ('refusal' in acted) {
    const { refusal, about } = acted;
    return showUsers(
      admin,
      { problem: malformed, wrong: REFUSAL_WORDS[reader.language][refusal](about) },
      part,
    );
  }
  const { secret } = acted;
  const done = secret === undefined ? words.done : words.newSecret(act.name);
  return showUsers(admin, { done, secret }, part);
}
