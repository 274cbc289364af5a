import type { ListScope } from '../core/lead.ts';
import type { LookupResult, LeadStore } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import type { Account, AccountStore } from '../core/account-store.ts';
import type { Clock } from '../core/clock.ts';
import { NO_CREDENTIALS, type CredentialStore, type Token, type TokenScope } from '../core/credential-store.ts';
import type { Endpoint } from '../core/lookup-event.ts';
import { createRateLimit, networkOf } from '../throttle/rate-limit.ts';
import { digestOf, fingerprintOf, isSessionSecret, isTokenSecret } from './secrets.ts';

/** Somebody with a secret that stands for a password: a token, or the session of a user at the card. */
export interface SecretCredentials {
  readonly kind: 'token' | 'session';
  readonly secret: string;
}

/** Who came in by a key, and what there is for them. */
export interface TokenHolder {
  /** What rights and limits go by. */
  readonly account: Pick<Account, 'id' | 'name' | 'mayUseApi'>;
  readonly find: () => LookupResult | undefined | Promise<LookupResult | undefined>;
  readonly scope: () => ListScope | Promise<ListScope>;
}

/** `user` is known for a key that was good once. */
export interface TokenRefusal {
  readonly user: string | undefined;
  readonly problem: Problem;
}

export type AuthenticateToken = (
  asker: SecretCredentials,
  at: { readonly door: Endpoint; readonly address: string },
  question: LookupQuery | undefined,
) => Promise<TokenHolder | TokenRefusal>;

export interface TokenPorts {
  readonly keys?: CredentialStore;
  readonly accounts: AccountStore;
  readonly leads: LeadStore;
  readonly clock: Clock;
}

/** What each scope opens, exactly: a token that stands in the URLs of telephones must open nothing else. */
const DOORS_OF: Readonly<Record<TokenScope, readonly Endpoint[]>> = {
  api: ['api'],
  'caller-id': ['caller-id'],
};

/** Wrong keys a second of one network; twice that in a burst. A program whose token has expired asks no faster. */
const WRONG_PER_SECOND = 10;

const INVALID: Problem = { code: 'credentials_invalid' };

/**
 * Checks keys: by their digest, and whatever is wrong with one is the same refusal. Nobody guesses 256 bits, so wrong keys lock
 * nothing; they are only slowed, tokens by network, too.
 */
export function createAuthenticateToken({
  keys = NO_CREDENTIALS,
  accounts,
  leads,
  clock,
}: TokenPorts): AuthenticateToken {
  const takeWrong = createRateLimit(WRONG_PER_SECOND, clock);

  function refuse(address: string, user: string | undefined): TokenRefusal {
    const retryAfterSeconds = takeWrong(networkOf(address));
    return { user, problem: retryAfterSeconds === 0 ? INVALID : { code: 'rate_limited', retryAfterSeconds } };
  }

  async function openByToken(
    secret: string,
    { door, address }: Parameters<AuthenticateToken>[1],
    question: LookupQuery | undefined,
  ): Promise<TokenHolder | TokenRefusal> {
    const token = isTokenSecret(secret) ? await keys.findToken(digestOf(secret)) : undefined;
    const isGood =
      token !== undefined &&
      !token.isRevoked &&
      clock.wall() < token.expiresAt &&
      DOORS_OF[token.scope].includes(door);
    if (!isGood) return refuse(address, token === undefined ? undefined : tokenUser(token));
    const name = tokenUser(token);
    return {
      account: { id: `token:${token.id}`, name, mayUseApi: true },
      find: () => (question === undefined ? undefined : leads.find(question, token.lists)),
      scope: () => token.lists,
    };
  }

  /** The user's row is read as for a password, so that whatever changes in it counts at once. */
  async function openBySession(
    secret: string,
    { door }: Parameters<AuthenticateToken>[1],
    question: LookupQuery | undefined,
  ): Promise<TokenHolder | TokenRefusal> {
    const isOne = door === 'card' && isSessionSecret(secret);
    const session = isOne ? await keys.findSession(digestOf(secret)) : undefined;
    // Never that too many keys were wrong: an agent whose session is over must come to the sign-in, whatever others send.
    const isOver = { user: session?.userName, problem: INVALID };
    if (session === undefined || clock.wall() >= session.expiresAt) return isOver;
    const { account, ...visit } = await accounts.account(session.userName, question);
    if (account?.active !== true || fingerprintOf(account, secret) !== session.fingerprint) return isOver;
    return { account, find: () => visit.find(), scope: () => visit.scope() };
  }

  return ({ kind, secret }, at, question) =>
    kind === 'token' ? openByToken(secret, at, question) : openBySession(secret, at, question);
}

/** As log and audit name the holder of a token. */
function tokenUser({ name }: Token): string {
  return `token:${name}`;
}
