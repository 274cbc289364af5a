import { hash, randomBytes } from 'node:crypto';

import type { AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountSnapshot } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import { type Clock, oncePerTick } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import { EVERY_RIGHT, type Right, RIGHT_BIT, type Rights } from '../core/rights.ts';
import type { Store } from '../core/store.ts';
import { createRateLimit, networkOf } from '../throttle/throttle.ts';
import type { HashLanes } from './hash-queue.ts';
import { CACHE_MS, createPasswordCheck } from './password-check.ts';
import type { Credentials, Principal, RequestContext, Unauthenticated } from './principal.ts';
import { digestOf, fingerprintOf, isSessionSecret, isTokenSecret } from './secrets.ts';

export interface AuthenticationPorts {
  /**
   * The store that is open now.
   *
   * @throws {StoreFailure} it cannot be opened
   */
  readonly store: () => Pick<Store, 'accounts' | 'credentials'>;
  readonly clock: Clock;
  readonly counters: AccessCounters;
  /** Shared by all domains of a process. */
  readonly hashLanes?: HashLanes | undefined;
  /** By which the first admin is made; undefined: by none. */
  readonly firstKey?: string | undefined;
}

/** Wrong tokens a second of one network; twice that in a burst. A program whose token has expired asks no faster. */
const WRONG_TOKENS_PER_SECOND = 10;

type TokenCredentials = Extract<Credentials, { kind: 'token' }>;

const INVALID: Problem = { code: 'credentials_invalid' };

const OPERATOR: Principal = {
  user: 'operator',
  accountId: undefined,
  rights: EVERY_RIGHT,
  viewer: 'every list',
};

/** Who read what the server printed at its start: the operator, over the network, and limited as others there. */
const STARTER: Principal = { ...OPERATOR, accountId: 'first key', rights: RIGHT_BIT.admin };

/**
 * Finds out who a caller is: by passwords, tokens and sessions. Whatever is wrong with a token is the same refusal; nobody guesses 256 bits, so wrong
 * tokens lock nothing and are only throttled by network.
 */
export function createAuthenticate({ store, clock, counters, hashLanes, firstKey }: AuthenticationPorts) {
  const checkPassword = createPasswordCheck(() => store().accounts, clock, counters, hashLanes);
  const bySession = createSessionCheck(store);
  const served = createServedCredentials(clock);
  const throttleWrongTokens = createRateLimit(WRONG_TOKENS_PER_SECOND, clock);

  function refuseToken(address: string, user: string | undefined): Unauthenticated {
    const retryAfterSeconds = throttleWrongTokens(networkOf(address));
    return { user, problem: retryAfterSeconds === 0 ? INVALID : { code: 'rate_limited', retryAfterSeconds } };
  }

  async function byPassword(
    { name, password }: { readonly name: string; readonly password: string },
    address: string,
    query: LookupQuery | undefined,
  ): Promise<Principal | Unauthenticated> {
    const { accounts } = store();
    const last = query && accounts.prefetches === true ? served.of(name, password, address) : undefined;
    const verifier = last?.verifier();
    const expected = query && verifier !== undefined ? { query, verifier } : undefined;
    const snapshot = await accounts.read(name, expected);
    const checked = await checkPassword(snapshot, password, address);
    if ('problem' in checked) {
      last?.note(undefined);
      return { user: snapshot.account?.name, problem: checked.problem };
    }
    const { account } = checked;
    const noteOutcome = last && ((isServed: boolean) => last.note(isServed ? account.verifier : undefined));
    return { ...principalOf(account, snapshot), account, noteOutcome };
  }

  async function byToken({ secret, inUrl }: TokenCredentials, { right, address }: RequestContext) {
    const token = isTokenSecret(secret) ? await store().credentials.findToken(digestOf(secret)) : undefined;
    if (token === undefined) return refuseToken(address, undefined);
    const { rights } = token;
    const isMeant = isMeantFor(rights, right, inUrl);
    // As log and audit name its holder.
    const user = `token:${token.name}`;
    // The end is a date; a clock that was set back does not bring back a token that the store saw end.
    const now = Math.max(clock.wall(), store().credentials.now());
    if (token.isRevoked || now >= token.expiresAt || !isMeant) return refuseToken(address, user);
    return { user, accountId: `token:${token.id}`, rights, viewer: token.lists };
  }

  /** @param query what the caller asks for, which a database over a network reads in the same trip as an account that it expects */
  return (context: RequestContext, query: LookupQuery | undefined): Promise<Principal | Unauthenticated> => {
    const { credentials } = context;
    switch (credentials.kind) {
      case 'user':
        return byPassword(credentials, context.address, query);
      case 'token':
        return byToken(credentials, context);
      case 'session':
        return bySession(credentials.secret, context);
      case 'first key':
        return Promise.resolve(
          isFirstKey(credentials.secret, firstKey) ? STARTER : refuseToken(context.address, undefined),
        );
      case 'operator':
        return Promise.resolve(OPERATOR);
    }
  };
}

