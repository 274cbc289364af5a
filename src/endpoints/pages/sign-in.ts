import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Problem } from '../../core/problem.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { callerAddress } from '../../http/request-context.ts';
import { SESSION_MS } from '../../service/sessions.ts';
import { browserName } from './browser-name.ts';
import { formTokenOf, isEncrypted, isOwnForm, readCookie, setCookie } from './cookies.ts';

/** Begins the session of whoever sent the sign-in form, in place of the one that the browser has. */
export async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ readonly secret: string } | { readonly problem: Problem } | 'no form of ours'> {
  const form = formOf(request);
  if (!isOwnForm(request, form.get('token'), readCookie(request, 'form'))) return 'no form of ours';
  return beginSession(request, reply, {
    name: form.get('user') ?? '',
    password: form.get('password') ?? '',
  });
}

/** Begins the session of a user in place of the one that the browser has. */
export async function beginSession(
  request: FastifyRequest,
  reply: FastifyReply,
  user: { readonly name: string; readonly password: string },
): Promise<{ readonly secret: string } | { readonly problem: Problem }> {
  const from = {
    ...{ requestId: request.id, address: callerAddress(request) },
    browser: browserName(request.headers['user-agent']),
  };
  const outcome = await domainContextOf(request).signIn({ ...from, ...user });
  if ('problem' in outcome) return outcome;
  const before = readCookie(request, 'session');
  if (before !== undefined) await endSession(request, before);
  setCookie(reply, 'session', outcome.secret, SESSION_MS / 1000);
  return { secret: outcome.secret };
}

/** @returns false: the form is none of ours, and the session stays */
export async function signOut(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const secret = readCookie(request, 'session');
  if (secret === undefined || !isOwnForm(request, formOf(request).get('token'), formTokenOf(secret))) {
    return false;
  }
  await endSession(request, secret);
  // Without them no address in the browser's history says any longer whose card it was.
  setCookie(reply, 'session', '', 0);
  setCookie(reply, 'form', '', 0);
  return true;
}

/** A failure is logged; the browser forgets the session in any case. */
async function endSession(request: FastifyRequest, secret: string): Promise<void> {
  const problem = await domainContextOf(request).signOut(secret);
  if (problem !== undefined)
    request.log.error({ requestId: request.id, problem: problem.code }, 'a session stays');
}

export function formOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}

/** Whether others on the way could read a password. */
export function isReadable(request: FastifyRequest): boolean {
  return !isEncrypted(request) && !isThisMachine(request.hostname);
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