/** Digests are compared: how long it takes says nothing of the key. */
function isFirstKey(secret: string, firstKey: string | undefined): boolean {
  return firstKey !== undefined && digestOf(secret) === digestOf(firstKey);
}

/**
 * One that tells who a caller is, or that notifies calls, and nothing else, may stand in a URL, which others log. The first opens
 * nothing else; all others open nothing in one.
 */
function isMeantFor(rights: Rights, right: Right, inUrl: true | undefined): boolean {
  if (rights === RIGHT_BIT['caller-id']) return right === 'caller-id';
  return inUrl !== true || (rights === RIGHT_BIT.calls && right === 'calls');
}

const SERVED_LIMIT = 10_000;

/**
 * Whose last request was served: with the same name and password from the same network the next one will most probably be,
 * too, so that its lead may be read together with the account. It lets nobody in.
 */
function createServedCredentials(clock: Clock) {
  const secret = randomBytes(32).toString('base64');
  const digest = oncePerTick((text) => hash('sha256', text, 'binary'));
  const verifiers = new BoundedMap<string, { readonly verifier: string; readonly until: number } | undefined>(
    SERVED_LIMIT,
  );
  return {
    of(name: string, password: string, address: string) {
      const key = digest(`${secret}\0${networkOf(address)}\0${name}\0${password}`);
      const found = verifiers.get(key);
      const verifier = found && clock.monotonic() < found.until ? found.verifier : undefined;
      return {
        /** The stored verifier that the password fitted; undefined: it is not known to fit. */
        verifier: () => verifier,
        /** @param now the verifier that it fits; undefined: the request was refused */
        note(now: string | undefined): void {
          if (now === verifier) return;
          verifiers.set(
            key,
            now === undefined ? undefined : { verifier: now, until: clock.monotonic() + CACHE_MS },
          );
        },
      };
    },
  };
}

/** When a session was last made use of is noted so often at most: for people, who look where they are signed in. */
const SEEN_MS = 5 * 60 * 1000;

/** Who a session stands for. The user's row is read as for a password, so that whatever changes in it counts at once. */
function createSessionCheck(store: AuthenticationPorts['store']) {
  /** Nobody waits for it, and where it fails the next request tries again. */
  function noteSeen(session: string, lastSeenAt: number): void {
    const { credentials } = store();
    const now = credentials.now();
    if (now - lastSeenAt >= SEEN_MS) credentials.seeSession(session, now).catch(() => undefined);
  }

  return async (secret: string, { endpoint }: RequestContext): Promise<Principal | Unauthenticated> => {
    const mayBeOne = (endpoint === 'card' || endpoint === 'console') && isSessionSecret(secret);
    const digest = mayBeOne ? digestOf(secret) : '';
    const session = mayBeOne ? await store().credentials.findSession(digest) : undefined;
    // Never throttled: an agent whose session is over must come to the sign-in, whatever others send.
    const isOver = { user: session?.userName, problem: INVALID };
    if (session === undefined || store().credentials.now() >= session.expiresAt) return isOver;
    const snapshot = await store().accounts.read(session.userName);
    const { account } = snapshot;
    if (
      account !== undefined &&
      maySeeCards(account) &&
      fingerprintOf(account, secret) === session.fingerprint
    ) {
      noteSeen(digest, session.lastSeenAt);
      return { ...principalOf(account, snapshot), isSession: true };
    }
    // It does not come back with the right. Nobody waits for that: here it is refused in any case.
    const dropped = store().credentials.dropSession(digest);
    dropped.catch(() => undefined);
    return isOver;
  };
}

function maySeeCards({ active, rights }: Account): boolean {
  return active && (rights & RIGHT_BIT.card) !== 0;
}

function principalOf({ id, name, rights }: Account, viewer: AccountSnapshot): Principal {
  return { user: name, accountId: id, rights, viewer };
}
